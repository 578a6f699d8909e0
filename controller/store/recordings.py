"""Repository of recordings: sounds as they came, who handed them in, and what is known of them."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from controller.folding import searchable
from controller.store import schema
from controller.store.upsert import upsert
from controller.store.values import Recording, RecordingKind
from schedules.units import AreaId, DurationMs, RecordingId, UtcMs


def recording_of(row: sa.Row[Any]) -> Recording:
    return Recording(
        id=RecordingId(row.id),
        size_bytes=row.size_bytes,
        duration=DurationMs(row.duration_ms),
        filename=row.filename,
        title=row.title,
        kind=RecordingKind(row.kind),
        area=None if row.area is None else AreaId(row.area),
        tags=tuple(row.tags),
        language=row.language,
        expires=row.expires,
        verdict=row.verdict,
        made=UtcMs(row.made_ms),
        made_by=row.made_by,
    )


class Recordings:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def get(self, recording: RecordingId) -> Recording | None:
        table = schema.recordings
        row = self._c.execute(sa.select(table).where(table.c.id == recording)).first()
        return recording_of(row) if row else None

    def many(self, recordings: Collection[RecordingId]) -> Mapping[RecordingId, Recording]:
        table = schema.recordings
        rows = self._c.execute(sa.select(table).where(table.c.id.in_(sorted(recordings))))
        return {RecordingId(row.id): recording_of(row) for row in rows}

    def all(self) -> tuple[Recording, ...]:
        """By title."""
        table = schema.recordings
        rows = self._c.execute(sa.select(table).order_by(table.c.folded, table.c.id))
        return tuple(recording_of(row) for row in rows)

    def found(self, words: Collection[str]) -> tuple[Recording, ...]:
        """Those that have every one of the folded `words`, the newest first."""
        table = schema.recordings
        query = sa.select(table).where(*(table.c.folded.contains(word, autoescape=True) for word in words))
        return tuple(recording_of(row) for row in self._c.execute(query.order_by(table.c.made_ms.desc(), table.c.id)))

    def put(self, recording: Recording) -> None:
        values = {
            "size_bytes": recording.size_bytes,
            "duration_ms": recording.duration,
            "filename": recording.filename,
            "title": recording.title,
            "kind": recording.kind.value,
            "area": recording.area,
            "tags": list(recording.tags),
            "language": recording.language,
            "expires": recording.expires,
            "verdict": recording.verdict,
            "folded": searchable((recording.title, recording.filename, *recording.tags)),
            "made_ms": recording.made,
            "made_by": recording.made_by,
        }
        upsert(self._c, schema.recordings, {"id": recording.id}, values)

    def hold(self, recording: RecordingId, area: AreaId | None, who: str, at: UtcMs) -> bool:
        """Keep that `who` handed it in for `area`; False when that was known."""
        table, key = schema.recording_holders, {"recording": recording, "area": area or "", "who": who}
        known = sa.select(table.c.who).where(*(table.c[name] == value for name, value in key.items()))
        if self._c.execute(known).first() is not None:
            return False
        self._c.execute(table.insert().values(**key, made_ms=at))
        return True

    def holders(self, recording: RecordingId) -> tuple[tuple[AreaId | None, str], ...]:
        """(place, person) of everybody who handed it in, the first one first."""
        table = schema.recording_holders
        query = sa.select(table).where(table.c.recording == recording).order_by(table.c.made_ms, table.c.who)
        return tuple((AreaId(row.area) if row.area else None, row.who) for row in self._c.execute(query))

    def set_duration(self, recording: RecordingId, duration: DurationMs) -> None:
        table = schema.recordings
        self._c.execute(table.update().where(table.c.id == recording).values(duration_ms=duration))

    def set_verdict(self, recording: RecordingId, verdict: Mapping[str, Any] | None) -> None:
        """What the checks on import found; None: nothing was checked."""
        table = schema.recordings
        value = None if verdict is None else dict(verdict)
        self._c.execute(table.update().where(table.c.id == recording).values(verdict=value))
