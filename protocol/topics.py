"""Every MQTT topic of protocol v1: built here, parsed here, listed here as a table."""

import re
from dataclasses import dataclass
from datetime import date
from typing import NewType

from protocol.forms import ID_PATTERN
from schedules.units import AreaId, BroadcastId, ClipId, SpeakerId

ROOT = "loaxa/v1"

TopicName = NewType("TopicName", str)

_ID = re.compile(ID_PATTERN)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class NotOurTopic(ValueError):
    """The name is not a topic of protocol v1."""


@dataclass(frozen=True, slots=True)
class AreaRoute:
    """The way to every speaker in an area or below it."""

    area: AreaId


@dataclass(frozen=True, slots=True)
class SpeakerRoute:
    """The way to one speaker."""

    speaker: SpeakerId


Route = AreaRoute | SpeakerRoute


@dataclass(frozen=True, slots=True)
class KeysTopic:
    version: int


@dataclass(frozen=True, slots=True)
class PlanTopic:
    route: Route
    day: date


@dataclass(frozen=True, slots=True)
class BroadcastTopic:
    route: Route
    broadcast: BroadcastId


@dataclass(frozen=True, slots=True)
class AudioIndexTopic:
    clip: ClipId


@dataclass(frozen=True, slots=True)
class AudioChunkTopic:
    clip: ClipId
    number: int


@dataclass(frozen=True, slots=True)
class SpeakerTopic:
    """One of the topics that each speaker has once: `leaf` is a name of SPEAKER_LEAVES."""

    speaker: SpeakerId
    leaf: str


@dataclass(frozen=True, slots=True)
class PlaybackTopic:
    speaker: SpeakerId
    broadcast: BroadcastId


@dataclass(frozen=True, slots=True)
class ControllerStatusTopic:
    pass


Topic = (
    KeysTopic
    | PlanTopic
    | BroadcastTopic
    | AudioIndexTopic
    | AudioChunkTopic
    | SpeakerTopic
    | PlaybackTopic
    | ControllerStatusTopic
)

CONFIG = "config"
COMMANDS = "commands"
WANTS = "wants"
STATUS = "status"
TELEMETRY = "telemetry"
RECEIPTS = "receipts"
CLOCK_ASK = "clock/ask"
CLOCK_ANSWER = "clock/answer"

SPEAKER_LEAVES = frozenset({CONFIG, COMMANDS, WANTS, STATUS, TELEMETRY, RECEIPTS, CLOCK_ASK, CLOCK_ANSWER})

CONTROLLER_STATUS = TopicName(f"{ROOT}/controller/status")


@dataclass(frozen=True, slots=True)
class TopicRule:
    """How one kind of topic is used: its pattern, retained or not, QoS, and who publishes it."""

    pattern: str
    retained: bool
    qos: int
    publisher: str
    message: str


TABLE: tuple[TopicRule, ...] = (
    TopicRule("keys/{version}", True, 1, "controller", "keys"),
    TopicRule("areas/{area}/plan/{utc-date}", True, 1, "controller", "plan"),
    TopicRule("speakers/{speaker}/plan/{utc-date}", True, 1, "controller", "plan"),
    TopicRule("areas/{area}/broadcasts/{broadcast}", True, 1, "controller", "broadcast"),
    TopicRule("speakers/{speaker}/broadcasts/{broadcast}", True, 1, "controller", "broadcast"),
    TopicRule("speakers/{speaker}/config", True, 1, "controller", "config"),
    TopicRule("speakers/{speaker}/commands", False, 1, "controller", "command"),
    TopicRule("audio/{sha256}/index", True, 1, "controller", "index"),
    TopicRule("audio/{sha256}/{number}", True, 1, "controller", "chunk"),
    TopicRule("speakers/{speaker}/wants", False, 1, "speaker", "wants"),
    TopicRule("speakers/{speaker}/status", True, 1, "speaker", "status"),
    TopicRule("speakers/{speaker}/telemetry", False, 0, "speaker", "telemetry"),
    TopicRule("speakers/{speaker}/playbacks/{broadcast}", False, 1, "speaker", "playback"),
    TopicRule("speakers/{speaker}/receipts", False, 1, "controller", "receipt"),
    TopicRule("speakers/{speaker}/clock/ask", False, 1, "speaker", "clock-ask"),
    TopicRule("speakers/{speaker}/clock/answer", False, 1, "controller", "clock-answer"),
    TopicRule("controller/status", True, 1, "controller", "controller-status"),
)


_ROUTE_PATTERNS: dict[type[Route], str] = {AreaRoute: "areas/{area}", SpeakerRoute: "speakers/{speaker}"}
_RULES: dict[str, TopicRule] = {rule.pattern: rule for rule in TABLE}


def rule_of(topic: Topic) -> TopicRule:
    """The row of TABLE that says how `topic` is used."""
    match topic:
        case KeysTopic():
            return _RULES["keys/{version}"]
        case PlanTopic(route, _):
            return _RULES[f"{_ROUTE_PATTERNS[type(route)]}/plan/{{utc-date}}"]
        case BroadcastTopic(route, _):
            return _RULES[f"{_ROUTE_PATTERNS[type(route)]}/broadcasts/{{broadcast}}"]
        case AudioIndexTopic():
            return _RULES["audio/{sha256}/index"]
        case AudioChunkTopic():
            return _RULES["audio/{sha256}/{number}"]
        case SpeakerTopic(_, leaf):
            return _RULES[f"speakers/{{speaker}}/{leaf}"]
        case PlaybackTopic():
            return _RULES["speakers/{speaker}/playbacks/{broadcast}"]
        case ControllerStatusTopic():
            return _RULES["controller/status"]


def checked_id(text: str) -> str:
    """Return `text` if it can stand as one level of a topic; raise NotOurTopic otherwise."""
    if not _ID.fullmatch(text):
        raise NotOurTopic(f"{text!r} is not an identifier (lower-case letters, digits and '-', at most 64)")
    return text


def route_name(route: Route) -> str:
    """`areas/{area}` or `speakers/{speaker}`, as a plan carries it."""
    if isinstance(route, AreaRoute):
        return f"areas/{checked_id(route.area)}"
    return f"speakers/{checked_id(route.speaker)}"


def parse_route(name: str) -> Route:
    """The route that `name` spells; raise NotOurTopic for anything else."""
    match name.split("/"):
        case ["areas", area]:
            return AreaRoute(AreaId(checked_id(area)))
        case ["speakers", speaker]:
            return SpeakerRoute(SpeakerId(checked_id(speaker)))
    raise NotOurTopic(f"{name!r} is not a route")


def _route(route: Route) -> str:
    return f"{ROOT}/{route_name(route)}"


def build(topic: Topic) -> TopicName:
    """The name of `topic` on the wire."""
    match topic:
        case KeysTopic(version):
            name = f"{ROOT}/keys/{version}"
        case PlanTopic(route, day):
            name = f"{_route(route)}/plan/{day.isoformat()}"
        case BroadcastTopic(route, broadcast):
            name = f"{_route(route)}/broadcasts/{checked_id(broadcast)}"
        case AudioIndexTopic(clip):
            name = f"{ROOT}/audio/{clip}/index"
        case AudioChunkTopic(clip, number):
            name = f"{ROOT}/audio/{clip}/{number}"
        case SpeakerTopic(speaker, leaf):
            name = f"{_route(SpeakerRoute(speaker))}/{leaf}"
        case PlaybackTopic(speaker, broadcast):
            name = f"{_route(SpeakerRoute(speaker))}/playbacks/{checked_id(broadcast)}"
        case ControllerStatusTopic():
            name = CONTROLLER_STATUS
    return TopicName(name)


def _number(text: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,8}", text):
        raise NotOurTopic(f"{text!r} is not a number")
    return int(text)


def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise NotOurTopic(f"{text!r} is not a UTC date")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotOurTopic(str(error)) from error


def _under_route(route: Route, rest: list[str]) -> Topic:
    match rest:
        case ["plan", day]:
            return PlanTopic(route, _day(day))
        case ["broadcasts", broadcast]:
            return BroadcastTopic(route, BroadcastId(checked_id(broadcast)))
        case ["playbacks", broadcast] if isinstance(route, SpeakerRoute):
            return PlaybackTopic(route.speaker, BroadcastId(checked_id(broadcast)))
        case _ if isinstance(route, SpeakerRoute) and "/".join(rest) in SPEAKER_LEAVES:
            return SpeakerTopic(route.speaker, "/".join(rest))
    raise NotOurTopic(f"no topic of protocol v1 ends in {'/'.join(rest)!r}")


def parse(name: str) -> Topic:
    """The topic that `name` spells; raise NotOurTopic for anything else."""
    if not name.startswith(ROOT + "/"):
        raise NotOurTopic(f"{name!r} does not start with {ROOT}/")
    match name[len(ROOT) + 1 :].split("/"):
        case ["keys", version]:
            return KeysTopic(_number(version))
        case ["audio", clip, "index"] if _SHA256.fullmatch(clip):
            return AudioIndexTopic(ClipId(clip))
        case ["audio", clip, number] if _SHA256.fullmatch(clip):
            return AudioChunkTopic(ClipId(clip), _number(number))
        case ["areas", area, *rest]:
            return _under_route(AreaRoute(AreaId(checked_id(area))), rest)
        case ["speakers", speaker, *rest]:
            return _under_route(SpeakerRoute(SpeakerId(checked_id(speaker))), rest)
        case ["controller", "status"]:
            return ControllerStatusTopic()
    raise NotOurTopic(f"{name!r} is not a topic of protocol v1")


def broadcasts_filter(route: Route) -> str:
    """The subscription for all broadcasts on a route (a fast path: brokers drop beyond ~1,000)."""
    return f"{_route(route)}/broadcasts/+"


def plans_filter(route: Route) -> str:
    return f"{_route(route)}/plan/+"


KEYS_FILTER = f"{ROOT}/keys/+"
"""For a box that holds no list yet; one that does follows the next few by name (the chain only grows)."""
ALL_STATUS_FILTER = f"{ROOT}/speakers/+/{STATUS}"
ALL_WANTS_FILTER = f"{ROOT}/speakers/+/{WANTS}"
ALL_TELEMETRY_FILTER = f"{ROOT}/speakers/+/{TELEMETRY}"
ALL_CLOCK_ASKS_FILTER = f"{ROOT}/speakers/+/{CLOCK_ASK}"
ALL_PLAYBACKS_FILTER = f"{ROOT}/speakers/+/playbacks/+"
