"""Strict readers of JSON values, made once for each type hint: a value is what the hint says, or it is a fault."""

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import time
from enum import Enum
from typing import Annotated, Any, NewType, Self, cast, get_args, get_origin, get_type_hints

from protocol.canonical import MAX_INTEGER
from protocol.errors import Malformed
from protocol.forms import BY_FIELD, BY_TYPE, MAX_ITEMS, MAX_TEXT, Form, Span

Reader = Callable[[object], Any]

_HOUR_AND_MINUTE = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
# PostgreSQL keeps no U+0000 and UTF-8 no surrogate: such a text could not be stored by everyone who reads it.
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")

_HINTS: dict[type[Any], dict[str, Any]] = {}
_READERS: dict[Any, Reader] = {}


class _Fault(Exception):
    """What is wrong with a value, and where inside it; the place grows on the way out."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.place = ""

    def within(self, step: str) -> Self:
        self.place = step + self.place
        return self


def _with_form(cls: type[Any], name: str, hint: Any) -> Any:
    form = BY_FIELD.get((cls, name))
    return hint if form is None else Annotated[hint, form]


def hints_of(cls: type[Any]) -> dict[str, Any]:
    """The type hint of each field of a dataclass, in order, forms included."""
    if cls not in _HINTS:
        hints = get_type_hints(cls, include_extras=True)
        _HINTS[cls] = {field.name: _with_form(cls, field.name, hints[field.name]) for field in fields(cls)}
    return _HINTS[cls]


def _text(value: object) -> str:
    if type(value) is not str:
        raise _Fault("is not a text")
    if len(value) > MAX_TEXT:
        raise _Fault(f"has more than {MAX_TEXT} characters")
    if _NO_CHARACTER.search(value):
        raise _Fault("has a character that is none")
    return value


def _integer(value: object) -> int:
    if type(value) is not int:
        raise _Fault("is not an integer")
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise _Fault("is beyond what every JSON reader keeps exactly")
    return value


def _truth(value: object) -> bool:
    if type(value) is not bool:
        raise _Fault("is not true or false")
    return value


def _time(value: object) -> time:
    if type(value) is not str or not _HOUR_AND_MINUTE.fullmatch(value):
        raise _Fault("is not a time of day (HH:MM)")
    return time.fromisoformat(value)


def _formed(plain: Reader, form: Form) -> Reader:
    fault_of = form.fault
    if plain is _integer and isinstance(form, Span):
        return _spanned(form)

    def read(value: object) -> Any:
        found = plain(value)
        if fault := fault_of(found):
            raise _Fault(fault)
        return found

    return read


def _spanned(span: Span) -> Reader:
    """An integer of a span, in one look: most of what a plan and a broadcast say are such."""
    low, high = max(span.low, -MAX_INTEGER), min(span.high, MAX_INTEGER)

    def read(value: object) -> int:
        if type(value) is int and low <= value <= high:
            return value
        raise _Fault(span.fault(_integer(value)))

    return read


def _items(item: Reader) -> Reader:
    def read(value: object) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _Fault("is not a list")
        if len(value) > MAX_ITEMS:
            raise _Fault(f"has more than {MAX_ITEMS} items")
        found = []
        for inner in value:
            try:
                found.append(item(inner))
            except _Fault as fault:
                raise fault.within(f"[{len(found)}]") from None
        return tuple(found)

    return read


def _mapping(item: Reader) -> Reader:
    def read(value: object) -> dict[str, Any]:
        if type(value) is not dict:
            raise _Fault("is not an object")
        if len(value) > MAX_ITEMS:
            raise _Fault(f"has more than {MAX_ITEMS} entries")
        found = {}
        for key, inner in value.items():
            try:
                found[_text(key)] = item(inner)
            except _Fault as fault:
                raise fault.within(f".{key[:40]}") from None
        return found

    return read


def _enum(kind: type[Enum]) -> Reader:
    members = {member.value: member for member in kind}
    plain: Reader = _integer if issubclass(kind, int) else _text
    names = ", ".join(str(value) for value in members)

    def read(value: object) -> Enum:
        try:
            return members[plain(value)]
        except (_Fault, KeyError):
            raise _Fault(f"is none of {names}") from None

    return read


def optional_of(cls: type[Any]) -> frozenset[str]:
    """The fields of a message that may be absent; they have a value for that."""
    named: frozenset[str] = getattr(cls, "OPTIONAL", frozenset())
    return named


def _object(cls: type[Any]) -> Reader:
    readers = {name: reader(hint) for name, hint in hints_of(cls).items()}
    items, needed = tuple(readers.items()), readers.keys() - optional_of(cls)

    def read(value: object) -> Any:
        if type(value) is not dict:
            raise _Fault("is not an object")
        whole = value.keys() == readers.keys()
        if not whole and not needed <= value.keys() <= readers.keys():
            raise _wrong_names(value, readers, needed)
        found, name = {}, ""
        try:
            for name, inner in items:
                if whole or name in value:
                    found[name] = inner(value[name])
        except _Fault as fault:
            raise fault.within(f".{name}") from None
        return cls(**found)

    return read


def _wrong_names(value: dict[str, Any], names: Mapping[str, Reader], needed: Set[str]) -> _Fault:
    for name in names:
        if name in needed and name not in value:
            return _Fault(f"lacks {name!r}")
    unknown = next(name for name in value if name not in names)
    return _Fault(f"has an unknown field {unknown[:40]!r}")


_SCALARS: dict[Any, Reader] = {str: _text, int: _integer, bool: _truth, time: _time}


def _made(hint: Any) -> Reader:
    origin = get_origin(hint)
    if origin is Annotated:
        base, form = get_args(hint)
        return _formed(reader(base), form)
    if isinstance(hint, NewType):
        return _formed(reader(hint.__supertype__), BY_TYPE[hint])
    if origin is tuple:
        return _items(reader(get_args(hint)[0]))
    if origin is Mapping:
        return _mapping(reader(get_args(hint)[1]))
    if is_dataclass(hint):
        return _object(cast(type[Any], hint))
    return _SCALARS[hint] if hint in _SCALARS else _enum(hint)


def reader(hint: Any) -> Reader:
    """The reader of the type that `hint` says: int, str, bool, time, enums, NewTypes, Annotated forms, dataclasses,
    tuples of one type, Mapping[str, …]."""
    if hint not in _READERS:
        _READERS[hint] = _made(hint)
    return _READERS[hint]


def read_as(hint: Any, value: object, where: str) -> Any:
    """`value` as the type that `hint` says; Malformed tells where in `where` and why."""
    try:
        return reader(hint)(value)
    except _Fault as fault:
        raise Malformed(f"{where}{fault.place} {fault.sentence}") from None
