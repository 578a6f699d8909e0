"""Which clips stand as chunks on the broker: put there for a broadcast, taken off when nobody needs them."""

from collections.abc import Iterable

from controller.store.outbox import RANK_AUDIO, RANK_EMERGENCY
from controller.store.unit import Unit
from protocol.messages import CHUNK_BYTES
from protocol.topics import ROOT, AudioChunkTopic, AudioIndexTopic, build
from schedules.model import Priority
from schedules.units import ClipId, UtcMs

UNUSED_MS = 3_600_000


def clip_topics(clip: ClipId, size_bytes: int) -> tuple[str, ...]:
    """The index and all chunks of a clip, in order."""
    chunks = range((size_bytes + CHUNK_BYTES - 1) // CHUNK_BYTES)
    return (build(AudioIndexTopic(clip)), *(build(AudioChunkTopic(clip, number)) for number in chunks))


def air_clips(unit: Unit, clips: Iterable[ClipId], priority: Priority, now: UtcMs) -> None:
    """Put clips on the broker if they are not there; those of an emergency go ahead of all."""
    rank = RANK_EMERGENCY if priority is Priority.EMERGENCY else RANK_AUDIO
    for clip in dict.fromkeys(clips):
        known = unit.bulletins.clip(clip)
        if known is None:
            continue
        if not unit.bulletins.is_aired(clip):
            unit.outbox.dirty(clip_topics(clip, known.ref.size_bytes), rank, now)
        unit.bulletins.air(clip, now)


def clear_clips(unit: Unit, now: UtcMs) -> tuple[ClipId, ...]:
    """Take off the broker what every target of every live broadcast has, or nobody used for an hour."""
    needed = _needed(unit, now)
    cleared: list[ClipId] = []
    for clip, used in unit.bulletins.aired().items():
        if clip in needed and now - used < UNUSED_MS:
            continue
        unit.bulletins.take_off_air(clip)
        # Not the ledger alone: a chunk in flight at this moment is not in it yet.
        below = f"{ROOT}/audio/{clip}/"
        standing = {*unit.outbox.retained_below(below), *unit.outbox.waiting_below(below)}
        unit.outbox.dirty(sorted(standing), RANK_AUDIO, now)
        cleared.append(clip)
    return tuple(cleared)


def _needed(unit: Unit, now: UtcMs) -> frozenset[ClipId]:
    downloading = unit.broadcasts.many(unit.playbacks.downloading(now))
    return frozenset(clip.id for planned in downloading for clip in planned.broadcast.clips)
