"""The clips of a broadcast on this box: whether they are here, and whether they are still what was promised."""

from hashlib import file_digest

from edge_agent.clipfiles import ClipFiles
from edge_agent.counters import Counters
from edge_agent.database import DiskTrouble
from schedules.model import Broadcast
from schedules.units import UtcMs


class Media:
    """For the conductor's thread."""

    def __init__(self, files: ClipFiles, counters: Counters) -> None:
        self._files = files
        self._counters = counters

    def whole(self, broadcast: Broadcast) -> bool:
        """All of it is here."""
        return all(self._files.has(clip.id) for clip in broadcast.clips)

    def true(self, broadcast: Broadcast) -> bool:
        """The hash of each clip is checked again before it sounds; a damaged one is forgotten, to be fetched anew.

        Raises DiskTrouble when one cannot be read.
        """
        for clip in broadcast.clips:
            path = self._files.path(clip.id)
            try:
                with path.open("rb") as file:
                    true = file_digest(file, "sha256").hexdigest() == clip.id
                if not true:
                    self._counters.add("refused_media")
                    path.unlink()
                    return False
            except OSError as error:
                raise DiskTrouble(str(error)) from error
        return True

    def used(self, broadcast: Broadcast, now: UtcMs) -> None:
        """It is heard now."""
        for clip in broadcast.clips:
            self._files.used(clip.id, now)
