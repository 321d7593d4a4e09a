"""Lets a program that refuses to run as root run as nobody. It adds no user and opens no folder to others."""

import os
import pwd
import shutil
import stat
from pathlib import Path

from config.settings import Misconfigured


def instead_of_root() -> list[str]:
    """What to put before a command; nothing when we are not root.

    The command keeps one right of root's: to pass closed folders (such as /root) on the way to its own files.
    """
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise Misconfigured(
            "Postgres does not run as root and `setpriv` (package util-linux) is missing: "
            "use another account or set DATABASE_URL."
        )
    user, group = _nobody()
    rights = "-all,+dac_override"
    return [
        "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups",
        f"--inh-caps={rights}", f"--ambient-caps={rights}", "--",
    ]  # fmt: skip


def owns(folder: Path) -> None:
    """Give the folder to whoever the commands run as."""
    if os.geteuid() == 0:
        os.chown(folder, *_nobody())


def has_to_itself(folder: Path) -> bool:
    """Whether this is a folder that whoever the commands run as owns, and nobody else may enter."""
    try:
        seen = folder.lstat()
    except FileNotFoundError:
        return False
    owner = _nobody()[0] if os.geteuid() == 0 else os.geteuid()
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == owner and not seen.st_mode & 0o077


def _nobody() -> tuple[int, int]:
    try:
        found = pwd.getpwnam("nobody")
    except KeyError:
        raise Misconfigured("Postgres does not run as root and this machine has no user named nobody.") from None
    return found.pw_uid, found.pw_gid
