"""Ed25519 keys (RFC 8032, by libsodium): the roles, signing, verifying, and the short name of a key."""

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from nacl import signing
from nacl.exceptions import BadSignatureError

KEY_ID_DIGITS = 16

_HEX_32_BYTES = re.compile(r"[0-9a-f]{64}")
_HEX_64_BYTES = re.compile(r"[0-9a-f]{128}")


class Role(StrEnum):
    """What a key may sign; never more than one thing."""

    ROOT = "root"
    """The key list."""
    SCHEDULE = "schedule"
    """Plans, and broadcasts of normal and of priority rank."""
    EMERGENCY = "emergency"
    """Emergency broadcasts only."""
    CONFIG = "config"
    """What a speaker must know about itself."""
    SESSION = "session"
    """Commands, receipts and the time of day: short-lived, held by the running controller."""
    SPEAKER = "speaker"
    """A box's own key: its playback records."""


def _raw(hex_digits: str, form: re.Pattern[str], what: str) -> bytes:
    if not form.fullmatch(hex_digits):
        raise ValueError(f"not {what} in lower-case hex")
    return bytes.fromhex(hex_digits)


def key_id(public_hex: str) -> str:
    """The short name of a public key: the first 16 hex digits of the SHA-256 of its 32 raw bytes."""
    raw = _raw(public_hex, _HEX_32_BYTES, "a 32-byte public key")
    return hashlib.sha256(raw).hexdigest()[:KEY_ID_DIGITS]


def verify(public_hex: str, data: bytes, sig_hex: str) -> bool:
    """Whether `sig_hex` (128 hex digits) is the signature of exactly `data` by this key; never raises."""
    if not (_HEX_32_BYTES.fullmatch(public_hex) and _HEX_64_BYTES.fullmatch(sig_hex)):
        return False
    try:
        signing.VerifyKey(bytes.fromhex(public_hex)).verify(data, bytes.fromhex(sig_hex))
    except (BadSignatureError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """A private key. Its seed never shows in a log: `repr` prints the key's short name."""

    _private: signing.SigningKey
    key_id: str = field(init=False)
    """Its short name, which stands beside every signature."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_id", key_id(self.public_hex))

    @classmethod
    def generate(cls) -> Self:
        """A new key from the operating system's random source."""
        return cls(signing.SigningKey.generate())

    @classmethod
    def from_seed_hex(cls, seed_hex: str) -> Self:
        """The key of a stored seed (64 hex digits); ValueError when it is none."""
        return cls(signing.SigningKey(_raw(seed_hex.strip(), _HEX_32_BYTES, "a 32-byte seed")))

    @property
    def seed_hex(self) -> str:
        return bytes(self._private).hex()

    @property
    def public_hex(self) -> str:
        return bytes(self._private.verify_key).hex()

    def sign(self, data: bytes) -> str:
        """The Ed25519 signature of `data`, 128 hex digits."""
        return self._private.sign(data).signature.hex()

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"
