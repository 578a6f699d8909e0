"""What a speaker will play tonight."""

from schedules.model import Priority
from schedules.playhead import ClockTrust
from schedules.states import PlaybackState, Reason
from schedules.timeline import Slot, simulate
from schedules.units import BroadcastId, DurationMs, UtcMs
from tests.schedules.make import broadcast

S, R = PlaybackState, Reason
EVENING = [
    broadcast("news", 0, 600_000),
    broadcast("flood", 100_000, 20_000, Priority.EMERGENCY),
    broadcast("short", 30_000, 1_000),
    broadcast("next", 590_000, 60_000),
]


def slot(name: str, begin: int, end: int, offset: int, outcome: PlaybackState, reason: Reason = R.NONE) -> Slot:
    return Slot(BroadcastId(name), UtcMs(begin), UtcMs(end), DurationMs(offset), outcome, reason)


def test_an_evening() -> None:
    assert simulate(EVENING, UtcMs(0), UtcMs(1_000_000)) == (
        slot("news", 0, 100_000, 0, S.SUSPENDED),
        slot("short", 31_000, 31_000, 0, S.MISSED, R.PREEMPTED),
        slot("flood", 100_000, 120_000, 0, S.PLAYED),
        slot("news", 120_000, 620_000, 100_000, S.PLAYED),
        slot("next", 620_000, 650_000, 30_000, S.INTERRUPTED, R.LATE),
    )


def test_the_picture_shows_what_reaches_into_it() -> None:
    assert simulate(EVENING, UtcMs(110_000), UtcMs(130_000)) == (
        slot("flood", 100_000, 120_000, 0, S.PLAYED),
        slot("news", 120_000, 130_000, 100_000, S.PLAYING),
    )


def test_an_empty_evening_and_one_without_a_clock() -> None:
    assert simulate([], UtcMs(0), UtcMs(10)) == ()
    assert simulate(EVENING, UtcMs(0), UtcMs(1_000_000), ClockTrust.UNKNOWN) == ()
