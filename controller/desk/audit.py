"""Reading the audit: rows that fit, readable and exported, and its head, to be kept elsewhere."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from controller.chain import Head
from controller.desk.audit_names import subject_names
from controller.desk.audit_scope import Scope, sees_all
from controller.desk.refusal import forbidden
from controller.desk.room import Room
from controller.desk.values import Person
from controller.rights import Operation, allows
from controller.store.audit import Entry, Wanted
from controller.store.site import SITE_ID

PAGE = 50
BATCH = 500
MOST_LOOKED_AT = 10_000
"""So many rows are gone through for one page of a person who may read only some of them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was changed; "" where there was or is none. `name` is a path: "content.title"."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, the newest first; `older` asks for the next page, None at the end."""

    entries: tuple[Entry, ...]
    older: int | None


class Journal:
    """The audit as a person may read it."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def page(self, by: Person, wanted: Wanted, before: int | None = None, limit: int = PAGE) -> Page:
        """Rows numbered below `before`."""
        _require(by)
        found: list[Entry] = []
        looked_at, size = 0, limit + 1 if sees_all(by) else BATCH
        with self._room.store.read() as unit:
            scope = Scope(unit, self._room.places(unit), by)
            while looked_at < MOST_LOOKED_AT:
                batch = unit.audit.newest(wanted, before, size)
                for entry in batch:
                    if len(found) == limit:
                        return Page(tuple(found), before)
                    before = entry.n
                    if scope.shows(entry):
                        found.append(entry)
                looked_at += len(batch)
                if len(batch) < size:
                    return Page(tuple(found), None)
        return Page(tuple(found), before)

    def names(self, entries: Iterable[Entry]) -> Mapping[str, str]:
        """What people call the subjects of these rows, where they have a name."""
        with self._room.store.read() as unit:
            return subject_names(unit, self._room.places(unit), {entry.subject for entry in entries})

    def export(self, by: Person, wanted: Wanted, form: str) -> Iterator[Entry]:
        """Every row that fits, the newest first; read in pieces while it is sent. The export itself is recorded."""
        _require(by)
        told = {name: getattr(wanted, name) for name in Wanted.__slots__ if getattr(wanted, name)}
        with self._room.store.write() as unit:
            self._room.record(unit, by, "audit.export", "audit:", None, {"form": form, **told})
        return self._pieces(by, wanted)

    def _pieces(self, by: Person, wanted: Wanted) -> Iterator[Entry]:
        before: int | None = None
        while True:
            page = self.page(by, wanted, before, BATCH)
            yield from page.entries
            before = page.older
            if before is None:
                return

    def head(self, by: Person) -> Head:
        """Of the whole site; refused to who may read only some of it."""
        if not sees_all(by):
            raise forbidden()
        with self._room.store.read() as unit:
            n, digest = unit.audit.head()
            return Head(unit.site.get(SITE_ID), n, digest, self._room.now())


def _require(by: Person) -> None:
    if not allows(by.grants, Operation.AUDIT):
        raise forbidden()


def differences(entry: Entry) -> tuple[Difference, ...]:
    """What the row says was changed, in the order of the names; what stayed the same is left out."""
    before, after = _leaves(entry.before), _leaves(entry.after)
    names = sorted(before.keys() | after.keys())
    told = (Difference(name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(each for each in told if each.before != each.after)


def _leaves(told: str) -> dict[str, str]:
    """{"a":{"b":1}} → {"a.b": "1"}; lists of plain values stay in one piece."""
    found: dict[str, str] = {}

    def walk(path: str, value: object) -> None:
        if isinstance(value, dict) and value:
            for name, inner in value.items():
                walk(f"{path}.{name}" if path else str(name), inner)
        elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
            for n, inner in enumerate(value, 1):
                walk(f"{path}.{n}", inner)
        else:
            found[path] = _plain(value)

    walk("", json.loads(told) if told else {})
    found.pop("", None)
    return found


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    if value is None or value == {}:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
