"""Knows whether the disk of the data folder still takes what is written to it, and says what is wrong in one word.

A worn card is often noticed by nobody until something must be kept. So a small file is written and synced every
LOOK_S seconds, also while nothing else is; and at once when a write of another part was refused.
"""

import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

from edge_agent.clock import Clock

_log = logging.getLogger(__name__)

LOOK_S = 20.0
FULL = "disk_full"
READ_ONLY = "disk_read_only"
BROKEN = "disk_error"
CLIPS_FULL = "clips_full"

_WORDS = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EROFS: READ_ONLY, errno.EACCES: READ_ONLY}
_PROBE = ".disk"
_LEAST_BYTES = 256 * 1_024


def word_of(error: OSError) -> str:
    return _WORDS.get(error.errno or 0, BROKEN)


class DiskWatch:
    """`look` is for one thread; `refused` says how many writes the disk has refused to all parts so far."""

    def __init__(self, clock: Clock, folder: Path, refused: Callable[[], int]) -> None:
        self._clock = clock
        self._probe = folder / _PROBE
        self._refused = refused
        self._seen = 0
        self._next = 0.0
        self.trouble = ""
        """FULL, READ_ONLY, BROKEN; "" while all is well."""

    def look(self, monotonic: float) -> bool:
        """When it is time, or a write was refused since: try. True when the answer is another than before."""
        refused = self._refused()
        if monotonic < self._next and refused == self._seen:
            return False
        self._next = monotonic + LOOK_S
        found = self._try() or (BROKEN if refused > self._seen else "")
        self._seen = refused
        if found == self.trouble:
            return False
        _log.warning("the disk is well again") if not found else _log.error("the disk is in trouble: %s", found)
        self.trouble = found
        return True

    def _try(self) -> str:
        try:
            with self._probe.open("wb", buffering=0) as file:
                if file.write(b"%d\n" % self._clock.utc_ms()) == 0:
                    return FULL
                os.fsync(file.fileno())
            # The probe takes the place of the one before; the database must be able to grow.
            numbers = os.statvfs(self._probe.parent)
        except OSError as error:
            return word_of(error)
        return FULL if numbers.f_bavail * numbers.f_frsize < _LEAST_BYTES else ""
