"""Canonical JSON bytes (RFC 8785) of integers, strings, booleans, lists and objects; nothing else crosses the wire."""

import hashlib
from collections.abc import Mapping, Sequence

import rfc8785

JsonValue = bool | int | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8785 section 3.2.2.3, I-JSON RFC 7493)."""


class NotCanonical(ValueError):
    """The value has no canonical form here: a float, a null, an integer beyond 2^53-1, a lone surrogate."""


def _refuse_foreign(value: object) -> None:
    """Floats print differently between encoders and null says nothing: neither may be signed."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"{key!r} is not a string and cannot name a field")
            _refuse_foreign(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_foreign(inner)
    elif not isinstance(value, bool | int | str):
        raise NotCanonical(f"{type(value).__name__} cannot cross the wire: only integers, strings and booleans")


def canonical(value: JsonValue) -> bytes:
    """The RFC 8785 bytes of `value`; NotCanonical when it has none."""
    try:
        _refuse_foreign(value)
        return rfc8785.dumps(value)
    except RecursionError as error:
        raise NotCanonical("nested too deep") from error
    except rfc8785.CanonicalizationError as error:
        raise NotCanonical(str(error)) from error


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data`, 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()
