"""Messages to and from JSON, strictly, by the type hints of the dataclasses themselves.

A field is what its hint says and nothing else: an unknown or missing field, a wrong type, a text or a number out
of its form, a list that is too long raise Malformed with the place and the reason. What is written is read back
before it leaves, so that nobody sends what nobody would believe.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import time
from enum import Enum
from typing import Annotated, Any, NewType, TypeVar, cast, get_args, get_origin, get_type_hints

from protocol.canonical import MAX_INTEGER, NotCanonical, canonical
from protocol.errors import Malformed
from protocol.forms import BY_FIELD, BY_TYPE, MAX_ITEMS, MAX_TEXT
from protocol.messages import SCHEMA, Signed, Unsigned
from protocol.wellformed import check

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "SIGNED",
    "UNSIGNED",
    "Malformed",
    "decode",
    "dump",
    "encode",
    "hints_of",
    "load",
    "parse_json",
    "read_as",
]

MAX_DOCUMENT_BYTES = 262_144

SIGNED: dict[str, type[Any]] = {cls.TYPE: cls for cls in get_args(Signed)}
UNSIGNED: dict[str, type[Any]] = {cls.TYPE: cls for cls in get_args(Unsigned)}
"""Every message class by its type name."""

_HOUR_AND_MINUTE = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

T = TypeVar("T")

_HINTS: dict[type[Any], dict[str, Any]] = {}
"""Reading type hints is slow: once per class."""


def _reject(text: str) -> None:
    raise Malformed(f"{text[:20]} is a number that may not cross the wire")


def _integer(text: str) -> int:
    if len(text) > len(str(-MAX_INTEGER)):
        _reject(text)
    return int(text)


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a field is named twice")
    return found


def parse_json(payload: bytes) -> object:
    """The JSON value of `payload` (UTF-8); Malformed for floats, fields named twice, or more than 256 KiB."""
    if len(payload) > MAX_DOCUMENT_BYTES:
        raise Malformed(f"{len(payload)} bytes are more than {MAX_DOCUMENT_BYTES}")
    try:
        return json.loads(
            payload.decode("utf-8"),
            parse_float=_reject,
            parse_constant=_reject,
            parse_int=_integer,
            object_pairs_hook=_no_duplicates,
        )
    except Malformed:
        raise
    except RecursionError as error:
        raise Malformed("nested too deep") from error
    except ValueError as error:
        raise Malformed(f"not JSON: {error}") from error


def _with_form(cls: type[Any], name: str, hint: Any) -> Any:
    form = BY_FIELD.get((cls, name))
    return hint if form is None else Annotated[hint, form]


def hints_of(cls: type[Any]) -> dict[str, Any]:
    """The type hint of each field of a dataclass, in order, forms included."""
    if cls not in _HINTS:
        hints = get_type_hints(cls, include_extras=True)
        _HINTS[cls] = {field.name: _with_form(cls, field.name, hints[field.name]) for field in fields(cls)}
    return _HINTS[cls]


def _read_items(hint: Any, value: object, where: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise Malformed(f"{where} is not a list")
    if len(value) > MAX_ITEMS:
        raise Malformed(f"{where} has more than {MAX_ITEMS} items")
    return tuple(read_as(hint, item, f"{where}[{n}]") for n, item in enumerate(value))


def _read_mapping(hint: Any, value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Malformed(f"{where} is not an object")
    if len(value) > MAX_ITEMS:
        raise Malformed(f"{where} has more than {MAX_ITEMS} entries")
    for key in value:
        read_as(str, key, where)
    return {key: read_as(hint, item, f"{where}.{key[:40]}") for key, item in value.items()}


def _read_time(value: object, where: str) -> time:
    if not isinstance(value, str) or not _HOUR_AND_MINUTE.fullmatch(value):
        raise Malformed(f"{where} is not a time of day (HH:MM)")
    return time.fromisoformat(value)


def _read_enum(kind: type[Enum], value: object, where: str) -> Enum:
    expected = int if issubclass(kind, int) else str
    if type(value) is not expected or value not in {member.value for member in kind}:
        raise Malformed(f"{where} is none of {', '.join(str(member.value) for member in kind)}")
    return kind(value)


_SCALARS: dict[Any, str] = {int: "an integer", str: "a text", bool: "true or false"}


def _text_fault(text: str) -> str:
    """Why a text cannot be kept by everyone who reads it (PostgreSQL keeps no U+0000, UTF-8 no surrogate)."""
    if len(text) > MAX_TEXT:
        return f"has more than {MAX_TEXT} characters"
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return "has a character that is none"
    return ""


def _read_scalar(kind: Any, value: object, where: str) -> object:
    if type(value) is not kind:
        raise Malformed(f"{where} is not {_SCALARS[kind]}")
    if isinstance(value, str) and (fault := _text_fault(value)):
        raise Malformed(f"{where} {fault}")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise Malformed(f"{where} is beyond what every JSON reader keeps exactly")
    return value


def _read_formed(hint: Any, form: Any, value: object, where: str) -> object:
    plain = read_as(hint, value, where)
    if fault := form.fault(plain):
        raise Malformed(f"{where} {fault}")
    return plain


def read_as(hint: Any, value: object, where: str) -> object:
    """`value` as the type that `hint` says; Malformed names `where`."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, form = get_args(hint)
        return _read_formed(base, form, value, where)
    if isinstance(hint, NewType):
        return _read_formed(hint.__supertype__, BY_TYPE[hint], value, where)
    if origin is tuple:
        return _read_items(get_args(hint)[0], value, where)
    if origin is Mapping:
        return _read_mapping(get_args(hint)[1], value, where)
    if is_dataclass(hint):
        return _read_object(cast(type[Any], hint), value, where)
    if hint is time:
        return _read_time(value, where)
    if issubclass(hint, Enum):
        return _read_enum(hint, value, where)
    return _read_scalar(hint, value, where)


def _read_object(cls: type[T], value: object, where: str) -> T:
    hints = hints_of(cls)
    if not isinstance(value, dict):
        raise Malformed(f"{where} is not an object")
    if missing := [name for name in hints if name not in value]:
        raise Malformed(f"{where} lacks {missing[0]!r}")
    if unknown := [name for name in value if name not in hints]:
        raise Malformed(f"{where} has an unknown field {unknown[0][:40]!r}")
    return cls(**{name: read_as(hint, value[name], f"{where}.{name}") for name, hint in hints.items()})


def _plain(value: object) -> Any:
    """The JSON value of a message or of a part of one."""
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in hints_of(cast(type[Any], type(value)))}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _read_message(cls: type[T], value: object) -> T:
    message = _read_object(cls, value, cls.TYPE)  # type: ignore[attr-defined]  # every message class has it
    check(message)
    return message


def encode(message: Signed | Unsigned) -> dict[str, Any]:
    """The fields of `message` as JSON, without site, type and schema. Malformed if nobody could read it back."""
    value = cast(dict[str, Any], _plain(message))
    if _read_message(type(message), value) != message:
        raise Malformed(f"{message.TYPE}: its JSON would say something else than the message")
    return value


def decode(type: str, fields: Mapping[str, object]) -> Signed | Unsigned:
    """The message of `type` (a name of SIGNED or UNSIGNED) that `fields` spell; Malformed otherwise."""
    cls = SIGNED.get(type) or UNSIGNED.get(type)
    if cls is None:
        raise Malformed(f"{type[:40]!r} is no type of message")
    return cast(Signed | Unsigned, _read_message(cls, dict(fields)))


def dump(message: Unsigned) -> bytes:
    """The payload of an unsigned message: its fields and `schema`, canonical. Malformed beyond 256 KiB."""
    try:
        payload = canonical({"schema": SCHEMA, **encode(message)})
    except NotCanonical as error:
        raise Malformed(str(error)) from error
    if len(payload) > MAX_DOCUMENT_BYTES:
        raise Malformed(f"{len(payload)} bytes are more than {MAX_DOCUMENT_BYTES}")
    return payload


def load(cls: type[T], payload: bytes) -> T:
    """The unsigned message of class `cls` in `payload`; Malformed when it is none, or of another schema."""
    value = parse_json(payload)
    if not isinstance(value, dict) or type(value.get("schema")) is not int or value["schema"] != SCHEMA:
        raise Malformed(f"not an object of schema {SCHEMA}")
    return _read_message(cls, {name: inner for name, inner in value.items() if name != "schema"})
