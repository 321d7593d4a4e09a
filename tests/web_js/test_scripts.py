"""Runs the sentences of *.test.js by Node's own test runner, one pytest test per file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# `make` puts a node beside this Python where the machine has none.
NODE = shutil.which("node", path=f"{os.environ.get('PATH', '')}{os.pathsep}{Path(sys.executable).parent}")


@pytest.mark.skipif(NODE is None, reason="The pages' scripts are tested by Node: apt-get install nodejs.")
@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.js")), ids=lambda file: file.name)
def test_the_scripts_keep_their_word(file: Path) -> None:
    done = subprocess.run([str(NODE), "--test", str(file)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
