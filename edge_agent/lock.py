"""One agent per data folder: whoever writes there holds this lock, and the kernel drops it when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "agent.lock"


class Occupied(Exception):
    """Another process works on this data folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(f"{folder} is in use by process {pid or '?'}: stop it first (systemctl stop loaxa-agent)")
        self.pid = pid


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder for a `with` block, making it if need be. Raises Occupied, OSError when it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Occupied(folder, _holder(folder)) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def holder(folder: Path) -> str:
    """Process id of the agent that holds the folder, "" when none does. Writes nothing."""
    try:
        with (folder / NAME).open("r", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(folder) or "?"
    except OSError:
        return ""
    return ""


def _holder(folder: Path) -> str:
    return (folder / NAME).read_text(encoding="ascii").strip()
