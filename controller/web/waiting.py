"""How many changes wait for a person's approval: the number on the tab, asked for at most once an answer."""

from functools import cached_property

from controller.desk.approval import areas_of
from controller.desk.room import Room
from controller.desk.values import Person
from controller.rights import Operation, allows, may
from controller.store.changes import ChangeState


class Waiting:
    """Called by the frame of every page."""

    def __init__(self, room: Room, person: Person) -> None:
        self._room, self._person = room, person

    @cached_property
    def _number(self) -> int:
        if not allows(self._person.grants, Operation.APPROVE):
            return 0
        with self._room.store.read() as unit:
            pending = unit.approvals.in_state(ChangeState.PENDING)
            if not pending:
                return 0
            places = self._room.places(unit)
            others = [change for change in pending if change.made_by != self._person.username]
            heard = [areas_of(unit, places, change) for change in others]
        return sum(may(self._person.grants, Operation.APPROVE, areas, places.tree) for areas in heard)

    def __call__(self) -> int:
        return self._number
