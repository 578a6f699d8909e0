"""Repository of the outbox (topics to publish) and of the ledger (what stands retained on the broker)."""

from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa

from controller.store import schema
from controller.store.upsert import add_rows, upsert
from controller.store.values import Dirty
from schedules.units import UtcMs

OUTBOX = "outbox"
"""The change key told after a commit that made a topic dirty."""

RANK_EMERGENCY = 0
RANK_DOCUMENT = 1
RANK_AUDIO = 2


class Outbox:
    def __init__(self, connection: sa.Connection, changes: set[str]) -> None:
        self._c = connection
        self._changes = changes

    def dirty(self, topics: Iterable[str], rank: int, now: UtcMs) -> None:
        """In this very transaction: the current documents of `topics` have to be published."""
        rows = [{"topic": topic, "rank": rank, "made_ms": now} for topic in topics]
        if rows:
            add_rows(self._c, schema.outbox, rows)
            self._changes.add(OUTBOX)

    def next(self, limit: int, but: Collection[str]) -> tuple[Dirty, ...]:
        """The next topics, best rank first, then first come; none of `but`. Rows of one topic are one."""
        table = schema.outbox
        query = sa.select(table.c.topic, sa.func.min(table.c.rank).label("rank"), sa.func.max(table.c.id).label("last"))
        if but:
            query = query.where(table.c.topic.not_in(sorted(but)))
        query = query.group_by(table.c.topic).order_by(sa.func.min(table.c.rank), sa.func.min(table.c.id)).limit(limit)
        return tuple(Dirty(row.topic, row.rank, row.last) for row in self._c.execute(query))

    def done(self, topic: str, last: int) -> None:
        """Published and acknowledged: forget the rows up to `last`; a later one stays."""
        table = schema.outbox
        self._c.execute(table.delete().where(table.c.topic == topic, table.c.id <= last))

    def waiting(self) -> int:
        return int(self._c.execute(sa.select(sa.func.count()).select_from(schema.outbox)).scalar_one())

    def retain(self, topic: str, expires: UtcMs, sent: UtcMs) -> None:
        upsert(self._c, schema.retained, {"topic": topic}, {"expires_ms": expires, "sent_ms": sent})

    def release(self, topic: str) -> None:
        self._c.execute(schema.retained.delete().where(schema.retained.c.topic == topic))

    def retained(self) -> tuple[str, ...]:
        return tuple(self._c.execute(sa.select(schema.retained.c.topic).order_by(schema.retained.c.topic)).scalars())

    def retained_below(self, prefix: str) -> tuple[str, ...]:
        table = schema.retained
        return tuple(self._c.execute(sa.select(table.c.topic).where(table.c.topic.startswith(prefix))).scalars())

    def waiting_below(self, prefix: str) -> tuple[str, ...]:
        """Topics that wait or are in flight: their rows stand here until the PUBACK."""
        table = schema.outbox
        query = sa.select(table.c.topic).distinct().where(table.c.topic.startswith(prefix))
        return tuple(self._c.execute(query).scalars())

    def sent(self, topics: Collection[str]) -> Mapping[str, UtcMs]:
        """When each of `topics` that stands retained was last acknowledged."""
        table = schema.retained
        query = sa.select(table.c.topic, table.c.sent_ms).where(table.c.topic.in_(sorted(topics)))
        return {row.topic: UtcMs(row.sent_ms) for row in self._c.execute(query)}

    def expired(self, now: UtcMs) -> tuple[str, ...]:
        """Retained topics whose time is over and that do not wait already."""
        table, waiting = schema.retained, sa.select(schema.outbox.c.topic)
        query = sa.select(table.c.topic).where(table.c.expires_ms > 0, table.c.expires_ms < now)
        return tuple(self._c.execute(query.where(table.c.topic.not_in(waiting))).scalars())
