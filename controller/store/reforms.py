"""Repository of what people decide about places: periods, moves, successors, retired speakers, named holidays."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from controller.rights import Grant, Role
from controller.store import schema
from controller.store.places import Places
from controller.store.upsert import upsert
from controller.store.values import Member
from schedules.model import Area
from schedules.units import AreaId, SpeakerId, UtcMs


@dataclass(frozen=True, slots=True)
class Became:
    """What became of an area that ended by a merge or a split."""

    area: AreaId
    successor: AreaId
    day: date


@dataclass(frozen=True, slots=True)
class Holiday:
    area: AreaId
    day: date
    name: str
    made_by: str


class Reforms:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection
        self._places = Places(connection)

    def put_periods(self, put: Iterable[Area], gone: Iterable[Area], made: UtcMs, made_by: str) -> None:
        """Make the periods what was decided; an area that is named for the first time is made."""
        table = schema.area_periods
        for period in gone:
            here = (table.c.area == period.id) & (table.c.valid_from == period.valid_from)
            self._c.execute(table.delete().where(here))
        known = set(self._c.execute(sa.select(schema.areas.c.id)).scalars())
        put = tuple(put)
        for area in dict.fromkeys(period.id for period in put if period.id not in known):
            self._c.execute(schema.areas.insert().values(id=area, made_ms=made, made_by=made_by))
        for period in put:
            self._places.put_period(period, made, made_by)

    def put_members(self, before: Iterable[Member], after: Iterable[Member]) -> None:
        """Make the memberships `after`; `before` is what is there."""
        table = schema.memberships
        held, wanted = set(before), set(after)
        for member in held - wanted:
            self._c.execute(table.delete().where(table.c.speaker == member.speaker, table.c.from_ms == member.from_ms))
        rows = [
            {"speaker": member.speaker, "from_ms": member.from_ms, "until_ms": member.until_ms, "area": member.area}
            for member in sorted(wanted - held, key=lambda each: (each.speaker, each.from_ms))
        ]
        if rows:
            self._c.execute(table.insert(), rows)

    def add_successors(self, became: Iterable[Became]) -> None:
        for each in became:
            upsert(
                self._c,
                schema.area_successors,
                {"area": each.area, "successor": each.successor},
                {"day": each.day},
            )

    def successors(self) -> tuple[Became, ...]:
        table = schema.area_successors
        rows = self._c.execute(sa.select(table).order_by(table.c.day, table.c.area, table.c.successor))
        return tuple(Became(AreaId(row.area), AreaId(row.successor), row.day) for row in rows)

    def rename_speaker(self, speaker: SpeakerId, name: str) -> None:
        table = schema.speakers
        self._c.execute(table.update().where(table.c.id == speaker).values(name=name))

    def retire_speaker(self, speaker: SpeakerId) -> None:
        """It is no more. The broker still knows it, so that its box learns of that and its records come in."""
        table = schema.speakers
        self._c.execute(table.update().where(table.c.id == speaker).values(retired=True))

    def holidays(self, areas: Iterable[AreaId]) -> tuple[Holiday, ...]:
        """The days that staff of `areas` named, the nearest first."""
        table = schema.holidays
        query = sa.select(table).where(table.c.area.in_(sorted(areas))).order_by(table.c.day, table.c.area)
        return tuple(_holiday(row) for row in self._c.execute(query))

    def put_holiday(self, area: AreaId, day: date, name: str, made: UtcMs, made_by: str) -> None:
        upsert(
            self._c,
            schema.holidays,
            {"area": area, "day": day},
            {"name": name, "made_ms": made, "made_by": made_by},
        )

    def drop_holiday(self, area: AreaId, day: date) -> None:
        table = schema.holidays
        self._c.execute(table.delete().where(table.c.area == area, table.c.day == day))

    def grants_in(self, areas: Iterable[AreaId]) -> tuple[tuple[str, Grant], ...]:
        """(a person's name, the grant) of every right that is granted on one of `areas`."""
        users, table = schema.users, schema.grants
        query = sa.select(table.c.role, table.c.area, users.c.username, users.c.display_name)
        query = query.join(users, users.c.id == table.c.user_id).where(table.c.area.in_(sorted(areas)))
        rows = self._c.execute(query.order_by(users.c.username, table.c.role, table.c.area))
        return tuple((row.display_name or row.username, Grant(Role(row.role), AreaId(row.area))) for row in rows)


def _holiday(row: sa.Row[Any]) -> Holiday:
    return Holiday(AreaId(row.area), row.day, row.name, row.made_by)
