"""Keeps the clips on the disk within their limit: what is promised stays, of the rest the least useful goes first.

Promised is a clip of any broadcast that may still sound here. The rest stays as long as there is room, because repeats
are common; of it, what was not heard for the longest time goes first. When the promised clips alone reach the limit,
clips for later broadcasts wait until others are over; an emergency may go beyond the limit as far as the disk has room.
"""

import logging
import os
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from edge_agent.clipfiles import ClipFiles, Kept
from edge_agent.store import Holding
from schedules.model import ClipRef, Priority
from schedules.units import ClipId

_log = logging.getLogger(__name__)

_RESERVE_BYTES = 64 * 2**20
_RESERVE_SHARE = 20
"""The database and its log need room too: so much, or a twentieth of a small disk."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes: what clips may take in all, and what the disk has left for them beside what they take now."""

    limit: int
    free: int


def to_evict(kept: Sequence[Kept], promised: Set[ClipId], need: int, room: Room, *, urgent: bool) -> list[Kept] | None:
    """What must go so that `need` more bytes fit, the least useful first; None when even that is not enough."""
    used = sum(clip.size for clip in kept)
    excess = need - room.free if urgent else max(used + need - room.limit, need - room.free)
    gone: list[Kept] = []
    for clip in sorted(kept, key=lambda each: (each.whole, each.used_s, each.clip)):
        if excess <= 0:
            break
        if clip.clip not in promised:
            gone.append(clip)
            excess -= clip.size
    return None if excess > 0 else gone


def promised(live: Iterable[Holding]) -> set[ClipId]:
    """Clips of all broadcasts that may still sound here."""
    return {clip.id for held in live for clip in held.order.broadcast.clips}


def is_urgent(clip: ClipId, live: Iterable[Holding]) -> bool:
    """An emergency needs it."""
    emergencies = (held.order.broadcast for held in live if held.order.broadcast.priority is Priority.EMERGENCY)
    return any(clip == ref.id for broadcast in emergencies for ref in broadcast.clips)


class Cache:
    """For the fetcher's thread. `live` gives the broadcasts that are not over."""

    def __init__(self, files: ClipFiles, limit_bytes: int, live: Callable[[], list[Holding]]) -> None:
        self._files = files
        self._limit = limit_bytes
        self._live = live
        self.full = False
        """The last clip that was wanted found no room."""

    def make_room(self, ref: ClipRef) -> bool:
        """Let go of what is least useful until `ref` fits; False when it cannot. Raises OSError, DiskTrouble."""
        live = self._live()
        kept = [each for each in self._files.kept() if each.clip != ref.id]
        room = Room(self._limit, _free(self._files.folder))
        partly = self._files.partly(ref.id)  # chunks already here take no more room
        going = to_evict(kept, promised(live), ref.size_bytes - partly, room, urgent=is_urgent(ref.id, live))
        self.full = going is None
        for each in going or ():
            _log.info("clip %s makes room", each.clip)
            self._files.remove(each.clip)
        return going is not None


def _free(folder: Path) -> int:
    """What the disk has left for clips."""
    numbers = os.statvfs(folder)
    reserve = min(_RESERVE_BYTES, numbers.f_blocks * numbers.f_frsize // _RESERVE_SHARE)
    return numbers.f_bavail * numbers.f_frsize - reserve
