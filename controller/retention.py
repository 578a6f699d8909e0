"""Which recordings and clips may be deleted: the rules as a table, and one pure function over what is known of each."""

from dataclasses import dataclass
from enum import StrEnum

DAY_MS = 86_400_000


class Keeps(StrEnum):
    """Why something is kept; the first that holds is told."""

    ON_AIR = "on-air"
    """It is the content of a bulletin that was approved last, or a bulletin on air is made of it."""
    PENDING = "pending"
    """A change that waits for its approval, or to be submitted again, would put it on air."""
    PLANNED = "planned"
    """A broadcast of it is coming or plays now."""
    PROVEN = "proven"
    """A broadcast of it ever was, or it was ever approved: records and approvals speak of it."""
    BULLETIN = "bulletin"
    """A bulletin is made of it, or sounds like it."""
    TEMPLATE = "template"
    """Bulletins begin with it."""
    LIBRARY = "library"
    """A station ident or music that has not expired: it is there to be used again."""
    RECENT = "recent"
    """It came in, or its use ended, less than the days of the setting ago."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one recording or clip. `until_ms`: when it came in or expired, whichever is later."""

    until_ms: int
    on_air: bool = False
    pending: bool = False
    planned: bool = False
    proven: bool = False
    in_bulletin: bool = False
    in_template: bool = False
    in_library: bool = False


def keeps(facts: Facts, now_ms: int, keep_days: int) -> Keeps | None:
    """The rule that keeps it; None: it may be deleted. `keep_days` 0: everything is kept."""
    rules = {
        Keeps.ON_AIR: facts.on_air,
        Keeps.PENDING: facts.pending,
        Keeps.PLANNED: facts.planned,
        Keeps.PROVEN: facts.proven,
        Keeps.BULLETIN: facts.in_bulletin,
        Keeps.TEMPLATE: facts.in_template,
        Keeps.LIBRARY: facts.in_library,
        Keeps.RECENT: keep_days == 0 or now_ms < facts.until_ms + keep_days * DAY_MS,
    }
    return next((reason for reason, holds in rules.items() if holds), None)
