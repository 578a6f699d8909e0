"""What templates ask: `may(person, "compose")`, `may(person, "stop", area)`, so that nothing is shown in vain."""

from collections.abc import Iterable
from functools import cached_property

from controller.desk.room import Room
from controller.desk.values import Person
from controller.rights import Operation, allows
from controller.rights import may as may_in
from schedules.areas import AreaTree
from schedules.units import AreaId


class May:
    """Made for one answer; the tree of areas is read when the first question names a place."""

    def __init__(self, room: Room) -> None:
        self._room = room

    @cached_property
    def _tree(self) -> AreaTree:
        with self._room.store.read() as unit:
            return self._room.tree(unit)

    def __call__(self, person: Person, operation: str, area: str | None = None) -> bool:
        """Whether `person` may do it in `area`; with none named: anywhere at all."""
        return self.in_all(person, operation, (area,)) if area else allows(person.grants, Operation(operation))

    def in_all(self, person: Person, operation: str, areas: Iterable[str]) -> bool:
        """Whether `person` may do it in every one of `areas`."""
        return may_in(person.grants, Operation(operation), [AreaId(area) for area in areas], self._tree)

    def everywhere(self, person: Person, operation: str) -> bool:
        """Whether `person` may do it in the whole tree."""
        return may_in(person.grants, Operation(operation), (), self._tree)
