"""Repository of playbacks (what each speaker did with each broadcast) and of the records that say so."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.upsert import among, upsert
from controller.store.values import Playback
from protocol.versions import Version
from schedules.states import FINAL, MOVES, PlaybackState, Reason
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
        row.ended_us,
        row.volume,
        row.loudness_clu,
        tuple(row.levels_db),
        row.levels_step_s,
        row.microphone,
        row.microphone_cdb,
    )


@dataclass(frozen=True, slots=True)
class Holding:
    """What a speaker says it holds of a broadcast, and when that starts; `version` is what it should hold."""

    broadcast: BroadcastId
    start: UtcMs
    version: Version
    held: Version
    have: int
    total: int


_PAIRS = {
    "sqlite": (
        "INSERT INTO playbacks (broadcast, speaker, state) SELECT x.id, y.id, ? FROM json_each(?) AS g"
        " CROSS JOIN json_each(g.value, '$[1]') AS s CROSS JOIN speakers AS y ON y.id = s.value"
        " CROSS JOIN json_each(g.value, '$[0]') AS b CROSS JOIN broadcasts AS x ON x.id = b.value"
        " WHERE true ON CONFLICT (broadcast, speaker) DO NOTHING"
    ),
    "postgresql": (
        "INSERT INTO playbacks (broadcast, speaker, state) SELECT x.id, y.id, %s"
        " FROM json_array_elements(%s) AS g (pair)"
        " CROSS JOIN json_array_elements_text(g.pair -> 1) AS s (id) JOIN speakers AS y ON y.id = s.id"
        " CROSS JOIN json_array_elements_text(g.pair -> 0) AS b (id) JOIN broadcasts AS x ON x.id = b.id"
        " ON CONFLICT (broadcast, speaker) DO NOTHING"
    ),
}
"""Of a list of [broadcasts, speakers] each with each, those that there are, by the name of the database."""
_FINAL = sorted(state.value for state in FINAL)


class Playbacks:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def plan(self, broadcast: BroadcastId, speakers: Iterable[SpeakerId]) -> None:
        self.plan_many({broadcast: speakers})

    def plan_many(self, expected: Mapping[BroadcastId, Iterable[SpeakerId]]) -> None:
        """Each speaker that should play a broadcast has a row from the beginning; a row that is there stays."""
        alike: dict[tuple[SpeakerId, ...], list[BroadcastId]] = {}
        for broadcast, speakers in expected.items():
            alike.setdefault(tuple(speakers), []).append(broadcast)
        # In the database itself, which is asked for both ends once: a province has a hundred thousand rows in a week.
        pairs = json.dumps([[broadcasts, speakers] for speakers, broadcasts in alike.items() if speakers])
        self._c.exec_driver_sql(_PAIRS[self._c.dialect.name], (PlaybackState.PENDING.value, pairs))

    def unplan_many(self, not_expected: Mapping[BroadcastId, Iterable[SpeakerId]]) -> None:
        """Forget the rows of speakers that shall not play it any more and never held it; others tell it themselves."""
        table = schema.playbacks
        untouched = (table.c.state == PlaybackState.PENDING.value) & (table.c.held_revision == 0)
        for broadcast, speakers in not_expected.items():
            here = (table.c.broadcast == broadcast) & table.c.speaker.in_(sorted(speakers))
            self._c.execute(table.delete().where(here, untouched))

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

    def counts(self, broadcasts: Collection[BroadcastId]) -> Mapping[BroadcastId, Mapping[PlaybackState, int]]:
        """How many playbacks of each broadcast are in each state."""
        table = schema.playbacks
        query = sa.select(table.c.broadcast, table.c.state, sa.func.count().label("number"))
        found: dict[BroadcastId, dict[PlaybackState, int]] = {broadcast: {} for broadcast in broadcasts}
        if not found:
            return found
        query = query.where(among(self._c, table.c.broadcast, sorted(found))).group_by(table.c.broadcast, table.c.state)
        for row in self._c.execute(query):
            found[BroadcastId(row.broadcast)][PlaybackState(row.state)] = row.number
        return found

    def holdings(self, speaker: SpeakerId, now: UtcMs) -> tuple[Holding, ...]:
        """Of every broadcast of the speaker that is not over, what it said it holds; those with a last word too."""
        table, broadcasts = schema.playbacks, schema.broadcasts
        query = (
            sa.select(table, broadcasts.c.start_ms, broadcasts.c.epoch, broadcasts.c.revision)
            .join(broadcasts, broadcasts.c.id == table.c.broadcast)
            .where(table.c.speaker == speaker, broadcasts.c.hard_end_ms > now)
        )
        return tuple(
            Holding(
                BroadcastId(row.broadcast),
                UtcMs(row.start_ms),
                Version(row.epoch, row.revision),
                Version(row.held_epoch, row.held_revision),
                row.have,
                row.total,
            )
            for row in self._c.execute(query)
        )

    def put_holdings(self, speaker: SpeakerId, holdings: Iterable[Holding]) -> None:
        """Keep `held`, `have` and `total` of all, in one statement."""
        rows = [
            {
                "b_broadcast": each.broadcast,
                "b_speaker": speaker,
                "held_epoch": each.held.epoch,
                "held_revision": each.held.revision,
                "have": each.have,
                "total": each.total,
            }
            for each in holdings
        ]
        if not rows:
            return
        table = schema.playbacks
        names = ("held_epoch", "held_revision", "have", "total")
        statement = table.update().values({name: sa.bindparam(name) for name in names})
        where = (table.c.broadcast == sa.bindparam("b_broadcast"), table.c.speaker == sa.bindparam("b_speaker"))
        self._c.execute(statement.where(*where), rows)

    def stale(self, now: UtcMs, before: UtcMs) -> Mapping[SpeakerId, tuple[BroadcastId, ...]]:
        """Speakers online since `before` or longer that hold less than the newest revision, made before `before`.

        Broadcasts that are over and playbacks with a last word are left out.
        """
        table, broadcasts, heard = schema.playbacks, schema.broadcasts, schema.speaker_status
        older = sa.or_(
            table.c.held_epoch < broadcasts.c.epoch,
            sa.and_(table.c.held_epoch == broadcasts.c.epoch, table.c.held_revision < broadcasts.c.revision),
        )
        query = (
            sa.select(table.c.speaker, table.c.broadcast)
            .join(broadcasts, broadcasts.c.id == table.c.broadcast)
            .join(heard, heard.c.speaker == table.c.speaker)
            .where(broadcasts.c.hard_end_ms > now, broadcasts.c.made_ms < before, older)
            .where(heard.c.online.is_(True), heard.c.online_since_ms <= before, table.c.state.not_in(_FINAL))
            .order_by(table.c.speaker, table.c.broadcast)
        )
        found: dict[SpeakerId, list[BroadcastId]] = {}
        for row in self._c.execute(query):
            found.setdefault(SpeakerId(row.speaker), []).append(BroadcastId(row.broadcast))
        return {speaker: tuple(lacking) for speaker, lacking in found.items()}

    def downloading(self, now: UtcMs) -> frozenset[BroadcastId]:
        """Broadcasts that are neither over nor cancelled and for which some speaker has not all the audio yet."""
        table, broadcasts = schema.playbacks, schema.broadcasts
        states = (PlaybackState.PENDING.value, PlaybackState.ACCEPTED.value)
        query = (
            sa.select(table.c.broadcast)
            .distinct()
            .join(broadcasts, broadcasts.c.id == table.c.broadcast)
            .where(broadcasts.c.hard_end_ms > now, broadcasts.c.cancelled.is_(False), table.c.state.in_(states))
        )
        return frozenset(BroadcastId(each) for each in self._c.execute(query).scalars())

    def give_up(self, hard_end: UtcMs, now: UtcMs) -> Mapping[BroadcastId, int]:
        """Make `unreported` every playback without a last word whose broadcast's hard end lies before `hard_end`.

        Returns how many of which broadcast.
        """
        table, broadcasts = schema.playbacks, schema.broadcasts
        open_states = [state.value for state, to in MOVES.items() if PlaybackState.UNREPORTED in to]
        over = sa.select(broadcasts.c.id).where(broadcasts.c.hard_end_ms < hard_end)
        forgotten = sa.and_(table.c.state.in_(open_states), table.c.broadcast.in_(over))
        query = sa.select(table.c.broadcast, sa.func.count().label("number")).where(forgotten)
        found = {BroadcastId(r.broadcast): r.number for r in self._c.execute(query.group_by(table.c.broadcast))}
        if found:
            values = {"state": PlaybackState.UNREPORTED.value, "moved_ms": now}
            self._c.execute(table.update().where(forgotten).values(values))
        return found

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
