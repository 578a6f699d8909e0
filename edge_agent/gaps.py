"""Completeness: what the plans promise and the box does not hold, asked for by exact topic and then by name."""

from collections.abc import Callable, Iterable, Sequence

from edge_agent.backoff import Backoff
from protocol.messages import Plan
from protocol.topics import CONFIG, ROOT, KeysTopic, SpeakerTopic, build, parse
from protocol.versions import Version
from schedules.units import BroadcastId, SpeakerId, UtcMs

ANSWER_S = 10.0
_AT_ONCE = 100

SeenVersion = Callable[[BroadcastId], Version]
NotOurs = Callable[[BroadcastId, Version], bool]


def missing(plans: Iterable[Plan], now: UtcMs, seen: SeenVersion, not_ours: NotOurs) -> list[str]:
    """Topics of the broadcasts that a valid plan lists and that are not held, or only in an older version.

    What was over before the plan's epoch began is still listed; nobody would believe it any more.
    """
    return [
        f"{ROOT}/{plan.route}/broadcasts/{entry.broadcast}"
        for plan in plans
        if plan.expires_ms >= now
        for entry in plan.entries
        if entry.version.epoch >= plan.version.epoch
        and seen(entry.broadcast) < entry.version
        and not not_ours(entry.broadcast, entry.version)
    ]


def essentials(speaker: SpeakerId, *, keys: bool, config: bool) -> list[str]:
    """What nothing works without, when it is not held."""
    lacking = [] if keys else [f"{ROOT}/keys/1"]
    return lacking if config else [*lacking, str(build(SpeakerTopic(speaker, CONFIG)))]


def lists_between(held: int, waiting: Iterable[str]) -> list[str]:
    """Key lists after the one that is `held` and before the first of those that are `waiting` (topics) for them."""
    versions = [topic.version for topic in map(parse, waiting) if isinstance(topic, KeysTopic)]
    later = min((version for version in versions if version > held), default=held)
    return [str(build(KeysTopic(version))) for version in range(held + 1, later)]


class Gaps:
    """Remembers when each topic was asked for. Decides only; the caller subscribes and publishes."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}
        self._backoff: dict[str, Backoff] = {}

    def reset(self) -> None:
        """The connection is new: subscriptions must be made again."""
        self._asked.clear()

    def step(self, lacking: Sequence[str], now: float) -> tuple[list[str], list[str], list[str]]:
        """At monotonic second `now`: topics to subscribe to, to ask the controller for, and to unsubscribe from."""
        answered = [topic for topic in self._asked if topic not in set(lacking)]
        for topic in answered:
            del self._asked[topic]
            self._backoff.pop(topic, None)
        fresh = [topic for topic in lacking if topic not in self._asked][:_AT_ONCE]
        self._asked.update(dict.fromkeys(fresh, now))
        silent = [topic for topic in self._asked if self._is_silent(topic, now)][:_AT_ONCE]
        for topic in silent:
            self._backoff.setdefault(topic, Backoff(first=20.0, most=600.0)).failed(now)
        return fresh, silent, answered

    def _is_silent(self, topic: str, now: float) -> bool:
        backoff = self._backoff.get(topic)
        return backoff.due(now) if backoff else now - self._asked[topic] > ANSWER_S
