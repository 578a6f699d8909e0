"""The signed document on the wire: `{"signed": {...}, "signatures": [{"key": ..., "sig": ...}]}`.

The shape is The Update Framework's; the bytes that are signed are the RFC 8785 form of `signed`, which carries
site, type and schema, so that no document passes for another. Opening checks form only: belief is belief.py's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, cast

from protocol.canonical import NotCanonical, canonical, canonical_read
from protocol.codec import MAX_DOCUMENT_BYTES, SIGNED, decode, encode, parse_json
from protocol.errors import Malformed
from protocol.forms import Identifier, KeyId, Text
from protocol.keys import SigningKey
from protocol.messages import SCHEMA, Signed
from protocol.readers import read_as

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "MAX_SIGNATURES",
    "Envelope",
    "Signature",
    "open_envelope",
    "seal",
    "signed_bytes",
    "with_signatures",
]

MAX_SIGNATURES = 8

SignatureHex = Annotated[str, Text(r"[0-9a-f]{128}", "an Ed25519 signature (128 lower-case hex digits)")]


@dataclass(frozen=True, slots=True)
class Signature:
    """One key's word for the signed bytes: the key's short name, and the signature."""

    key: KeyId
    sig: SignatureHex


@dataclass(frozen=True, slots=True)
class Envelope:
    """A document of good form. Nothing in it is believed yet. `signed` are the bytes the signatures are over."""

    site: str
    type: str
    schema: int
    message: Signed
    signed: bytes
    signatures: tuple[Signature, ...]


def signed_bytes(site: str, message: Signed) -> bytes:
    """The canonical bytes to sign for `message` at `site` (an identifier); Malformed when nobody could read them."""
    read_as(Identifier, site, "site")
    return canonical_read({"site": site, "type": message.TYPE, "schema": SCHEMA, **encode(message)})


def seal(signed: bytes, *keys: SigningKey) -> bytes:
    """The payload: `signed` as it is, and a signature of it by each key. Malformed beyond 256 KiB."""
    return with_signatures(signed, [Signature(key.key_id, key.sign(signed)) for key in keys])


def with_signatures(signed: bytes, signatures: Iterable[Signature]) -> bytes:
    """The payload of `signed` with signatures that were made before. Malformed beyond 256 KiB."""
    listed = canonical([{"key": each.key, "sig": each.sig} for each in signatures])
    payload = b'{"signed":' + signed + b',"signatures":' + listed + b"}"
    if len(payload) > MAX_DOCUMENT_BYTES:
        raise Malformed(f"{len(payload)} bytes are more than {MAX_DOCUMENT_BYTES}")
    return payload


def _head(signed: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    fields = dict(signed)
    site = cast(str, read_as(Identifier, fields.pop("site", None), "site"))
    kind = cast(str, read_as(str, fields.pop("type", None), "type"))
    schema = cast(int, read_as(int, fields.pop("schema", None), "schema"))
    if schema != SCHEMA:
        raise Malformed(f"schema {schema} is not {SCHEMA}")
    if kind not in SIGNED:
        raise Malformed(f"{kind[:40]!r} is no type of signed message")
    return site, kind, fields


def _signatures(value: object) -> tuple[Signature, ...]:
    signatures = cast(tuple[Signature, ...], read_as(tuple[Signature, ...], value, "signatures"))
    if not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise Malformed(f"{len(signatures)} signatures, not 1 to {MAX_SIGNATURES}")
    if len({signature.key for signature in signatures}) != len(signatures):
        raise Malformed("a key signs twice")
    return signatures


def open_envelope(payload: bytes) -> Envelope:
    """The document in `payload`; Malformed when it is none. Field order and white space do not matter."""
    outer = parse_json(payload)
    if not isinstance(outer, dict) or set(outer) != {"signed", "signatures"} or not isinstance(outer["signed"], dict):
        raise Malformed("not an object of signed and signatures")
    signatures = _signatures(outer["signatures"])
    site, kind, fields = _head(outer["signed"])
    message = cast(Signed, decode(kind, fields))
    try:
        signed = canonical(outer["signed"])
    except NotCanonical as error:
        raise Malformed(str(error)) from error
    return Envelope(site, kind, SCHEMA, message, signed, signatures)
