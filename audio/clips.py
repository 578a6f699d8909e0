"""The clip store: immutable prepared sounds as files named by the SHA-256 of their bytes."""

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from schedules.units import ClipId

_CLIP_ID = re.compile(r"[0-9a-f]{64}")


class ClipStore:
    """Files `<folder>/<first two hex>/<sha256>.opus`, each written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, file: Path) -> ClipId:
        """Copy `file` into the store and return its name; adding the same bytes again changes nothing.

        The name is durable when this returns. OSError when the disk refuses; then nothing is in the store.
        """
        clip = ClipId(_sha256(file))
        target = self.path(clip)
        if target.exists():
            return clip
        target.parent.mkdir(parents=True, exist_ok=True)
        fsync_folder(self._folder)
        _write_whole(file, target)
        return clip

    def path(self, clip: ClipId) -> Path:
        """Where the clip is, or would be. ValueError unless `clip` is 64 lower-case hex digits."""
        if not _CLIP_ID.fullmatch(clip):
            raise ValueError(f"not a clip id: {clip!r}")
        return self._folder / clip[:2] / f"{clip}.opus"

    def has(self, clip: ClipId) -> bool:
        return self.path(clip).is_file()

    def remove(self, clip: ClipId) -> None:
        """Forget the clip; no error when it is not there."""
        self.path(clip).unlink(missing_ok=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
