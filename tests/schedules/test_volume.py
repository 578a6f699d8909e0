"""The limit of the volume at each instant: lower in some hours, across midnight, over clock changes."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.model import QuietHours, VolumeHours
from schedules.quiet import overlaps_quiet_hours
from schedules.units import Percent, UtcMs
from schedules.volume import Step, most_at, steps

VN = "Asia/Ho_Chi_Minh"
NIGHT = VolumeHours(time(21), time(6), Percent(40))
NOON = VolumeHours(time(11, 30), time(13), Percent(60))
HOUR = 3_600_000


def at(*parts: int, zone_hours: int = 7) -> UtcMs:
    return UtcMs(int(datetime(*parts, tzinfo=UTC).timestamp() * 1000) - zone_hours * HOUR)  # type: ignore[misc,arg-type]


def test_lower_at_night_and_at_noon() -> None:
    begin, end = at(2026, 11, 27, 20), at(2026, 11, 28, 20)
    assert steps(begin, end, VN, Percent(90), (NIGHT, NOON)) == (
        Step(begin, Percent(90)),
        Step(at(2026, 11, 27, 21), Percent(40)),
        Step(at(2026, 11, 28, 6), Percent(90)),
        Step(at(2026, 11, 28, 11, 30), Percent(60)),
        Step(at(2026, 11, 28, 13), Percent(90)),
    )


def test_the_lowest_of_several_and_never_above_the_limit_itself() -> None:
    begin = at(2026, 11, 27, 12)
    both = (VolumeHours(time(11), time(14), Percent(70)), NOON)
    assert steps(begin, UtcMs(begin + 3 * HOUR), VN, Percent(90), both) == (
        Step(begin, Percent(60)),
        Step(at(2026, 11, 27, 13), Percent(70)),
        Step(at(2026, 11, 27, 14), Percent(90)),
    )
    assert steps(begin, UtcMs(begin + 3 * HOUR), VN, Percent(50), both) == (Step(begin, Percent(50)),)
    assert steps(begin, begin, VN, Percent(50), ()) == (Step(begin, Percent(50)),)


def test_the_same_reading_twice_is_the_whole_day() -> None:
    begin = at(2026, 11, 27, 12)
    assert steps(begin, UtcMs(begin + 48 * HOUR), VN, Percent(90), (VolumeHours(time(5), time(5), Percent(9)),)) == (
        Step(begin, Percent(9)),
    )


def test_the_night_in_which_the_clocks_go_back_is_quieter_for_longer() -> None:
    night = (VolumeHours(time(2), time(2, 30), Percent(40)),)
    begin = at(2026, 10, 25, 0, zone_hours=2)
    first, again = at(2026, 10, 25, 2, zone_hours=2), at(2026, 10, 25, 2, 30, zone_hours=1)
    assert steps(begin, UtcMs(begin + 6 * HOUR), "Europe/Berlin", Percent(90), night) == (
        Step(begin, Percent(90)),
        Step(first, Percent(40)),
        Step(again, Percent(90)),
    )


def test_the_step_in_force() -> None:
    planned = (Step(UtcMs(10), Percent(90)), Step(UtcMs(20), Percent(40)))
    assert [most_at(planned, at_ms) for at_ms in (5, 10, 19, 20, 99)] == [90, 90, 90, 40, 40]


@given(
    begin=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    start=st.integers(at(2026, 1, 1), at(2027, 1, 1)).map(UtcMs),
    length=st.integers(1, 30 * HOUR),
    share=st.floats(0, 1),
    zone=st.sampled_from([VN, "Europe/Berlin", "America/St_Johns"]),
)
def test_it_is_lower_exactly_when_quiet_hours_of_the_same_readings_hold(
    begin: time, end: time, start: UtcMs, length: int, share: float, zone: str
) -> None:
    planned = steps(start, UtcMs(start + length), zone, Percent(90), (VolumeHours(begin, end, Percent(40)),))
    instant = UtcMs(start + int((length - 1) * share))
    quiet = overlaps_quiet_hours(instant, instant, zone, (QuietHours(begin, end),))
    assert most_at(planned, instant) == (40 if quiet else 90)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Nowhere"):
        steps(UtcMs(0), UtcMs(1), "Nowhere/Land", Percent(90), (NIGHT,))
