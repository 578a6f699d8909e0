"""One agent per data folder: whoever writes there holds a lock on the folder itself, dropped when its holder dies.

Nothing is written for it, so that a full or read-only disk is no obstacle.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Occupied(Exception):
    """Another process works on this data folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(f"{folder} is in use by process {pid}: stop it first (systemctl stop loaxa-agent)")
        self.pid = pid


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder for a `with` block, making it if need be. Raises Occupied, or OSError when there is no folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(folder) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Occupied(folder, _holder(descriptor)) from None
        yield


def holder(folder: Path) -> str:
    """Process id of the agent that holds the folder, "?" when it cannot be known, "" when none does."""
    try:
        with _opened(folder) as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(descriptor)
    except OSError:
        return ""
    return ""


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    """From /proc/locks, whose lines end in PID MAJOR:MINOR:INODE START END (proc(5))."""
    inode = str(os.fstat(descriptor).st_ino)
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return "?"
    found = [words[4] for line in lines if "FLOCK" in (words := line.split()) and words[5].split(":")[2] == inode]
    return found[0] if found else "?"
