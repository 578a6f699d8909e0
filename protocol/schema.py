"""JSON Schema (draft 7) of every message, from the same type hints by which the codec reads them."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import time
from enum import Enum
from typing import Annotated, Any, NewType, get_args, get_origin

from protocol.canonical import MAX_INTEGER
from protocol.codec import SIGNED, UNSIGNED
from protocol.envelope import MAX_SIGNATURES, Signature
from protocol.forms import BY_TYPE, IDENTIFIER, MAX_ITEMS, MAX_TEXT, Form, Span
from protocol.messages import CHUNK_BYTES, SCHEMA
from protocol.readers import hints_of, optional_of
from protocol.words import FIELDS

Schema = dict[str, Any]


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _of_form(form: Form) -> Schema:
    if isinstance(form, Span):
        return {"type": "integer", "minimum": form.low, "maximum": form.high}
    return {"type": "string", "pattern": f"^(?:{form.pattern})$"}


def _of_enum(kind: type[Enum]) -> Schema:
    return {"type": "integer" if issubclass(kind, int) else "string", "enum": [member.value for member in kind]}


_SCALARS: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    str: {"type": "string", "maxLength": MAX_TEXT},
    int: {"type": "integer", "minimum": -MAX_INTEGER, "maximum": MAX_INTEGER},
    time: {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
}


def of_hint(hint: Any) -> Schema:
    """The schema of values of the type that `hint` says."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _of_form(get_args(hint)[1])
    if isinstance(hint, NewType):
        return _of_form(BY_TYPE[hint])
    if origin is tuple:
        return {"type": "array", "maxItems": MAX_ITEMS, "items": of_hint(get_args(hint)[0])}
    if origin is Mapping:
        return {"type": "object", "maxProperties": MAX_ITEMS, "additionalProperties": of_hint(get_args(hint)[1])}
    if is_dataclass(hint):
        return reference(hint.__name__)  # type: ignore[union-attr]  # a class here, never an instance
    if hint not in _SCALARS and issubclass(hint, Enum):
        return _of_enum(hint)
    return dict(_SCALARS[hint])


def _closed(properties: dict[str, Schema], optional: frozenset[str] = frozenset()) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


def _described(schema: Schema, words: str) -> Schema:
    # Draft 7 ignores whatever stands beside a $ref.
    inner = {"allOf": [schema]} if "$ref" in schema else schema
    return {"description": words, **inner}


def _fields(cls: type[Any]) -> dict[str, Schema]:
    return {name: _described(of_hint(hint), FIELDS[cls][name]) for name, hint in hints_of(cls).items()}


def first_sentence(cls: type[Any]) -> str:
    """What the class is, from the beginning of its docstring."""
    return " ".join((cls.__doc__ or "").split("\n\n")[0].split())


def parts_of(cls: type[Any]) -> set[type[Any]]:
    """Every dataclass inside `cls`, at any depth, itself not counted."""
    found: set[type[Any]] = set()
    for hint in hints_of(cls).values():
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if is_dataclass(inner) and isinstance(inner, type):
            found |= {inner} | parts_of(inner)
    return found


_SCHEMA_NUMBER: Schema = {"description": "Version of the form of this message.", "const": SCHEMA}


def _signed(cls: type[Any]) -> Schema:
    head: dict[str, Schema] = {
        "site": _described(_of_form(IDENTIFIER), "The site it is made for; no other believes it."),
        "type": {"description": "What it is, so that nothing can pass for another.", "const": cls.TYPE},
        "schema": _SCHEMA_NUMBER,
    }
    signatures = {"type": "array", "minItems": 1, "maxItems": MAX_SIGNATURES, "items": reference(Signature.__name__)}
    outer = {
        "signed": {
            "description": "What the signatures are over.",
            **_closed({**head, **_fields(cls)}, optional_of(cls)),
        },
        "signatures": {"description": "Each by another key; one of the right role is enough.", **signatures},
    }
    return {"description": first_sentence(cls), **_closed(outer)}


def _unsigned(cls: type[Any]) -> Schema:
    fields = {"schema": _SCHEMA_NUMBER, **_fields(cls)}
    return {"description": first_sentence(cls), **_closed(fields, optional_of(cls))}


def _part(cls: type[Any]) -> Schema:
    return {"description": first_sentence(cls), **_closed(_fields(cls), optional_of(cls))}


def schemas() -> dict[str, Schema]:
    """Every schema by name: the payloads by message type, their parts by class name, and the raw chunk."""
    classes = [*SIGNED.values(), *UNSIGNED.values()]
    parts = {part for cls in classes for part in parts_of(cls)} | {Signature}
    chunk = {"description": "Raw bytes of the clip.", "type": "string", "format": "binary", "maxLength": CHUNK_BYTES}
    return {
        **{name: _signed(cls) for name, cls in SIGNED.items()},
        **{name: _unsigned(cls) for name, cls in UNSIGNED.items()},
        "chunk": chunk,
        **{part.__name__: _part(part) for part in sorted(parts, key=lambda part: part.__name__)},
    }
