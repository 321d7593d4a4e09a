"""A thousand stories of one seed each; and the simulator itself, shown to find what is put wrong on purpose."""

import os
import subprocess
import sys

import pytest

from tests.simulator import plants
from tests.simulator.plants import Plant
from tests.simulator.story import Broken, run

SEEDS = 1000
CHUNKS = 8  # so that several processes share them


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_story_ends_with_everybody_seeing_the_same(chunk: int) -> None:
    _run_all(range(chunk, SEEDS, CHUNKS))


@pytest.mark.parametrize("plant", plants.PLANTS, ids=lambda plant: str(plant.__name__))
def test_a_planted_fault_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(Broken, match=r"replay it: python -m tests\.simulator --seed \d+ -v"):
        _run_all(range(SEEDS))


def test_a_seed_is_replayed_to_the_letter_by_any_process() -> None:
    traces = [_trace(seed="17", hashes=hashes) for hashes in ("1", "2", "random")]
    assert len(traces[0].splitlines()) > 100
    assert traces[0] == traces[1] == traces[2]


def test_a_seed_without_a_number_is_refused_with_a_sentence() -> None:
    asked = subprocess.run([*COMMAND, "--seed", "many"], capture_output=True, text=True, check=False)
    assert asked.returncode == 2
    assert "invalid int value" in asked.stderr


def _run_all(seeds: range) -> None:
    for seed in seeds:
        run(seed)


COMMAND = (sys.executable, "-m", "tests.simulator")


def _trace(*, seed: str, hashes: str) -> str:
    environ = {**os.environ, "PYTHONHASHSEED": hashes}
    command = [*COMMAND, "--seed", seed, "-v"]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in said.splitlines() if "s of CPU" not in line)
