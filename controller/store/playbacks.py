"""Repository of playbacks (what each speaker did with each broadcast) and of the records that say so."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.upsert import add_missing, upsert
from controller.store.values import Playback
from protocol.versions import Version
from schedules.states import ACCOUNTED, PlaybackState, Reason
from schedules.units import BroadcastId, SpeakerId, UtcMs


def _playback(row: sa.Row[Any]) -> Playback:
    return Playback(
        BroadcastId(row.broadcast),
        SpeakerId(row.speaker),
        PlaybackState(row.state),
        Reason(row.reason),
        row.detail,
        Version(row.held_epoch, row.held_revision),
        row.have,
        row.total,
        row.started_us,
        row.start_error_us,
        row.heard_ms,
        row.content_ms,
        row.frames,
        row.underruns,
        row.level_cdb,
        row.moved_ms,
    )


class Playbacks:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def plan(self, broadcast: BroadcastId, speakers: Iterable[SpeakerId]) -> None:
        """Each speaker that should play the broadcast has a row from the beginning; a row that is there stays."""
        state = PlaybackState.PENDING.value
        rows = [{"broadcast": broadcast, "speaker": speaker, "state": state} for speaker in speakers]
        add_missing(self._c, schema.playbacks, ("broadcast", "speaker"), rows)

    def get(self, broadcast: BroadcastId, speaker: SpeakerId) -> Playback | None:
        table = schema.playbacks
        query = sa.select(table).where(table.c.broadcast == broadcast, table.c.speaker == speaker)
        row = self._c.execute(query).first()
        return _playback(row) if row else None

    def of_broadcasts(self, broadcasts: Collection[BroadcastId]) -> tuple[Playback, ...]:
        table = schema.playbacks
        query = sa.select(table).where(table.c.broadcast.in_(sorted(broadcasts)))
        return tuple(_playback(row) for row in self._c.execute(query.order_by(table.c.broadcast, table.c.speaker)))

    def of_speaker(self, speaker: SpeakerId, broadcasts: Collection[BroadcastId]) -> tuple[Playback, ...]:
        table = schema.playbacks
        query = sa.select(table).where(table.c.speaker == speaker, table.c.broadcast.in_(sorted(broadcasts)))
        return tuple(_playback(row) for row in self._c.execute(query))

    def update(self, broadcast: BroadcastId, speaker: SpeakerId, **values: object) -> None:
        table = schema.playbacks
        self._c.execute(
            table.update().where(table.c.broadcast == broadcast, table.c.speaker == speaker).values(**values)
        )

    def unfinished_before(self, hard_end: UtcMs) -> tuple[Playback, ...]:
        """Playbacks without a last word whose broadcast's hard end lies before `hard_end`."""
        table, broadcasts = schema.playbacks, schema.broadcasts
        open_states = [state.value for state in PlaybackState if state not in ACCOUNTED]
        query = (
            sa.select(table)
            .join(broadcasts, broadcasts.c.id == table.c.broadcast)
            .where(broadcasts.c.hard_end_ms < hard_end, table.c.state.in_(open_states))
        )
        return tuple(_playback(row) for row in self._c.execute(query))

    def add_record(self, speaker: SpeakerId, store_id: str, n: int, payload: str, received: UtcMs) -> bool:
        """Keep an authentic record; False when it is here already."""
        table = schema.playback_records
        found = sa.select(table.c.n).where(table.c.speaker == speaker, table.c.store_id == store_id, table.c.n == n)
        if self._c.execute(found).first():
            return False
        self._c.execute(
            table.insert().values(speaker=speaker, store_id=store_id, n=n, payload=payload, received_ms=received)
        )
        return True

    def record(self, speaker: SpeakerId, store_id: str, n: int) -> str | None:
        table = schema.playback_records
        query = sa.select(table.c.payload).where(
            table.c.speaker == speaker, table.c.store_id == store_id, table.c.n == n
        )
        payload = self._c.execute(query).scalar()
        return None if payload is None else str(payload)

    def records(self, speaker: SpeakerId) -> tuple[tuple[str, int, str], ...]:
        """(store_id, n, anomaly) of every record of a speaker."""
        table = schema.playback_records
        query = sa.select(table).where(table.c.speaker == speaker).order_by(table.c.store_id, table.c.n)
        return tuple((row.store_id, row.n, row.anomaly) for row in self._c.execute(query))

    def mark_anomaly(self, speaker: SpeakerId, store_id: str, n: int, anomaly: str) -> None:
        table = schema.playback_records
        self._c.execute(
            table.update()
            .where(table.c.speaker == speaker, table.c.store_id == store_id, table.c.n == n)
            .values(anomaly=anomaly)
        )

    def applied(self, speaker: SpeakerId, store_id: str) -> int:
        """Up to which record of the box's database all are taken in; 0 when none."""
        table = schema.record_stores
        query = sa.select(table.c.applied).where(table.c.speaker == speaker, table.c.store_id == store_id)
        return int(self._c.execute(query).scalar() or 0)

    def set_applied(self, speaker: SpeakerId, store_id: str, n: int) -> None:
        upsert(self._c, schema.record_stores, {"speaker": speaker, "store_id": store_id}, {"applied": n})
