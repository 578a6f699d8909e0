"""The words of belief: what a speaker trusts, and what a judgement can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from protocol.messages import Config, Keys, Signed
from protocol.versions import Version
from schedules.units import SpeakerId


class Refused(StrEnum):
    """The names of disbelief, in the order of the checks."""

    SIZE = "size"
    FORM = "form"
    SITE = "site"
    KEY = "key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    EXPIRY = "expiry"
    VERSION = "version"
    QUIET_HOURS = "quiet_hours"
    WEEKDAY = "weekday"
    SESSION_CAP = "session_cap"
    DAILY_CAP = "daily_cap"
    VOLUME = "volume"
    MEDIA = "media"
    NONCE = "nonce"


class Awaits(StrEnum):
    """What is missing for a judgement; judge again when it changes."""

    KEY = "key"
    CHAIN = "chain"
    """A key list between the one that is held and this one."""
    AUDIENCE = "audience"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Trust:
    """What a speaker already believes. `versions` and `hashes` are kept across restarts, by document identity.

    Identities: "keys", "config", "plan:areas/x:2026-11-22", "broadcast:ID", "command:ID", "receipt:STORE".
    `hashes` holds the SHA-256 of the signed bytes of each version in `versions`; where it is not known, the same
    version is taken for a duplicate. `root_public` is the root that was pinned when the box was set up; it counts
    until a key list names another.
    """

    site: str
    speaker: SpeakerId
    root_public: str
    keys: Keys | None
    config: Config | None
    versions: Mapping[str, Version]
    hashes: Mapping[str, str] = field(default_factory=dict)
    epoch: int = 0
    """The highest epoch of any document believed."""


@dataclass(frozen=True, slots=True)
class Believed:
    """`signed_sha256` is the hash of the signed bytes, as a plan's entry gives it."""

    message: Signed
    identity: str
    version: Version
    signed_sha256: str


@dataclass(frozen=True, slots=True)
class Disbelieved:
    name: Refused
    sentence: str


@dataclass(frozen=True, slots=True)
class Deferred:
    name: Awaits
    sentence: str


Judgement = Believed | Disbelieved | Deferred
