"""Uploads that are on their way: how far each has come is the length of its file, so that no crash can lie about it.

`<id>.part` holds the bytes, `<id>.json` beside it (written whole or not at all) who sends what. The time of the last
change of `<id>.part` is set by the caller's clock; an upload that nobody went on with for KEPT_MS is removed.
"""

import contextlib
import errno
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from audio.clips import fsync_folder
from controller.ids import new_id
from schedules.units import UtcMs

KEPT_MS = 48 * 3_600_000
"""A weekend without a network is longer; but then the person has the file still."""
MOST_EACH = 8
"""So many of one person are kept; the one that rested longest gives way to another."""
SPARE_BYTES = 256 * 1024 * 1024
"""What must stay free of the disk: the database and the preparation write there too."""
_ID = re.compile(r"up-[0-9a-z]{12}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskFull(Exception):
    """There is no room for (the rest of) the upload; what is there is kept."""


class OtherOffset(Exception):
    """The bytes do not begin where the upload stands; `stands` is where that is."""

    def __init__(self, stands: int) -> None:
        super().__init__(f"the upload stands at {stands}")
        self.stands = stands


@dataclass(frozen=True, slots=True)
class Incoming:
    """One upload: whose it is, how long it will be in bytes, how far it is, and until when it is kept."""

    id: str
    owner: str
    length: int
    filename: str
    offset: int = 0
    expires: UtcMs = UtcMs(0)

    @property
    def whole(self) -> bool:
        return self.offset == self.length


class IncomingFiles:
    """The folder of them. Threads may use it at the same time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()

    def begin(self, owner: str, length: int, filename: str, now: UtcMs) -> Incoming:
        """A new upload of `length` bytes. DiskFull when there is no room for it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < length + SPARE_BYTES:
            raise DiskFull
        made = Incoming(new_id("up"), owner, length, filename)
        with self._lock, _folded_full():
            self._make_room(owner)
            _write_whole(self._about(made.id), json.dumps(_told(made)).encode())
            self._bytes(made.id).touch()
            fsync_folder(self._folder)
            _stamp(self._bytes(made.id), now)
        return replace(made, expires=UtcMs(now + KEPT_MS))

    def find(self, upload: str, owner: str) -> Incoming | None:
        """The upload, if it is `owner`'s."""
        found = self._read(upload) if _ID.fullmatch(upload) else None
        return found if found is not None and found.owner == owner else None

    def of(self, owner: str) -> list[Incoming]:
        """All that are `owner`'s, the one that rested longest first."""
        names = (path.stem for path in self._folder.glob("up-*.json"))
        found = (self._read(name) for name in names if _ID.fullmatch(name))
        return sorted((each for each in found if each and each.owner == owner), key=lambda each: each.expires)

    def append(self, upload: Incoming, at: int, data: bytes, now: UtcMs) -> int:
        """Put `data` at its end, which must be `at`, and say how far it is then. OtherOffset, DiskFull, or ValueError
        when it would become longer than it was said to be. KeyError when it was removed meanwhile."""
        if at + len(data) > upload.length:
            raise ValueError("more than was announced")
        with self._lock, _folded_full():
            try:
                file = self._bytes(upload.id).open("r+b")
            except FileNotFoundError as error:
                raise KeyError(upload.id) from error
            with file:
                if (stands := file.seek(0, os.SEEK_END)) != at:
                    raise OtherOffset(stands)
                file.write(data)
            _stamp(self._bytes(upload.id), now)
        return at + len(data)

    def settle(self, upload: Incoming) -> None:
        """Durable, all that was appended so far; DiskFull when the disk says so only now."""
        with contextlib.suppress(FileNotFoundError), _folded_full(), self._bytes(upload.id).open("rb") as file:
            os.fsync(file.fileno())

    def file_of(self, upload: Incoming) -> Path:
        """Where its bytes are; whoever moves the file away calls `remove` then."""
        return self._bytes(upload.id)

    def remove(self, upload: Incoming) -> None:
        with self._lock:
            self._about(upload.id).unlink(missing_ok=True)
            self._bytes(upload.id).unlink(missing_ok=True)

    def clear(self, now: UtcMs) -> None:
        """Remove what nobody went on with, and what a crash left without the other half."""
        with self._lock:
            for path in self._folder.glob("up-*"):
                found = self._read(path.stem) if _ID.fullmatch(path.stem) else None
                if found is None or found.expires <= now:
                    path.unlink(missing_ok=True)

    def _make_room(self, owner: str) -> None:
        kept = self.of(owner)
        for old in kept[: max(0, len(kept) - MOST_EACH + 1)]:
            self.remove(old)

    def _read(self, name: str) -> Incoming | None:
        try:
            told = json.loads(self._about(name).read_bytes())
            with self._lock:  # not between its bytes and their time
                stands = self._bytes(name).stat()
            expires = UtcMs(stands.st_mtime_ns // 1_000_000 + KEPT_MS)
            return Incoming(name, told["owner"], told["length"], told["filename"], stands.st_size, expires)
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def _bytes(self, name: str) -> Path:
        return self._folder / f"{name}.part"

    def _about(self, name: str) -> Path:
        return self._folder / f"{name}.json"


@contextlib.contextmanager
def _folded_full() -> Iterator[None]:
    """DiskFull for what the system calls so."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull from error
        raise


def _told(upload: Incoming) -> dict[str, object]:
    return {name: value for name, value in asdict(upload).items() if name in ("owner", "length", "filename")}


def _stamp(file: Path, now: UtcMs) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.utime(file, ns=(now * 1_000_000,) * 2)


def _write_whole(target: Path, data: bytes) -> None:
    temporary = target.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)
