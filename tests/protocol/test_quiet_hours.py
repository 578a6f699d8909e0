"""Quiet hours: midnight, the minute at the edges, month ends, leap days, and clocks that are turned."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.model import QuietHours
from schedules.rails import Rails, Stretch, breach_of
from schedules.units import UtcMs

VIETNAM = "Asia/Ho_Chi_Minh"
NIGHT = QuietHours(time(21, 30), time(5))
NOON = QuietHours(time(11, 30), time(13))
MINUTE = 60_000


def overlaps(begin: UtcMs, end: UtcMs, quiet: Iterable[QuietHours], zone: str) -> bool:
    return breach_of(Stretch(begin, end), (), Rails(zone, tuple(quiet))) is not None


def at(text: str, zone: str = VIETNAM) -> UtcMs:
    return UtcMs(int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000))


def sounds(text: str, minutes: int, *quiet: QuietHours, zone: str = VIETNAM) -> bool:
    begin = at(text, zone)
    return not overlaps(begin, UtcMs(begin + minutes * MINUTE), quiet, zone)


@pytest.mark.parametrize(
    ("begin", "minutes", "allowed"),
    [
        ("2026-11-22T17:00", 15, True),
        ("2026-11-22T05:00", 15, True),
        ("2026-11-22T04:59", 15, False),
        ("2026-11-22T03:15", 20, False),
        ("2026-11-22T21:15", 15, True),
        ("2026-11-22T21:15", 16, False),
        ("2026-11-22T23:50", 20, False),
        ("2026-11-22T00:00", 1, False),
        ("2026-11-22T11:15", 15, True),
        ("2026-11-22T12:00", 5, False),
        ("2026-11-22T13:00", 30, True),
        ("2026-11-22T05:00", 600, False),
        ("2026-12-31T23:59", 2, False),
        ("2028-02-29T12:00", 1, False),
        ("2028-02-29T23:59", 2, False),
        ("2026-11-22T17:00", 0, True),
        ("2126-11-22T17:00", 15, True),
        ("2126-11-22T03:00", 15, False),
    ],
)
def test_a_commune_s_day(begin: str, minutes: int, allowed: bool) -> None:
    assert sounds(begin, minutes, NIGHT, NOON) is allowed


def test_no_quiet_hours_allow_everything() -> None:
    assert sounds("2026-11-22T03:15", 10_000)


def test_a_day_long_programme_meets_any_quiet_hours() -> None:
    assert not sounds("2026-11-22T12:00", 24 * 60 * 400, QuietHours(time(11, 59), time(12)))


def test_the_longest_interval_is_answered_at_once() -> None:
    assert overlaps(UtcMs(0), UtcMs(2**53), (NIGHT,), VIETNAM)


@pytest.mark.parametrize(
    ("begin", "allowed"),
    [
        # 2026-03-29 02:00 becomes 03:00: a quiet that begins in the hour that is not begins as early as it can.
        ("2026-03-29T01:29", True),
        ("2026-03-29T03:05", False),
    ],
)
def test_an_hour_that_is_not(begin: str, allowed: bool) -> None:
    assert sounds(begin, 1, QuietHours(time(2, 30), time(4)), zone="Europe/Berlin") is allowed


@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_that_is_twice_is_quiet_twice(fold: int) -> None:
    """2026-10-25 02:00-03:00 comes twice in Berlin; what is quiet until 02:30 is quiet in both."""
    zone = ZoneInfo("Europe/Berlin")
    local = datetime(2026, 10, 25, 2, 15, tzinfo=zone, fold=fold)
    begin = UtcMs(int(local.timestamp() * 1000))
    assert overlaps(begin, UtcMs(begin + MINUTE), (QuietHours(time(1), time(2, 30)),), "Europe/Berlin")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    st.integers(1, 2_000),
    st.times().map(lambda value: value.replace(second=0, microsecond=0)),
    st.times().map(lambda value: value.replace(second=0, microsecond=0)),
)
def test_it_is_the_same_as_asking_every_minute(begin: datetime, minutes: int, quiet: time, loud: time) -> None:
    """Vietnam turns no clocks: the local time of each minute says it all."""
    begin = begin.replace(second=0, microsecond=0, tzinfo=UTC)
    asked = (begin + timedelta(minutes=n) for n in range(minutes))
    local = {moment.astimezone(ZoneInfo(VIETNAM)).time() for moment in asked}
    silent = any(quiet <= now < loud if quiet < loud else now >= quiet or now < loud for now in local)
    start = UtcMs(int(begin.timestamp() * 1000))
    assert overlaps(start, UtcMs(start + minutes * MINUTE), (QuietHours(quiet, loud),), VIETNAM) is silent
