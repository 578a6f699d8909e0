"""Whether the audit is what it was: its chain, and a head that was kept elsewhere. Pure."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from controller.store.audit import GENESIS, Entry, entry_hash
from schedules.units import UtcMs

MOST_FAULTS = 20
"""So many are named; one changed row can break everything behind it."""


class Damage(StrEnum):
    """What is wrong at a row."""

    ALTERED = "altered"
    """Its hash is not that of its content."""
    MISSING = "missing"
    """Rows before it are not there, or not in their place."""
    UNCHAINED = "unchained"
    """It does not vouch for the row before it."""
    TRUNCATED = "truncated"
    """The audit ends before the head that was kept."""
    REWRITTEN = "rewritten"
    """The row is not the one whose hash was kept."""


@dataclass(frozen=True, slots=True)
class Fault:
    n: int
    damage: Damage


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of a site's audit at `at`: kept elsewhere, it vouches for all before it."""

    site: str
    n: int
    hash: str
    at: UtcMs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: so many rows, the newest of them, and what is wrong (the first `MOST_FAULTS`)."""

    rows: int
    n: int
    hash: str
    faults: tuple[Fault, ...]


class BadHead(ValueError):
    """What was given is no head of an audit; the message says why."""


def head_json(head: Head) -> str:
    return json.dumps(asdict(head)) + "\n"


def read_head(text: str) -> Head:
    """The head that `head_json` wrote; raises BadHead."""
    try:
        told = json.loads(text)
        head = Head(str(told["site"]), int(told["n"]), str(told["hash"]), UtcMs(int(told["at"])))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadHead("this is not an exported head: it has no site, n, hash and at") from error
    if head.n < 0 or len(head.hash) != len(GENESIS):
        raise BadHead("this is not an exported head: n or hash is out of range")
    return head


def check(entries: Iterable[Entry], head: Head | None = None) -> Verdict:
    """Go through all rows, the oldest first. Without a head, an audit that was rewritten whole or cut off at its
    end looks sound: only what was kept elsewhere can tell."""
    faults: list[Fault] = []
    rows, last, previous = 0, 0, GENESIS
    for entry in entries:
        rows += 1
        faults.extend(_wrong(entry, last, previous))
        if head is not None and entry.n == head.n and entry.hash != head.hash:
            faults.append(Fault(entry.n, Damage.REWRITTEN))
        last, previous = entry.n, entry.hash
    if head is not None and head.n > last:
        faults.append(Fault(last, Damage.TRUNCATED))
    return Verdict(rows, last, previous, tuple(faults[:MOST_FAULTS]))


def _wrong(entry: Entry, last: int, previous: str) -> Iterable[Fault]:
    if entry.n != last + 1:
        yield Fault(entry.n, Damage.MISSING)
    if entry.previous != previous:
        yield Fault(entry.n, Damage.UNCHAINED)
    if not _whole(entry):
        yield Fault(entry.n, Damage.ALTERED)


def _whole(entry: Entry) -> bool:
    try:
        return entry.hash == entry_hash(entry)
    except (ValueError, TypeError):  # What cannot even be written down was never hashed.
        return False
