"""The one config file of a box: read once, checked completely, then frozen."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.certificates import read_fingerprint
from protocol.keys import SigningKey
from protocol.topics import NotOurTopic, checked_id
from schedules.units import SpeakerId

SINKS = ("wav", "card", "null")

_BROKER_FIELDS = "host port username password password_file tls ca_file fingerprint"
_HEX_KEY = re.compile(r"[0-9a-f]{64}")


class BadSettings(Exception):
    """The config file cannot be used; the text says which field and what is expected."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    host: str
    """Name or address of the MQTT broker."""
    port: int
    """TCP port, usually 1883, or 8883 with TLS."""
    username: str
    """The speaker's account; the same as its id."""
    password: str
    """From `password` or, better, from the file named by `password_file`."""
    tls: bool
    """Encrypt the connection and check the broker's certificate."""
    ca_file: str
    """The authority that must have signed the broker's certificate, "" for any of the system's."""
    fingerprint: str = ""
    """SHA-256 of the one certificate that the broker may show, "" for any that the authority signed."""


@dataclass(frozen=True, slots=True)
class SoundSettings:
    sink: str
    """Where sound goes: wav (files, in real time), card (a sound card), null (nowhere, in real time)."""
    device: str
    """Part of the name of the sound card, "" for the default one."""
    recordings: Path
    """Folder in which the wav sink leaves one file per broadcast."""


@dataclass(frozen=True, slots=True)
class Settings:
    site: str
    """The site whose documents are meant for this box; part of every signed document."""
    speaker: SpeakerId
    """This speaker's id, which is also its MQTT client id."""
    data: Path
    """Folder for the database and the clips."""
    broker: BrokerSettings
    root_public: str
    """The site's root public key (64 hex digits), pinned when the box was set up."""
    signing_key: SigningKey
    """The box's own key, from the file named by `seed_file`."""
    sound: SoundSettings


class _Table:
    """One table of the TOML file that complains by full field name."""

    def __init__(self, name: str, values: dict[str, Any], known: frozenset[str]) -> None:
        self._name = name
        self._values = values
        strange = sorted(set(values) - known)
        if strange:
            raise BadSettings(f"{self._full(strange[0])} is not a setting of the agent (known: {sorted(known)})")

    def _full(self, field: str) -> str:
        return f"{self._name}.{field}" if self._name else field

    def text(self, field: str, default: str | None = None) -> str:
        value = self._values.get(field, default)
        if not isinstance(value, str) or (default is None and not value):
            raise BadSettings(f"{self._full(field)} must be given as a text in quotes")
        return value

    def flag(self, field: str) -> bool:
        value = self._values.get(field, False)
        if not isinstance(value, bool):
            raise BadSettings(f"{self._full(field)} must be true or false")
        return value

    def port(self, field: str) -> int:
        value = self._values.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65_536:
            raise BadSettings(f"{self._full(field)} must be a port number from 1 to 65535")
        return value

    def table(self, field: str, known: str) -> "_Table":
        value = self._values.get(field)
        if not isinstance(value, dict):
            raise BadSettings(f"the table [{field}] is missing")
        return _Table(field, value, frozenset(known.split()))


def _secret(path: Path, what: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{what}: the file {path} cannot be read ({error})") from error
    if not text:
        raise BadSettings(f"{what}: the file {path} is empty")
    return text


def _broker(table: _Table, base: Path) -> BrokerSettings:
    password = table.text("password", "")
    password_file = table.text("password_file", "")
    if bool(password) == bool(password_file):
        raise BadSettings("broker.password_file or broker.password must be given, and not both")
    ca_file = table.text("ca_file", "")
    if ca_file and not (base / ca_file).is_file():
        raise BadSettings(f"broker.ca_file: there is no file {base / ca_file}")
    return BrokerSettings(
        fingerprint=_fingerprint(table),
        host=table.text("host"),
        port=table.port("port"),
        username=table.text("username"),
        password=password or _secret(base / password_file, "broker.password_file"),
        tls=table.flag("tls"),
        ca_file=str(base / ca_file) if ca_file else "",
    )


def _fingerprint(table: _Table) -> str:
    given = table.text("fingerprint", "")
    if not given:
        return ""
    if not table.flag("tls"):
        raise BadSettings("broker.fingerprint is of no use without broker.tls = true")
    try:
        return read_fingerprint(given)
    except ValueError as error:
        raise BadSettings(f"broker.fingerprint: {error}") from error


def _signing_key(table: _Table, base: Path) -> SigningKey:
    path = base / table.text("seed_file")
    seed = _secret(path, "keys.seed_file")
    if not _HEX_KEY.fullmatch(seed):
        raise BadSettings(f"keys.seed_file: {path} must hold 64 hex digits")
    if path.stat().st_mode & 0o077:
        raise BadSettings(f"keys.seed_file: others can read {path}; run: chmod 600 {path}")
    return SigningKey.from_seed_hex(seed)


def _sound(table: _Table, base: Path) -> SoundSettings:
    sink = table.text("sink")
    if sink not in SINKS:
        raise BadSettings(f"sound.sink is {sink!r}; it must be one of {', '.join(SINKS)}")
    return SoundSettings(sink, table.text("device", ""), base / table.text("recordings", "recordings"))


def load(path: Path) -> Settings:
    """Read the config file; relative paths in it are relative to it. Raises BadSettings."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"the config file {path} cannot be read ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"the config file {path} is not valid TOML: {error}") from error
    base = path.absolute().parent
    top = _Table("", raw, frozenset({"site", "speaker", "data", "broker", "keys", "sound"}))
    try:
        speaker = SpeakerId(checked_id(top.text("speaker")))
    except NotOurTopic as error:
        raise BadSettings(f"speaker: {error}") from error
    keys = top.table("keys", "root_public seed_file")
    root_public = keys.text("root_public").lower()
    if not _HEX_KEY.fullmatch(root_public):
        raise BadSettings("keys.root_public must be 64 hex digits")

    return Settings(
        site=top.text("site"),
        speaker=speaker,
        data=base / top.text("data"),
        broker=_broker(top.table("broker", _BROKER_FIELDS), base),
        root_public=root_public,
        signing_key=_signing_key(keys, base),
        sound=_sound(top.table("sound", "sink device recordings"), base),
    )
