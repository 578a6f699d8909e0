"""Quiet hours: midnight, whole days, clock changes, against a minute-by-minute reading of the wall clock."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.model import QuietHours
from schedules.quiet import overlaps_quiet_hours
from schedules.units import UtcMs
from schedules.wall import UnknownZone, from_utc_ms, utc_ms

VN = "Asia/Ho_Chi_Minh"
NIGHT = (QuietHours(time(22), time(5)),)


def at(*parts: int) -> UtcMs:
    """UTC of a Vietnamese wall time (UTC+7 all year)."""
    return utc_ms(datetime(*parts, tzinfo=UTC) - timedelta(hours=7))  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("start", "end", "quiet"),
    [
        (at(2026, 1, 1, 5), at(2026, 1, 1, 5, 15), False),
        (at(2026, 1, 1, 4, 59), at(2026, 1, 1, 5, 15), True),
        (at(2026, 1, 1, 21, 45), at(2026, 1, 1, 22), False),
        (at(2026, 1, 1, 21, 45), at(2026, 1, 1, 22, 0, 1), True),
        (at(2025, 12, 31, 23, 59), at(2026, 1, 1, 0, 1), True),
        (at(2026, 1, 1, 3, 15), at(2026, 1, 1, 3, 35), True),
        (at(2026, 1, 1, 12), at(2026, 1, 1, 12), False),
        (at(2026, 1, 1, 22), at(2026, 1, 1, 22), True),
        (at(2026, 1, 1, 6), at(2026, 1, 2, 6), True),
        (at(2026, 1, 1, 6), at(2036, 1, 1, 6), True),
    ],
)
def test_a_vietnamese_night(start: UtcMs, end: UtcMs, quiet: bool) -> None:
    assert overlaps_quiet_hours(start, end, VN, NIGHT) is quiet


def test_no_hours_are_never_quiet_and_equal_ends_are_the_whole_day() -> None:
    noon = at(2026, 1, 1, 12)
    assert not overlaps_quiet_hours(noon, UtcMs(noon + 10**9), VN, ())
    assert overlaps_quiet_hours(noon, noon, VN, (QuietHours(time(0), time(0)),))
    assert overlaps_quiet_hours(noon, noon, VN, (QuietHours(time(5), time(5)),))


def test_the_fault_is_named() -> None:
    with pytest.raises(UnknownZone):
        overlaps_quiet_hours(UtcMs(0), UtcMs(1), "Asia/Dam_Ha", ())
    with pytest.raises(ValueError, match="before the start"):
        overlaps_quiet_hours(UtcMs(1), UtcMs(0), VN, NIGHT)


def reads_quiet(instant: UtcMs, zone: str, hours: QuietHours) -> bool:
    reading = from_utc_ms(instant, zone).time()
    if hours.begin < hours.end:
        return hours.begin <= reading < hours.end
    return reading >= hours.begin or reading < hours.end


MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
HOURS = st.builds(QuietHours, MINUTES, MINUTES)
EPOCH_MINUTES = st.integers(25_000_000, 60_000_000)


@given(EPOCH_MINUTES, st.integers(0, 300), HOURS)
def test_without_clock_changes_it_is_what_the_wall_clock_says(minute: int, length: int, hours: QuietHours) -> None:
    instants = range(minute, minute + max(length, 1))
    said = any(reads_quiet(UtcMs(m * 60_000), VN, hours) for m in instants)
    start, end = UtcMs(minute * 60_000), UtcMs((minute + length) * 60_000)
    assert overlaps_quiet_hours(start, end, VN, (hours,)) is said


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"]),
    EPOCH_MINUTES,
    HOURS,
)
def test_nothing_that_reads_quiet_passes_where_the_clocks_change(zone: str, minute: int, hours: QuietHours) -> None:
    instant = UtcMs(minute * 60_000)
    if reads_quiet(instant, zone, hours):
        assert overlaps_quiet_hours(instant, instant, zone, (hours,))


@pytest.mark.parametrize("minute", range(0, 240, 7))
@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_the_nights_of_the_change_themselves(day: datetime, minute: int) -> None:
    instant = UtcMs(utc_ms(day) + minute * 60_000)
    for hours in (QuietHours(time(1, 30), time(2, 30)), QuietHours(time(2, 15), time(4))):
        if reads_quiet(instant, "Europe/Berlin", hours):
            assert overlaps_quiet_hours(instant, instant, "Europe/Berlin", (hours,))
