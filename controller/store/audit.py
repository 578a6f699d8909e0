"""Repository of the audit: an append-only chain in which every row vouches for all before it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from protocol.canonical import canonical
from schedules.units import UtcMs

GENESIS = "0" * 64
"""What the first row names as the hash before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `before` and `after` are canonical JSON (RFC 8785), "" for nothing."""

    n: int
    at: UtcMs
    who: str
    source: str
    action: str
    subject: str
    before: str
    after: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; "" and None leave a thing open. `who` and `subject` are parts of the name, `action` is a
    whole action or the thing before its dot, `since` and `until` (not included) are instants."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since: UtcMs | None = None
    until: UtcMs | None = None


def entry_hash(entry: Entry) -> str:
    """SHA-256 (hex) over the canonical JSON of everything but the hash itself."""
    told = [entry.who, entry.source, entry.action, entry.subject, entry.before, entry.after, entry.previous]
    return hashlib.sha256(canonical([entry.n, int(entry.at), *told])).hexdigest()


class Audit:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def head(self) -> tuple[int, str]:
        """The number and the hash of the newest row; (0, GENESIS) when there is none."""
        table = schema.audit
        row = self._c.execute(sa.select(table.c.n, table.c.hash).order_by(table.c.n.desc()).limit(1)).first()
        return (row.n, row.hash) if row else (0, GENESIS)

    def at(self, n: int) -> Entry | None:
        row = self._c.execute(sa.select(schema.audit).where(schema.audit.c.n == n)).first()
        return _entry(row) if row else None

    def newest_of(self, subject: str, action: str) -> Entry | None:
        """The newest row of exactly this subject and action."""
        table = schema.audit
        query = sa.select(table).where(table.c.subject == subject, table.c.action == action)
        row = self._c.execute(query.order_by(table.c.n.desc()).limit(1)).first()
        return _entry(row) if row else None

    def walk(self) -> Iterator[Entry]:
        """Every row, the oldest first."""
        query = sa.select(schema.audit).order_by(schema.audit.c.n).execution_options(yield_per=1000)
        for row in self._c.execute(query):
            yield _entry(row)

    def newest(self, wanted: Wanted, before: int | None, limit: int) -> tuple[Entry, ...]:
        """Up to `limit` rows that fit, the newest first, all with a number below `before`."""
        table = schema.audit
        query = sa.select(table).where(*_conditions(wanted)).order_by(table.c.n.desc()).limit(limit)
        if before is not None:
            query = query.where(table.c.n < before)
        return tuple(_entry(row) for row in self._c.execute(query))

    def add(
        self,
        at: UtcMs,
        who: str,
        source: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Append; runs in the transaction of what it tells of, so neither is ever there without the other."""
        n, previous = self.head()
        told = tuple("" if each is None else canonical(each).decode() for each in (before, after))
        unsigned = Entry(n + 1, at, who, source, action, subject, told[0], told[1], previous, "")
        entry = Entry(n + 1, at, who, source, action, subject, told[0], told[1], previous, entry_hash(unsigned))
        row = {name: getattr(entry, name) for name in Entry.__slots__ if name != "at"}
        self._c.execute(schema.audit.insert().values(**row, at_ms=entry.at))
        return entry


def _entry(row: sa.Row[Any]) -> Entry:
    told = (row.who, row.source, row.action, row.subject, row.before, row.after, row.previous, row.hash)
    return Entry(row.n, UtcMs(row.at_ms), *told)


def _conditions(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    table = schema.audit
    if wanted.who:
        yield table.c.who.icontains(wanted.who, autoescape=True)
    if wanted.action:
        thing = table.c.action.startswith(f"{wanted.action}.", autoescape=True)
        yield sa.or_(table.c.action == wanted.action, thing)
    if wanted.subject:
        yield table.c.subject.icontains(wanted.subject, autoescape=True)
    if wanted.since is not None:
        yield table.c.at_ms >= wanted.since
    if wanted.until is not None:
        yield table.c.at_ms < wanted.until
