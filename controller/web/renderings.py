"""Sounds that people only compare with: made when somebody presses play, kept for the next, the oldest thrown away."""

import threading
from pathlib import Path

from audio.comparing import Kind, render

MOST = 40
"""Files of at most 3 minutes, half a megabyte each."""


class Renderings:
    """Files `<folder>/<kind>-<sha256 of the source>.ogg`; one is made at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def get(self, kind: Kind, name: str, source: Path) -> Path:
        """The sound, made now if need be, which takes some seconds. `name` is the hash of `source`. ComparingFailed."""
        made = self._folder / f"{kind.value}-{name}.ogg"
        with self._lock:
            if not made.is_file():
                self._folder.mkdir(parents=True, exist_ok=True)
                self._throw_away()
                part = made.with_suffix(".part")
                render(kind, source, part)
                part.replace(made)
            made.touch()
        return made

    def _throw_away(self) -> None:
        """What was asked for longest ago, and what a killed process left."""
        for part in self._folder.glob("*.part"):
            part.unlink(missing_ok=True)
        kept = sorted(self._folder.glob("*.ogg"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in kept[MOST - 1 :]:
            file.unlink(missing_ok=True)
