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
    """Keep speakers: take in, replace, revoke, rename, move, retire, test tone, groups."""
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


MEANINGS: Mapping[Operation, str] = {
    Operation.SEE: "Look at programmes, bulletins, speakers, the calendar.",
    Operation.COMPOSE: "Make and edit bulletins, plan them, submit them, import a timetable.",
    Operation.APPROVE: "Approve, reject, withdraw; confirm what sounds at night.",
    Operation.STOP: "Cancel a broadcast, stop it while it plays, end a schedule.",
    Operation.TEND: "Keep speakers: take in, replace, revoke, rename, move, retire, test tone, groups.",
    Operation.ARRANGE: "Keep areas: make, move, merge, split, import; holidays and guard rails.",
    Operation.STAFF: "Keep people: invite, grant, disable, end their sessions.",
    Operation.AUDIT: "Read and export the audit.",
    Operation.OWN: "One's own account: password, second factor, sessions, language.",
}


def document() -> str:
    """docs/rights.md."""
    roles = list(Role)
    head = " | ".join(f"`{role}`" for role in roles)
    lines = [
        "# Who may do what",
        "",
        "Made from the code by `python -m controller.rights`. A role is granted on an area and holds there and in all",
        'below it, today\'s tree being what counts; the area "everywhere" holds in the whole tree. A person may have',
        "several roles in several areas. What is heard in several areas needs the right in all of them.",
        "",
        f"| operation | what | {head} |",
        "|---|---|" + "---|" * len(roles),
    ]
    for operation in Operation:
        marks = " | ".join("yes" if operation in TABLE[role] else "–" for role in roles)
        lines.append(f"| `{operation}` | {MEANINGS[operation]} | {marks} |")
    lines += [
        "",
        "Every route of the pages and of the API names one of these operations (`needs(...)`); whoever may do it",
        "nowhere gets 403 and is shown no way there. The desk then asks about the place.",
        "`tests/controller/web/test_rights.py` walks every route by every role, and with the things of another place.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(document(), end="")
