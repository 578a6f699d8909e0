"""Who may do what, where: the table of roles and operations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from schedules.areas import AreaTree
from schedules.units import AreaId


class Role(StrEnum):
    """Granted on an area, and so on all below it."""

    EDITOR = "editor"
    APPROVER = "approver"
    TECHNICIAN = "technician"
    VIEWER = "viewer"
    ADMINISTRATOR = "administrator"


class Operation(StrEnum):
    """What a person can do. Every route and every desk function names one."""

    SEE = "see"
    """Look at programmes, bulletins, speakers, the calendar."""
    COMPOSE = "compose"
    """Make and edit bulletins, submit them, import a timetable."""
    APPROVE = "approve"
    """Approve, reject, withdraw; confirm what sounds at night."""
    STOP = "stop"
    """Cancel a broadcast, stop it while it plays, end a schedule."""
    TEND = "tend"
    """Keep speakers: rename, move, retire, test tone, groups."""
    ARRANGE = "arrange"
    """Keep areas: make, move, merge, split, import; holidays and guard rails."""
    STAFF = "staff"
    """Keep people: invite, grant, disable, end their sessions."""
    AUDIT = "audit"
    """Read and export the audit."""
    OWN = "own"
    """One's own account: password, second factor, sessions, language. Everybody signed in."""


_ALL = frozenset(Operation)
TABLE: Mapping[Role, frozenset[Operation]] = {
    Role.VIEWER: frozenset({Operation.SEE, Operation.OWN}),
    Role.EDITOR: frozenset({Operation.SEE, Operation.OWN, Operation.COMPOSE, Operation.STOP}),
    Role.APPROVER: frozenset({Operation.SEE, Operation.OWN, Operation.APPROVE, Operation.STOP, Operation.AUDIT}),
    Role.TECHNICIAN: frozenset({Operation.SEE, Operation.OWN, Operation.STOP, Operation.TEND}),
    Role.ADMINISTRATOR: _ALL,
}


EVERYWHERE = AreaId("")
"""A grant here holds in the whole tree, whatever it will be: the first administrator's."""


@dataclass(frozen=True, slots=True)
class Grant:
    role: Role
    area: AreaId


def allows(grants: Iterable[Grant], operation: Operation) -> bool:
    """Whether there is any place where these grants allow it."""
    return operation is Operation.OWN or any(operation in TABLE[grant.role] for grant in grants)


def places_of(grants: Iterable[Grant], operation: Operation, tree: AreaTree) -> frozenset[AreaId]:
    """Every area of the day in which these grants allow it."""
    named = {grant.area for grant in grants if operation in TABLE[grant.role]}
    return frozenset(tree.areas) if EVERYWHERE in named else tree.covered(named)


def may(grants: Iterable[Grant], operation: Operation, areas: Iterable[AreaId], tree: AreaTree) -> bool:
    """Whether these grants allow it in every one of `areas`; with no area named: everywhere."""
    if any(grant.area == EVERYWHERE and operation in TABLE[grant.role] for grant in grants):
        return True
    asked = list(areas)
    return bool(asked) and places_of(grants, operation, tree).issuperset(asked)
