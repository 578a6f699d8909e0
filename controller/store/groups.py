"""Repository of the named sets of speakers that staff keep."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.upsert import upsert
from controller.store.values import Group
from schedules.units import AreaId, GroupId, SpeakerId, UtcMs


class Groups:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def all(self) -> tuple[Group, ...]:
        """Every group with its speakers, the retired ones too, by name."""
        members: dict[str, list[SpeakerId]] = {}
        for row in self._c.execute(sa.select(schema.group_members).order_by(schema.group_members.c.speaker)):
            members.setdefault(row.group_id, []).append(SpeakerId(row.speaker))
        table = schema.speaker_groups
        rows = self._c.execute(sa.select(table).order_by(table.c.name, table.c.id))
        return tuple(_group(row, members.get(row.id, [])) for row in rows)

    def put(self, group: Group, made: UtcMs, made_by: str) -> None:
        """Keep the group as it is given, with exactly these speakers."""
        values = {"name": group.name, "area": group.area, "retired": group.retired, "made_ms": made, "made_by": made_by}
        upsert(self._c, schema.speaker_groups, {"id": group.id}, values)
        self._c.execute(schema.group_members.delete().where(schema.group_members.c.group_id == group.id))
        if group.speakers:
            rows = [{"group_id": group.id, "speaker": speaker} for speaker in group.speakers]
            self._c.execute(schema.group_members.insert(), rows)


def _group(row: sa.Row[Any], speakers: Collection[SpeakerId]) -> Group:
    return Group(GroupId(row.id), row.name, AreaId(row.area), tuple(speakers), row.retired)
