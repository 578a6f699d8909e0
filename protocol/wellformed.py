"""What must agree inside one message, beyond the form of each field alone."""

from collections.abc import Iterable
from datetime import date
from functools import singledispatch
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from protocol.errors import Malformed
from protocol.keys import key_id
from protocol.messages import BroadcastOrder, ClipIndex, ClockAnswer, Config, Keys, Plan
from schedules.model import Broadcast


def _need(holds: bool, sentence: str) -> None:
    if not holds:
        raise Malformed(sentence)


def _distinct(values: Iterable[str], what: str) -> None:
    listed = list(values)
    _need(len(set(listed)) == len(listed), f"{what} is listed twice")


@singledispatch
def check(message: object) -> None:
    """Raise Malformed when the parts of `message` contradict each other. Most messages have nothing to check."""


@check.register
def _keys(message: Keys) -> None:
    _distinct((entry.key for entry in message.keys), "a key")
    for entry in message.keys:
        _need(entry.key == key_id(entry.public), f"{entry.key} is not the name of its public key")


@check.register
def _plan(message: Plan) -> None:
    try:
        date.fromisoformat(message.day)
    except ValueError as error:
        raise Malformed(f"day: {error}") from error
    _distinct((entry.broadcast for entry in message.entries), "a broadcast")


@check.register
def _broadcast(message: Broadcast) -> None:
    _need(
        message.start <= message.latest_start <= message.hard_end,
        "start, latest start and hard end are not in this order",
    )


@check.register
def _order(message: BroadcastOrder) -> None:
    _broadcast(message.broadcast)
    _need(message.cancelled or bool(message.broadcast.clips), "a broadcast that is not cancelled has no clip")


@check.register
def _config(message: Config) -> None:
    try:
        ZoneInfo(message.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Malformed(f"no time zone {message.time_zone!r} is known here") from error
    _need(all(quiet.begin != quiet.end for quiet in message.quiet_hours), "quiet hours end when they begin")
    _distinct(map(str, message.weekdays), "a weekday")
    for membership in message.memberships:
        _need(
            membership.until_ms == 0 or membership.from_ms < membership.until_ms,
            f"the membership in {membership.area} ends before it begins",
        )


@check.register
def _answer(message: ClockAnswer) -> None:
    _need(message.received_us <= message.sent_us, "the answer went before the question came")


@check.register
def _index(message: ClipIndex) -> None:
    expected = -(-message.size_bytes // message.chunk_bytes)
    _need(len(message.chunks) == expected, f"{message.size_bytes} bytes make {expected} chunks")
