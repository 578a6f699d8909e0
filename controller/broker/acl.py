"""Who may say and hear what, as one table: for the embedded broker, and written out for mosquitto."""

from collections.abc import Iterable
from enum import StrEnum

from protocol.topics import CONTROLLER_STATUS, ROOT

CONTROLLER = "controller"
SPEAKER = "speaker"
MONITOR = "monitor"


class Act(StrEnum):
    READ = "read"
    WRITE = "write"


SPEAKER_READS = (
    f"{ROOT}/areas/#",
    f"{ROOT}/audio/#",
    f"{ROOT}/keys/#",
    CONTROLLER_STATUS,
    f"{ROOT}/speakers/%u/config",
    f"{ROOT}/speakers/%u/commands",
    f"{ROOT}/speakers/%u/receipts",
    f"{ROOT}/speakers/%u/clock/answer",
    f"{ROOT}/speakers/%u/plan/+",
    f"{ROOT}/speakers/%u/broadcasts/+",
)
"""`%u` is the speaker's own name, as in mosquitto's ACL files."""

SPEAKER_WRITES = (
    f"{ROOT}/speakers/%u/status",
    f"{ROOT}/speakers/%u/telemetry",
    f"{ROOT}/speakers/%u/wants",
    f"{ROOT}/speakers/%u/clock/ask",
    f"{ROOT}/speakers/%u/playbacks/+",
)

EVERYTHING = f"{ROOT}/#"


def rights(role: str, act: Act) -> tuple[str, ...]:
    """The filters that `role` may `act` on; none for a role that does not exist."""
    if role == CONTROLLER or (role == MONITOR and act is Act.READ):
        return (EVERYTHING,)
    if role == SPEAKER:
        return SPEAKER_READS if act is Act.READ else SPEAKER_WRITES
    return ()


def may(username: str, role: str, act: Act, topic: str) -> bool:
    """Whether the user may write to the topic, or be delivered it."""
    return any(matches(right.replace("%u", username), topic) for right in rights(role, act))


def matches(pattern: str, topic: str) -> bool:
    """Whether the topic name matches the filter (MQTT 3.1.1, section 4.7)."""
    wanted, given = pattern.split("/"), topic.split("/")
    for at, level in enumerate(wanted):
        if level == "#":
            return True
        if at >= len(given) or level not in ("+", given[at]):
            return False
    return len(wanted) == len(given)


def mosquitto_acl(monitors: Iterable[str], controller: str = CONTROLLER) -> str:
    """The same table as mosquitto's ACL file. Patterns hold for every user, but %u binds them to a speaker."""
    lines = ["# Written by `python -m controller broker files`; the table is controller/broker/acl.py.", ""]
    lines += [f"user {controller}", f"topic readwrite {EVERYTHING}", ""]
    for monitor in monitors:
        lines += [f"user {monitor}", f"topic read {EVERYTHING}", ""]
    lines += [f"pattern read {right}" for right in SPEAKER_READS]
    lines += [f"pattern write {right}" for right in SPEAKER_WRITES]
    return "\n".join(lines) + "\n"
