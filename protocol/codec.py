"""Messages to and from JSON, strictly, by the type hints of the dataclasses themselves.

A field is what its hint says and nothing else: an unknown or missing field, a wrong type, a text or a number out
of its form, a list that is too long raise Malformed with the place and the reason. What is written is read back
before it leaves, so that nobody sends what nobody would believe.
"""

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import time
from enum import Enum
from typing import Any, TypeVar, cast, get_args

from protocol.canonical import MAX_INTEGER, NotCanonical, canonical
from protocol.errors import Malformed
from protocol.messages import SCHEMA, Signed, Unsigned
from protocol.readers import hints_of, read_as
from protocol.wellformed import check

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "SIGNED",
    "UNSIGNED",
    "Malformed",
    "decode",
    "dump",
    "encode",
    "load",
    "parse_json",
]

MAX_DOCUMENT_BYTES = 262_144

SIGNED: dict[str, type[Any]] = {cls.TYPE: cls for cls in get_args(Signed)}
UNSIGNED: dict[str, type[Any]] = {cls.TYPE: cls for cls in get_args(Unsigned)}
"""Every message class by its type name."""

T = TypeVar("T")


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


_AS_IT_IS = frozenset({int, str, bool})
_NAMES: dict[type[Any], tuple[str, ...]] = {}
"""The fields of each dataclass that was written so far."""


def _plain(value: object) -> Any:
    """The JSON value of a message or of a part of one."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind in _NAMES:
        return {
            name: inner if type(inner := getattr(value, name)) in _AS_IT_IS else _plain(inner) for name in _NAMES[kind]
        }
    if kind is tuple:
        return [_plain(item) for item in cast(tuple[object, ...], value)]
    return _plain_rare(value)


def _plain_rare(value: object) -> Any:
    if is_dataclass(value):
        _NAMES[type(value)] = tuple(hints_of(cast(type[Any], type(value))))
        return _plain(value)
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
    message: T = read_as(cls, value, cls.TYPE)  # type: ignore[attr-defined]  # every message class has it
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
