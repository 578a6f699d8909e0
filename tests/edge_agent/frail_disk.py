"""What a power cut may leave of a data folder: whatever was not synced at that instant is dropped, torn or garbled.

What is modelled. Only os.fsync makes a thing last: a file's bytes for the file, names for the folder. At a cut each
sector (512 bytes) of a file written since its last fsync is independently the old or the new one, beyond the old end
also zeros or garbage, and the file ends anywhere between the lengths; one that was never synced may be empty. Each
name made, replaced or removed since the folder's last fsync is independently there or not (stricter than any
journalling file system).

SQLite writes in C and is not watched call by call. It is modelled from what it documents of WAL with synchronous=FULL
(sqlite.org/wal.html): between commits everything is synced; in a COMMIT first the write-ahead log grows (or, begun
anew, its header is written and synced, then its frames), torn like any file until its sync; then, when a checkpoint is
due, the pages of the database are written, torn, with the log whole. `-shm` never survives. Not modelled: a disk that
says that it synced and did not, and the making of the empty database in the box's very first second.
"""

import os
import random
import shutil
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SECTOR = 512
DATABASE = "agent.sqlite3"
WAL = f"{DATABASE}-wal"
_WAL_HEADER = 32


def torn(old: bytes, new: bytes, rng: random.Random) -> bytes:
    """A file of which the way from `old` to `new` was not synced."""
    size = rng.choice([len(old), len(new), rng.randint(min(len(old), len(new)), max(len(old), len(new)))])
    longest = max(len(old), len(new))
    before, after = old.ljust(longest, b"\0"), new.ljust(longest, b"\0")
    out = bytearray(after)
    for at in range(0, longest, SECTOR):
        end = min(at + SECTOR, longest)
        if before[at:end] == after[at:end]:
            continue
        choices = [before[at:end], after[at:end], after[at:end]]
        if at >= len(old):
            choices.append(rng.randbytes(end - at))
        out[at:end] = rng.choice(choices)
    return bytes(out[:size])


@dataclass(frozen=True, slots=True)
class Pair:
    """The database and its write-ahead log."""

    main: bytes
    wal: bytes

    @classmethod
    def read(cls, folder: Path) -> "Pair":
        wal = folder / WAL
        return cls((folder / DATABASE).read_bytes(), wal.read_bytes() if wal.exists() else b"")

    def write(self, folder: Path) -> None:
        (folder / DATABASE).write_bytes(self.main)
        (folder / WAL).write_bytes(self.wal)


def torn_commit(before: Pair, after: Pair, rng: random.Random) -> Pair:
    """The files when the power went in the middle of the COMMIT that leads from `before` to `after`."""
    if after.main != before.main and rng.random() < 0.5:
        return Pair(torn(before.main, after.main, rng), after.wal)
    anew = before.wal[:_WAL_HEADER] != after.wal[:_WAL_HEADER] and before.wal
    if not anew:
        return Pair(before.main, torn(before.wal, after.wal, rng))
    header = after.wal[:_WAL_HEADER] + before.wal[_WAL_HEADER:]
    return Pair(before.main, rng.choice([before.wal, header, torn(header, after.wal, rng)]))


@dataclass
class Survivor:
    """A way to make the folder as it was found when the power came back."""

    what: str
    database: Pair
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def restore(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in sorted(self.folders):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        self.database.write(folder)


class FrailDisk:
    """Watches `folder`; calls `instant(what)` at every moment at which a cut differs from one just before.

    Called from within, `survivor` gives what the folder would be if the power went now.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, instant: Callable[[str], None]) -> None:
        self._folder = folder
        self._instant = instant
        self._synced: dict[int, bytes] = {}
        """By inode: the bytes at the file's last fsync."""
        self._names: dict[str, dict[str, int]] = {}
        """By folder, relative: name → inode at the folder's last fsync."""
        self._held: dict[int, int] = {}
        """By inode: a descriptor, so that the number is not given to another file."""
        self._committing: tuple[Pair, Pair] | None = None
        self._watch(patch)

    def close(self) -> None:
        for descriptor in self._held.values():
            os.close(descriptor)

    def _watch(self, patch: pytest.MonkeyPatch) -> None:
        fsync = os.fsync

        def watched(descriptor: int) -> None:
            self._tell("before fsync")
            fsync(descriptor)
            self._note(descriptor)
            self._tell("after fsync")

        patch.setattr(os, "fsync", watched)
        for name in ("replace", "unlink", "truncate", "mkdir"):
            patch.setattr(os, name, self._around(name, getattr(os, name)))
        disk = self

        class Watched(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                return disk.commit(super().execute) if sql == "COMMIT" else super().execute(sql, *values)

        connect = sqlite3.connect
        patch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=Watched))

    def _around(self, name: str, call: Callable[..., None]) -> Callable[..., None]:
        def watched(*words: Any, **more: Any) -> None:
            call(*words, **more)
            self._tell(f"after {name}")

        return watched

    def _tell(self, what: str) -> None:
        if (self._folder / DATABASE).exists():
            self._instant(what)

    def _note(self, descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if not path.is_relative_to(self._folder):
            return
        state = os.fstat(descriptor)
        if state.st_ino not in self._held:
            self._held[state.st_ino] = os.dup(descriptor)
        if stat.S_ISDIR(state.st_mode):
            self._names[str(path.relative_to(self._folder))] = self._listing(path)
        else:
            self._synced[state.st_ino] = path.read_bytes()

    def _listing(self, folder: Path) -> dict[str, int]:
        found = {entry.name: entry.inode() for entry in os.scandir(folder) if not entry.name.startswith(DATABASE)}
        for name, inode in found.items():
            if inode not in self._held:
                self._held[inode] = os.open(folder / name, os.O_RDONLY)
        return found

    def commit(self, execute: Callable[[str], sqlite3.Cursor]) -> sqlite3.Cursor:
        self._tell("before commit")
        before = Pair.read(self._folder)
        done = execute("COMMIT")
        self._committing = (before, Pair.read(self._folder))
        try:
            self._tell("in commit")
        finally:
            self._committing = None
        return done

    def survivor(self, what: str, rng: random.Random) -> Survivor:
        pair = torn_commit(*self._committing, rng) if self._committing else Pair.read(self._folder)
        survivor = Survivor(what, pair)
        self._survive("", self._folder, survivor, rng)
        return survivor

    def _survive(self, name: str, folder: Path, survivor: Survivor, rng: random.Random) -> None:
        """`folder` is a path of the folder as it is now; one that is gone now and was synced is left empty."""
        now = self._listing(folder) if folder.is_dir() else {}
        last = self._names.get(name or ".", {})
        for entry in sorted({*now, *last}):
            inode = rng.choice([now.get(entry), last.get(entry)])
            if inode is None:
                continue
            path = f"{name}/{entry}" if name else entry
            if stat.S_ISDIR(os.fstat(self._held[inode]).st_mode):
                survivor.folders.add(path)
                self._survive(path, folder / entry, survivor, rng)
            else:
                survivor.files[path] = torn(self._synced.get(inode, b""), self._bytes(inode), rng)

    def _bytes(self, inode: int) -> bytes:
        """As the file is now, also when its name is gone."""
        return Path(f"/proc/self/fd/{self._held[inode]}").read_bytes()
