"""Repository of the programme as it is looked at: thousands of broadcasts counted and paged by the database."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from schedules.units import BroadcastId, UtcMs


@dataclass(frozen=True, slots=True)
class Outline:
    """As much of a broadcast as tells where in its day it stands."""

    id: BroadcastId
    start: UtcMs
    hard_end: UtcMs
    cancelled: bool


class Programme:
    """`routes`: only what was sent on one of these (`areas/{id}`, `speakers/{id}`); None: everything."""

    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def count(self, begin: UtcMs, end: UtcMs, routes: Collection[str] | None) -> int:
        """How many start in [begin, end) that nothing newer has taken the place of."""
        table = schema.broadcasts
        query = sa.select(sa.func.count()).select_from(table).where(*_conditions(begin, end, routes))
        return int(self._c.execute(query).scalar() or 0)

    def page(
        self, begin: UtcMs, end: UtcMs, routes: Collection[str] | None, skip: int, most: int
    ) -> tuple[BroadcastId, ...]:
        """Some of them, in the order of the programme."""
        query = _ordered(sa.select(schema.broadcasts.c.id).where(*_conditions(begin, end, routes)))
        return tuple(BroadcastId(each) for each in self._c.execute(query.offset(skip).limit(most)).scalars())

    def outline(self, begin: UtcMs, end: UtcMs, routes: Collection[str] | None) -> tuple[Outline, ...]:
        """All of them in outline, in the order of the programme."""
        table = schema.broadcasts
        columns = (table.c.id, table.c.start_ms, table.c.hard_end_ms, table.c.cancelled)
        rows = self._c.execute(_ordered(sa.select(*columns).where(*_conditions(begin, end, routes))))
        return tuple(Outline(BroadcastId(row[0]), UtcMs(row[1]), UtcMs(row[2]), row[3]) for row in rows)


def _conditions(begin: UtcMs, end: UtcMs, routes: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    table, links = schema.broadcasts, schema.broadcast_routes
    found = [table.c.start_ms >= begin, table.c.start_ms < end, table.c.superseded.is_(False)]
    if routes is not None:
        heard = sa.select(links.c.route).where(links.c.broadcast == table.c.id, links.c.route.in_(sorted(routes)))
        found.append(heard.exists())
    return found


def _ordered(query: sa.Select[Any]) -> sa.Select[Any]:
    """What sounds first, of the same moment what wins."""
    table = schema.broadcasts
    return query.order_by(table.c.start_ms, table.c.priority, table.c.ord, table.c.id)
