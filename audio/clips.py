"""Stores of files named by the SHA-256 of their bytes: the clips, prepared and immutable, and the recordings."""

import errno
import hashlib
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar, cast

from schedules.units import ClipId, RecordingId

_HASH = re.compile(r"[0-9a-f]{64}")

Id = TypeVar("Id", bound=str)


class HashedFiles(Generic[Id]):
    """Files `<folder>/<first two hex>/<sha256><suffix>`, each written whole or not at all."""

    def __init__(self, folder: Path, what: str, suffix: str) -> None:
        self._folder, self._what, self._suffix = folder, what, suffix

    def add(self, file: Path) -> Id:
        """Copy `file` into the store and return its name; adding the same bytes again changes nothing.

        The name is durable when this returns. OSError when the disk refuses; then nothing is in the store.
        """
        return self._keep(file, _write_whole)

    def _keep(self, file: Path, put: Callable[[Path, Path], None]) -> Id:
        name = cast(Id, _sha256(file))
        target = self.path(name)
        if target.exists():
            return name
        target.parent.mkdir(parents=True, exist_ok=True)
        fsync_folder(self._folder)
        put(file, target)
        return name

    def path(self, name: Id) -> Path:
        """Where it is, or would be. ValueError unless `name` is 64 lower-case hex digits."""
        if not _HASH.fullmatch(name):
            raise ValueError(f"not a {self._what} id: {name!r}")
        return self._folder / name[:2] / f"{name}{self._suffix}"

    def has(self, name: Id) -> bool:
        return self.path(name).is_file()

    def remove(self, name: Id) -> None:
        """Forget it; no error when it is not there."""
        self.path(name).unlink(missing_ok=True)


class ClipStore(HashedFiles[ClipId]):
    """The prepared sounds, Ogg/Opus."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "clip", ".opus")


class RecordingStore(HashedFiles[RecordingId]):
    """The original sounds as they came, whatever their format."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "recording", "")
        self.lock = threading.Lock()
        """Held by whoever takes a file in, or out, until the database says the same."""

    def take(self, file: Path) -> RecordingId:
        """Move `file` into the store, or away if its bytes are there already; durable when this returns."""
        name = self._keep(file, _move_whole)
        file.unlink(missing_ok=True)
        return name


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _move_whole(source: Path, target: Path) -> None:
    with source.open("rb") as stream:
        os.fsync(stream.fileno())
    source.chmod(0o644)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _write_whole(source, target)
    fsync_folder(target.parent)


def _write_whole(source: Path, target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as stream:
            shutil.copyfileobj(stream, out)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    fsync_folder(target.parent)


def fsync_folder(folder: Path) -> None:
    """What was made, renamed or removed in it lasts when this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
