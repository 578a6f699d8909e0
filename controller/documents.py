"""What stands on a topic now: its current payload, or nothing, which clears it."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from controller.publishing import route_text
from controller.store.unit import Unit
from protocol import topics
from protocol.messages import CHUNK_BYTES
from schedules.units import ClipId, UtcMs

log = logging.getLogger(__name__)


class Clips(Protocol):
    """Where the bytes of clips are."""

    def path(self, clip: ClipId) -> Path: ...


@dataclass(frozen=True, slots=True)
class Document:
    """`payload` None: the topic is to be cleared. `expires` 0: it stands until something else is said."""

    payload: bytes | None
    expires: UtcMs = UtcMs(0)


NOTHING = Document(None)


def current(unit: Unit, clips: Clips, name: str, now: UtcMs) -> Document:
    """The current document of the retained topic `name`."""
    match topics.parse(name):
        case topics.KeysTopic(version):
            return _text(unit.site.key_lists().get(version))
        case topics.SpeakerTopic(speaker, topics.CONFIG):
            config = unit.places.config(speaker)
            return _text(config.payload if config else None)
        case topics.PlanTopic(route, day):
            plan = unit.broadcasts.plan(route_text(route), day.isoformat())
            return _until(plan.payload, plan.expires, now) if plan else NOTHING
        case topics.BroadcastTopic(route, broadcast):
            revision = unit.broadcasts.newest_revision(broadcast)
            if revision is None or route_text(route) not in unit.broadcasts.routes(broadcast):
                return NOTHING
            return _until(revision.payload, revision.expires, now)
        case topics.AudioIndexTopic(clip) if unit.bulletins.is_aired(clip):
            known = unit.bulletins.clip(clip)
            return _text(known.index_payload if known else None)
        case topics.AudioChunkTopic(clip, number) if unit.bulletins.is_aired(clip):
            return Document(_chunk(clips.path(clip), number))
    return NOTHING


def _text(payload: str | None) -> Document:
    return Document(payload.encode()) if payload else NOTHING


def _until(payload: str, expires: UtcMs, now: UtcMs) -> Document:
    return Document(payload.encode(), expires) if now < expires else NOTHING


def _chunk(path: Path, number: int) -> bytes | None:
    """A chunk that cannot be read is as one that is not there: an emergency must not wait behind a bad disk."""
    try:
        with path.open("rb") as file:
            file.seek(number * CHUNK_BYTES)
            return file.read(CHUNK_BYTES) or None
    except OSError as error:
        log.error("chunk %s cannot be read: %s", number, error)
        return None
