"""The clips on this box's disk: whole ones, and partial ones that prove themselves chunk by chunk.

A partial clip is two files: its index, and the chunks written at their places. Which chunks are good is not noted
anywhere: after a kill they are hashed against the index, so nothing that a power cut left behind is believed.
"""

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from audio.clips import ClipStore, fsync_folder
from protocol.clips import chunk_bytes_of, chunk_is, index_sha256
from protocol.codec import dump, load
from protocol.errors import Malformed
from protocol.messages import ClipIndex
from schedules.model import ClipRef
from schedules.units import ClipId, UtcMs

_SYNC_EVERY = 16


class WrongMedia(Exception):
    """The bytes are not those that the signed broadcast names: the sender's fault."""


def read_index(ref: ClipRef, payload: bytes) -> ClipIndex:
    """The index that `ref` asks for. Raises WrongMedia for any other."""
    try:
        index = load(ClipIndex, payload)
    except Malformed as error:
        raise WrongMedia(str(error)) from error
    if index_sha256(index) != ref.index_sha256 or index.clip != ref.id or index.size_bytes != ref.size_bytes:
        raise WrongMedia("the index is not the one that the broadcast names")
    return index


@dataclass(slots=True)
class Partial:
    """A clip of which some chunks are missing. Not safe from several threads."""

    index: ClipIndex
    missing: set[int]
    _file: IO[bytes]
    _unsynced: int = 0

    @property
    def total(self) -> int:
        return len(self.index.chunks)

    @property
    def have(self) -> int:
        return self.total - len(self.missing)

    def write(self, number: int, data: bytes) -> None:
        """Keep one chunk. WrongMedia when it is not that chunk, OSError when the disk refuses."""
        if not chunk_is(self.index, number, data):
            raise WrongMedia(f"chunk {number} is not the one that the index names")
        self._file.seek(number * self.index.chunk_bytes)
        # Unbuffered, and a disk that is nearly full takes only a part without complaint.
        if self._file.write(data) != len(data):
            raise OSError(errno.ENOSPC, "no room for the whole chunk")
        self.missing.discard(number)
        self._unsynced += 1
        if self._unsynced >= _SYNC_EVERY or not self.missing:
            os.fsync(self._file.fileno())
            self._unsynced = 0

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class Kept:
    """A clip on the disk, or a part of one: how much room it takes, and when it was last of use (Unix time)."""

    clip: ClipId
    size: int
    used_s: float
    whole: bool


class ClipFiles:
    """Folder of clips; `<sha>.index` and `<sha>.part` lie in `partial/` until a clip is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._clips = ClipStore(folder)
        self._partial = folder / "partial"
        self._partial.mkdir(parents=True, exist_ok=True)
        fsync_folder(folder.parent)

    def has(self, clip: ClipId) -> bool:
        return self._clips.has(clip)

    def path(self, clip: ClipId) -> Path:
        return self._clips.path(clip)

    def kept(self) -> list[Kept]:
        """All that takes room here."""
        whole = [*self.folder.glob("??/*.opus")]
        return [each for path in [*whole, *self._partial.iterdir()] if (each := _kept(path)) is not None]

    def partly(self, clip: ClipId) -> int:
        """Bytes that the beginning of a clip that is not whole already takes."""
        each = _kept(self._partial / f"{clip}.part")
        return each.size if each else 0

    def used(self, clip: ClipId, now: UtcMs) -> None:
        """It came or was heard now, by the box's own time: the system's clock may be years off. On a disk that refuses
        this is forgotten."""
        with suppress(OSError):
            os.utime(self.path(clip), ns=(now * 1_000_000, now * 1_000_000))

    def remove(self, clip: ClipId) -> None:
        """Forget it, whole or in part."""
        for path in (self.path(clip), self._partial / f"{clip}.part", self._partial / f"{clip}.index"):
            path.unlink(missing_ok=True)

    def resume(self, ref: ClipRef) -> Partial | None:
        """The partial clip as an earlier run left it, every chunk hashed again; None when there is no index."""
        try:
            payload = (self._partial / f"{ref.id}.index").read_bytes()
            return self._open(read_index(ref, payload))
        except (FileNotFoundError, WrongMedia):
            return None

    def begin(self, ref: ClipRef, payload: bytes) -> Partial:
        """Keep the index that arrived and begin. WrongMedia or OSError."""
        index = read_index(ref, payload)
        target = self._partial / f"{ref.id}.index"
        new = target.with_suffix(".new")
        with new.open("wb") as file:
            file.write(dump(index))
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
        return self._open(index)

    def _open(self, index: ClipIndex) -> Partial:
        path = self._partial / f"{index.clip}.part"
        path.touch()
        file = path.open("r+b", buffering=0)
        missing = set(range(len(index.chunks)))
        for number in range(len(index.chunks)):
            file.seek(number * index.chunk_bytes)
            data = file.read(chunk_bytes_of(index, number))
            if not data:
                break
            if chunk_is(index, number, data):
                missing.discard(number)
        return Partial(index, missing, file)

    def finish(self, partial: Partial, now: UtcMs) -> None:
        """Check the whole and give it its name, got at `now`. WrongMedia (everything begins again) or OSError."""
        clip = partial.index.clip
        part = self._partial / f"{clip}.part"
        partial.close()
        os.truncate(part, partial.index.size_bytes)
        added = self._clips.add(part)
        if added != clip:
            self._clips.remove(added)
        part.unlink()
        (self._partial / f"{clip}.index").unlink(missing_ok=True)
        self.used(clip, now)
        if added != clip:
            raise WrongMedia("the whole clip is not the one that the broadcast names")

    def remove_unused(self, keep: set[ClipId], before_s: float) -> int:
        """Delete clips and partials not in `keep` and not used since `before_s` (Unix time); how many.

        Clips carry the box's time; parts that nobody waits for the system's, and where it is wrong they go too soon.
        """
        removed = 0
        unfinished = self.folder.glob("??/.new-*")
        for path in [*self.folder.glob("??/*.opus"), *unfinished, *self._partial.iterdir()]:
            if ClipId(path.name.partition(".")[0]) not in keep and path.stat().st_mtime < before_s:
                path.unlink(missing_ok=True)
                removed += 1
        return removed


def _kept(path: Path) -> Kept | None:
    """None when it has just gone."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return Kept(ClipId(path.name.partition(".")[0]), state.st_size, state.st_mtime, path.suffix == ".opus")
