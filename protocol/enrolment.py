"""How a box and a site come to know each other: what is asked, the code that people compare, and the sealed answer.

1. The box sends its public key, a one-time sealing key and a *commitment* to a number that it keeps to itself.
2. The controller answers with the site, its root key and a number of its own.
3. Only then does the box reveal its number. The claim code is taken from all of it. Neither side, and nobody in
   between, knew the other's number when fixing its own, so nobody can search for keys that give a wished-for code:
   whoever puts other keys in between gets another code, but for one chance in 10⁸ per try.
4. After staff compared the code, the box gets its grant: encrypted to its sealing key, signed by the site's config
   key, which the site's key list names and the compared root key has signed.

No sockets and no files. What this does not do: a box that was led to another controller by address is taken over by
that one; its speaker then never appears at the site (HTTPS with a checked certificate prevents it).
"""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocol.canonical import JsonValue, canonical, sha256_hex
from protocol.codec import parse_json
from protocol.envelope import open_envelope
from protocol.errors import Malformed
from protocol.keys import Role, verify
from protocol.messages import Keys

CODE_DIGITS = 8
NONCE_BYTES = 32
_ONCE = bytes(12)
"""The key is used for one message only, so its nonce may be fixed."""


class NotGenuine(Exception):
    """The answer is not this site's answer to this box's request."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a box sends first. Keys and the commitment are 64 hex digits; the rest is told for people only."""

    public_key: str
    sealing_key: str
    commitment: str
    hostname: str
    serial: str
    agent_version: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What the controller says to it; `nonce` is its number, 64 hex digits."""

    enrolment: str
    site: str
    root_public: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What an accepted box gets: who it is, and how it reaches the broker. `ca_pem` "" for the system's authorities."""

    speaker: str
    host: str
    port: int
    tls: bool
    ca_pem: str
    password: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A sealed grant as it crosses: hex, the config key's signature, and the root's signed list of keys."""

    ephemeral: str
    sealed: str
    signature: str
    keys: str

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a JSON object; NotGenuine when it is none of this kind."""
        names = {"ephemeral", "sealed", "signature", "keys"}
        if (
            not isinstance(value, dict)
            or set(value) != names
            or not all(isinstance(each, str) for each in value.values())
        ):
            raise NotGenuine("the answer has not the form of one")
        return cls(**value)


def commitment_of(box_nonce: str) -> str:
    return hashlib.sha256(b"loaxa enrolment " + box_nonce.encode()).hexdigest()


def transcript(ask: Ask, offer: Offer, box_nonce: str) -> str:
    """The SHA-256 of all that both sides said."""
    said: dict[str, JsonValue] = {
        "type": "enrolment",
        "ask": asdict(ask),
        "offer": asdict(offer),
        "box_nonce": box_nonce,
    }
    return sha256_hex(canonical(said))


def claim_code(said: str) -> str:
    """The code of a transcript, for people: eight digits."""
    return str(int(said, 16) % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def reveal_bytes(offer: Offer, box_nonce: str) -> bytes:
    """What the box signs with its own key whenever it asks how its enrolment stands."""
    return canonical({"type": "enrolment-reveal", "enrolment": offer.enrolment, "box_nonce": box_nonce})


class SealingKey:
    """The box's one-time X25519 key (RFC 7748), by which only it can read its answer."""

    def __init__(self, private: X25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> "SealingKey":
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_hex(cls, private_hex: str) -> "SealingKey":
        return cls(X25519PrivateKey.from_private_bytes(bytes.fromhex(private_hex)))

    @property
    def private_hex(self) -> str:
        return self._private.private_bytes_raw().hex()

    @property
    def public_hex(self) -> str:
        return self._private.public_key().public_bytes_raw().hex()

    def shared(self, public_hex: str) -> bytes:
        return self._private.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(public_hex)))


def usable_sealing_key(public_hex: str) -> bool:
    """Whether something can be sealed to it: a few points give everybody the same secret (RFC 7748, section 6.1)."""
    try:
        SealingKey.generate().shared(public_hex)
    except ValueError:
        return False
    return True


def _cipher(shared: bytes, said: str) -> ChaCha20Poly1305:
    derived = HKDF(SHA256(), 32, salt=bytes.fromhex(said), info=b"loaxa enrolment answer").derive(shared)
    return ChaCha20Poly1305(derived)


def signed_answer(said: str, ephemeral: str, sealed: str) -> bytes:
    """What the config key signs."""
    return canonical({"type": "enrolment-answer", "transcript": said, "ephemeral": ephemeral, "sealed": sealed})


def seal_grant(grant: Grant, sealing_key: str, said: str) -> tuple[str, str]:
    """(ephemeral, sealed): `grant` for the holder of `sealing_key` alone, bound to the transcript."""
    ephemeral = SealingKey.generate()
    plain = canonical(asdict(grant))
    sealed = _cipher(ephemeral.shared(sealing_key), said).encrypt(_ONCE, plain, bytes.fromhex(said))
    return ephemeral.public_hex, sealed.hex()


def open_answer(answer: Answer, offer: Offer, said: str, key: SealingKey) -> Grant:
    """The grant in `answer`; NotGenuine unless the site whose root key was compared made it for this request."""
    signed = signed_answer(said, answer.ephemeral, answer.sealed)
    if not any(verify(public, signed, answer.signature) for public in _config_keys(answer.keys, offer)):
        raise NotGenuine("the answer is not signed by the site")
    try:
        shared = key.shared(answer.ephemeral)
        plain = _cipher(shared, said).decrypt(_ONCE, bytes.fromhex(answer.sealed), bytes.fromhex(said))
    except (InvalidTag, ValueError) as error:
        raise NotGenuine("the answer is sealed for somebody else") from error
    return _grant(plain)


def _config_keys(keys: str, offer: Offer) -> list[str]:
    try:
        envelope = open_envelope(keys.encode())
    except Malformed as error:
        raise NotGenuine(f"the list of keys is malformed: {error}") from error
    if not isinstance(envelope.message, Keys) or envelope.site != offer.site:
        raise NotGenuine("the list of keys is another site's")
    if not any(verify(offer.root_public, envelope.signed, each.sig) for each in envelope.signatures):
        raise NotGenuine("the list of keys is not signed by the root key")
    return [entry.public for entry in envelope.message.keys if entry.role == Role.CONFIG]


def _grant(plain: bytes) -> Grant:
    kinds: dict[str, type[Any]] = {each: kind for each, kind in Grant.__annotations__.items()}
    try:
        value = parse_json(plain)
    except Malformed as error:
        raise NotGenuine(str(error)) from error
    if not isinstance(value, dict) or set(value) != set(kinds):
        raise NotGenuine("the grant has other fields than expected")
    if any(type(value[name]) is not kind for name, kind in kinds.items()):
        raise NotGenuine("a field of the grant is of another kind than expected")
    return Grant(**value)
