"""The one config file of a box: read once, checked completely, then frozen."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.certificates import read_fingerprint
from protocol.keys import SigningKey
from protocol.topics import NotOurTopic, checked_id
from schedules.units import SpeakerId

CLIPS_MAX_MIB = 1_024
"""Some 90 hours of speech."""
SINKS = ("wav", "card", "null")

_BROKER_FIELDS = "host port username password password_file tls ca_file fingerprint"
_AMPLIFIER_FIELDS = "command gpio active_low warm_up off_after"
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
    microphone: str = ""
    """Part of the name of the microphone that listens to the horn, default for the default one, "" for none."""


@dataclass(frozen=True, slots=True)
class AmplifierSettings:
    """How the amplifier's power is switched; with neither command nor GPIO it is always on."""

    command: tuple[str, ...] = ()
    """A program and its arguments, run with `on` or `off` added."""
    gpio_chip: str = ""
    """Device of the GPIO chip, e.g. /dev/gpiochip0; "" for none."""
    gpio_line: int = 0
    """Number of the line on that chip."""
    active_low: bool = False
    """The line is low while the amplifier is on."""
    warm_up_s: float = 2.0
    """From switching on until the first word is heard whole."""
    off_after_s: float = 60.0
    """After the last sound it stays on so long."""


@dataclass(frozen=True, slots=True)
class Settings:
    site: str
    """The site whose documents are meant for this box; part of every signed document."""
    speaker: SpeakerId
    """This speaker's id, which is also its MQTT client id."""
    data: Path
    """Folder for the database and the clips."""
    clips_max_mib: int
    """The clips on the disk take at most so much; what is promised is never removed for it."""
    broker: BrokerSettings
    root_public: str
    """The site's root public key (64 hex digits), pinned when the box was set up."""
    signing_key: SigningKey
    """The box's own key, from the file named by `seed_file`."""
    sound: SoundSettings
    amplifier: AmplifierSettings = AmplifierSettings()
    battery: bool | None = None
    """Whether a battery keeps the machine's clock while it has no power; None: if the kernel knows such a clock."""


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

    def choice(self, field: str) -> bool | None:
        """True or false, None when it is not given."""
        return self.flag(field) if field in self._values else None

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

    def words(self, field: str) -> tuple[str, ...]:
        value = self._values.get(field, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise BadSettings(f"{self._full(field)} must be a list of texts, a program and its arguments")
        return tuple(value)

    def seconds(self, field: str, default: float, most: float) -> float:
        value = self._values.get(field, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
            raise BadSettings(f"{self._full(field)} must be a number of seconds from 0 to {most:.0f}")
        return float(value)

    def number(self, field: str, default: int, least: int) -> int:
        value = self._values.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise BadSettings(f"{self._full(field)} must be a whole number of at least {least}")
        return value

    def table(self, field: str, known: str, *, needed: bool = True) -> "_Table":
        value = self._values.get(field, None if needed else {})
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
    return SoundSettings(
        sink, table.text("device", ""), base / table.text("recordings", "recordings"), table.text("microphone", "")
    )


_GPIO = re.compile(r"((?:/dev/)?gpiochip[0-9]+):([0-9]{1,4})")


def _amplifier(table: _Table) -> AmplifierSettings:
    command, gpio = table.words("command"), table.text("gpio", "")
    if command and gpio:
        raise BadSettings("amplifier.command and amplifier.gpio: only one of them can switch the amplifier")
    found = _GPIO.fullmatch(gpio)
    if gpio and not found:
        raise BadSettings(f"amplifier.gpio is {gpio!r}; it must name a chip and a line, as in gpiochip0:17")
    chip, line = (found[1].removeprefix("/dev/"), int(found[2])) if found else ("", 0)
    return AmplifierSettings(
        command=command,
        gpio_chip=f"/dev/{chip}" if chip else "",
        gpio_line=line,
        active_low=table.flag("active_low"),
        warm_up_s=table.seconds("warm_up", 2.0, most=60.0),
        off_after_s=table.seconds("off_after", 60.0, most=86_400.0),
    )


def read_amplifier(values: Mapping[str, Any]) -> AmplifierSettings:
    """What the table [amplifier] says; raises BadSettings."""
    return _amplifier(_Table("amplifier", dict(values), frozenset(_AMPLIFIER_FIELDS.split())))


def load(path: Path) -> Settings:
    """Read the config file; relative paths in it are relative to it. Raises BadSettings."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"the config file {path} cannot be read ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"the config file {path} is not valid TOML: {error}") from error
    base = path.absolute().parent
    known = "site speaker data clips_max_mib broker keys sound amplifier clock"
    top = _Table("", raw, frozenset(known.split()))
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
        clips_max_mib=top.number("clips_max_mib", CLIPS_MAX_MIB, least=1),
        broker=_broker(top.table("broker", _BROKER_FIELDS), base),
        root_public=root_public,
        signing_key=_signing_key(keys, base),
        sound=_sound(top.table("sound", "sink device recordings microphone"), base),
        amplifier=_amplifier(top.table("amplifier", _AMPLIFIER_FIELDS, needed=False)),
        battery=top.table("clock", "battery", needed=False).choice("battery"),
    )
