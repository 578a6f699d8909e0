"""How many changes wait for a person's approval: the number on the tab, asked for at most once an answer."""

from functools import cached_property

import sqlalchemy as sa

from controller.desk.room import Room
from controller.desk.values import Person
from controller.rights import Operation, allows
from controller.store import schema


class Waiting:
    """Called by the frame of every page."""

    def __init__(self, room: Room, person: Person) -> None:
        self._room, self._person = room, person

    @cached_property
    def _number(self) -> int:
        if not allows(self._person.grants, Operation.APPROVE):
            return 0
        table = schema.changes
        query = sa.select(sa.func.count()).select_from(table).where(table.c.state == "pending")
        with self._room.store.read() as unit:
            return int(unit.connection.execute(query).scalar() or 0)

    def __call__(self) -> int:
        return self._number
