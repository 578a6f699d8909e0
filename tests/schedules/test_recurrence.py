"""Recurrence against an independent walk through the days, and the named days on which time goes wrong."""

import time as stopwatch
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.expansion import RESUME_MARGIN, NothingToPlay, broadcast_id, broadcasts_of, placed_of
from schedules.model import Schedule
from schedules.recurrence import MOST, BadRule, Occurrence, TooManyOccurrences, check_rrule, expand
from schedules.units import BulletinId, DurationMs, UtcMs
from schedules.wall import UnknownZone, utc_ms
from tests.schedules.daywalk import Spec, instant, spell, walk
from tests.schedules.make import VN, clip, schedule

ZONES = st.sampled_from(
    [VN, "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
)
STARTS = st.datetimes(datetime(2015, 1, 1), datetime(2045, 12, 31)).map(lambda t: t.replace(second=0, microsecond=0))
HARD_STARTS = st.sampled_from(
    [
        datetime(2024, 2, 29, 5),
        datetime(2026, 1, 31, 0),
        datetime(2026, 3, 29, 2, 30),
        datetime(2026, 10, 25, 2, 30),
        datetime(2025, 12, 31, 23, 59),
        datetime(2099, 12, 31, 5),
    ]
)
WEEKDAYS = st.integers(0, 6)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    numbered = frequency in ("MONTHLY", "YEARLY")
    nths = st.sampled_from([0, 1, 2, 5, -1, -2]) if numbered else st.just(0)
    days = tuple(draw(st.lists(st.tuples(nths, WEEKDAYS), max_size=3, unique=True)))
    month_days: tuple[int, ...] = ()
    if frequency != "WEEKLY" and not any(nth for nth, _ in days):
        month_days = tuple(draw(st.lists(st.sampled_from([1, 13, 29, 30, 31, -1, -31]), max_size=3, unique=True)))
    months = tuple(draw(st.one_of(st.just([]), st.lists(st.integers(1, 12), max_size=3, unique=True))))
    positions = (1, -1) if frequency == "MONTHLY" and (days or month_days) and draw(st.booleans()) else ()
    ends = draw(st.sampled_from(["count", "until", "never"]))
    return Spec(
        frequency=frequency,
        interval=draw(st.integers(1, 4)),
        count=draw(st.integers(1, 30)) if ends == "count" else None,
        until=draw(st.dates(date(2015, 1, 1), date(2050, 1, 1))) if ends == "until" else None,
        weekdays=days,
        month_days=month_days,
        months=months,
        positions=positions,
    )


@settings(max_examples=300, deadline=None)
@given(
    specs(),
    st.one_of(STARTS, HARD_STARTS),
    ZONES,
    st.integers(-400, 1500),
    st.integers(1, 800),
    st.sets(st.integers(0, 5)),
)
def test_it_is_what_walking_through_the_days_finds(
    spec: Spec, start: datetime, zone: str, skip: int, length: int, removed: set[int]
) -> None:
    begin = start.replace(tzinfo=UTC) + timedelta(days=skip)
    end = begin + timedelta(days=length)
    days = list(walk(spec, start.date(), end.date() + timedelta(days=2)))
    walls = [datetime.combine(day, start.time()) for day in days]
    exceptions = frozenset(wall for number, wall in enumerate(walls) if number in removed)
    said = [(wall, instant(wall, zone)) for wall in walls if wall not in exceptions]
    expected = [(wall, utc_ms(at)) for wall, at in said if begin <= at < end]
    found = expand(schedule(start, spell(spec), zone, exceptions), utc_ms(begin), utc_ms(end))
    assert [(each.wall, each.start) for each in found] == expected
    assert all(utc_ms(each.local) == each.start for each in found)


def on(zone: str, start: datetime, rrule: str, days: int = 4) -> list[str]:
    begin = utc_ms(start.replace(tzinfo=UTC) - timedelta(days=1))
    found = expand(schedule(start, rrule, zone), begin, UtcMs(begin + days * 86_400_000))
    return [each.local.isoformat() for each in found]


def test_five_in_the_morning_stays_five_in_the_morning() -> None:
    assert on("Europe/Berlin", datetime(2026, 3, 28, 5), "FREQ=DAILY;COUNT=3") == [
        "2026-03-28T05:00:00+01:00",
        "2026-03-29T05:00:00+02:00",
        "2026-03-30T05:00:00+02:00",
    ]


def test_a_reading_the_clock_skips_moves_forward_by_the_gap() -> None:
    assert on("Europe/Berlin", datetime(2026, 3, 28, 2, 30), "FREQ=DAILY;COUNT=3") == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-29T03:30:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_of_a_reading_that_comes_twice_the_first_is_meant() -> None:
    assert on("Europe/Berlin", datetime(2026, 10, 25, 2, 30), "", 3) == ["2026-10-25T02:30:00+02:00"]


def test_a_day_that_a_place_never_had_falls_to_the_next() -> None:
    assert on("Pacific/Apia", datetime(2011, 12, 30, 5), "") == ["2011-12-31T05:00:00+14:00"]


def test_midnight_in_vietnam_is_the_evening_before_in_utc() -> None:
    found = expand(schedule(datetime(2026, 1, 1)), utc_ms(datetime(2025, 12, 31, tzinfo=UTC)), UtcMs(1 << 42))
    assert found[0].start == utc_ms(datetime(2025, 12, 31, 17, tzinfo=UTC))


def test_month_ends_and_leap_days_are_not_moved() -> None:
    def days(start: datetime, rrule: str, years: int) -> list[str]:
        begin = utc_ms(start.replace(tzinfo=UTC) - timedelta(days=1))
        found = expand(schedule(start, rrule), begin, UtcMs(begin + years * 366 * 86_400_000))
        return [each.wall.date().isoformat() for each in found]

    assert days(datetime(2026, 1, 31, 5), "FREQ=MONTHLY", 1)[:3] == ["2026-01-31", "2026-03-31", "2026-05-31"]
    assert days(datetime(2026, 1, 31, 5), "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", 1) == ["2026-01-31", "2026-02-28"]
    assert days(datetime(2096, 2, 29, 5), "FREQ=YEARLY", 9) == ["2096-02-29", "2104-02-29"]


def test_until_names_the_whole_local_day_or_the_utc_instant() -> None:
    def last(until: str) -> str:
        found = on(VN, datetime(2026, 1, 1, 5), f"FREQ=DAILY;UNTIL={until}", 9)
        return found[-1][:10]

    assert last("20260103") == "2026-01-03"
    assert last("20260103T050000") == "2026-01-03"
    assert last("20260103T045959") == "2026-01-02"
    assert last("20260102T220000Z") == "2026-01-03"
    assert last("20260102T215959Z") == "2026-01-02"


def test_a_window_is_half_open() -> None:
    start = utc_ms(datetime(2026, 1, 1, tzinfo=UTC))
    once = schedule(datetime(2026, 1, 1, 7))
    assert len(expand(once, start, UtcMs(start + 1))) == 1
    assert expand(once, UtcMs(start - 1), start) == []
    assert expand(once, UtcMs(start + 1), UtcMs(start + 9)) == []
    assert expand(once, UtcMs(start + 1), start) == []


def test_it_never_explodes() -> None:
    begin, daily = utc_ms(datetime(2026, 1, 1, tzinfo=UTC)), schedule(datetime(2026, 1, 1), "FREQ=DAILY")
    with pytest.raises(TooManyOccurrences):
        expand(daily, begin, UtcMs(begin + (MOST + 9) * 86_400_000))
    long_ago = schedule(datetime(1970, 1, 1), "FREQ=DAILY")
    assert len(expand(long_ago, begin, UtcMs(begin + 7 * 86_400_000))) == 7
    assert expand(daily, UtcMs(0), UtcMs(begin - 86_400_000)) == []


@pytest.mark.parametrize(
    "never", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=3", "FREQ=YEARLY;BYMONTHDAY=-31"]
)
def test_a_rule_that_never_or_seldom_happens_is_found_out_soon(never: str) -> None:
    began = stopwatch.monotonic()
    begin = utc_ms(datetime(2026, 2, 1, tzinfo=UTC))
    assert expand(schedule(datetime(2026, 1, 5), never + ";COUNT=9"), begin, UtcMs(begin + 86_400_000)) == []
    assert stopwatch.monotonic() - began < 10


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FREQ=HOURLY", "daily, weekly, monthly or yearly"),
        ("FREQ=MINUTELY;COUNT=3", "daily, weekly"),
        ("FREQ=SECONDLY", "daily, weekly"),
        ("BYDAY=MO", "no FREQ"),
        ("RRULE:FREQ=DAILY", "not NAME=VALUE"),
        ("FREQ=DAILY;", "not NAME=VALUE"),
        ("FREQ=DAILY\nDTSTART:20260101", "FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;BYHOUR=3", "BYHOUR"),
        ("FREQ=DAILY;BYEASTER=0", "BYEASTER"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;INTERVAL=١", "INTERVAL"),
        ("FREQ=DAILY;COUNT=10001", "COUNT"),
        ("FREQ=DAILY;COUNT=1;UNTIL=20270101", "exclude each other"),
        ("FREQ=DAILY;UNTIL=20260231", "UNTIL"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL"),
        ("FREQ=WEEKLY;BYDAY=T2", "weekday"),
        ("FREQ=WEEKLY;BYDAY=1MO", "numbered weekday"),
        ("FREQ=MONTHLY;BYDAY=6MO", "five"),
        ("FREQ=YEARLY;BYMONTH=12;BYDAY=-53MO", "five"),
        ("FREQ=MONTHLY;BYDAY=0MO", "zeroth"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "means nothing"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH"),
        ("FREQ=MONTHLY;BYWEEKNO=3", "BYWEEKNO"),
        ("FREQ=MONTHLY;BYYEARDAY=3", "BYYEARDAY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=YEARLY;BYDAY=1MO;BYWEEKNO=3", "BYWEEKNO"),
        ("FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 300), "500 characters"),
    ],
)
def test_a_bad_rule_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(BadRule, match=why) as refused:
        check_rrule(text)
    # People are told in words that fit: a rule that is as slow as it must be is not told to be slower.
    assert ("chỉ lặp theo ngày" in refused.value.said(str)) == ("daily, weekly" in why or why in ("no FREQ", "FREQ"))


@given(st.text(alphabet="FREQ=DAILYWKMONTHBSEP;,0123456789-+TZ ", max_size=60))
def test_any_text_is_taken_or_refused_but_never_breaks(text: str) -> None:
    told = ""
    try:
        check_rrule(text)
    except BadRule as error:
        told = error.said(str)
    assert "{" not in told


def test_other_faults_are_named() -> None:
    with pytest.raises(UnknownZone):
        expand(schedule(datetime(2026, 1, 1), zone="Asia/Dam_Ha"), UtcMs(0), UtcMs(1))
    with pytest.raises(BadRule, match="offset"):
        expand(schedule(datetime(2026, 1, 1, tzinfo=UTC)), UtcMs(0), UtcMs(1))
    with pytest.raises(BadRule, match="between"):
        expand(schedule(datetime(9999, 1, 1)), UtcMs(0), UtcMs(1))


class TestBroadcasts:
    begin = utc_ms(datetime(2026, 1, 1, tzinfo=UTC))
    week = UtcMs(begin + 7 * 86_400_000)

    def every_day(self) -> Schedule:
        return schedule(datetime(2026, 1, 1, 17), "FREQ=DAILY")

    def test_they_carry_the_schedule_and_its_limits(self) -> None:
        first, *rest = broadcasts_of(self.every_day(), [clip(600_000), clip(5_000)], self.begin, self.week)
        assert len(rest) == 6
        assert first.start == utc_ms(datetime(2026, 1, 1, 10, tzinfo=UTC))
        assert first.latest_start == first.start + 60_000
        assert first.hard_end == first.latest_start + 605_000 + RESUME_MARGIN
        assert (first.duration, first.volume, len(first.clips)) == (605_000, 80, 2)

    def test_ids_do_not_depend_on_the_window_and_differ_by_day(self) -> None:
        whole = [each.id for each in broadcasts_of(self.every_day(), [clip(1)], self.begin, self.week)]
        later = [
            each.id
            for each in broadcasts_of(self.every_day(), [clip(1)], UtcMs(self.begin + 3 * 86_400_000), self.week)
        ]
        assert whole[3:] == later
        assert len(set(whole)) == 7
        assert whole[0] == "b-c2b1056397bb8d84fb5f", "an id that changes would play everything twice"

    def test_without_clips_there_is_nothing_to_play(self) -> None:
        with pytest.raises(NothingToPlay):
            broadcasts_of(self.every_day(), [], self.begin, self.week)


def twice(rrule: str = "FREQ=DAILY;COUNT=3", start: datetime = datetime(2026, 1, 1, 5)) -> Schedule:
    return replace(schedule(start, rrule, "UTC"), times=(time(17),))


def found(made: Schedule, begin: datetime, days: int, holidays: Collection[date] = ()) -> list[str]:
    first = utc_ms(begin.replace(tzinfo=UTC))
    return [f"{each.wall:%d %H}" for each in expand(made, first, UtcMs(first + days * 86_400_000), holidays)]


class TestByHand:
    new_year = datetime(2026, 1, 1)

    def test_several_times_a_day_and_a_count_of_days(self) -> None:
        assert found(twice(), self.new_year, 9) == ["01 05", "01 17", "02 05", "02 17", "03 05", "03 17"]
        assert found(twice(""), self.new_year, 9) == ["01 05", "01 17"]
        later = twice(start=datetime(2026, 1, 1, 17))
        later = replace(later, times=(time(5),))
        assert found(later, self.new_year, 9) == ["01 17", "02 05", "02 17", "03 05", "03 17"]
        assert found(twice("FREQ=DAILY;UNTIL=20260102T120000"), self.new_year, 9) == ["01 05", "01 17", "02 05"]

    def test_a_moved_one_is_found_where_it_happens_now(self) -> None:
        made = replace(twice(), moved=((datetime(2026, 1, 2, 5), datetime(2026, 3, 1, 9)),))
        assert found(made, self.new_year, 9) == ["01 05", "01 17", "02 17", "03 05", "03 17"]
        assert found(made, datetime(2026, 3, 1), 1) == ["01 09"]
        (only,) = expand(made, utc_ms(datetime(2026, 3, 1, tzinfo=UTC)), utc_ms(datetime(2026, 3, 2, tzinfo=UTC)))
        assert only.original == datetime(2026, 1, 2, 5)

    def test_neither_a_removed_one_nor_one_that_never_was_is_moved_into_being(self) -> None:
        to = datetime(2026, 1, 5, 9)
        moved = tuple((at, to) for at in (datetime(2026, 1, 2, 5), datetime(2026, 1, 2, 6), datetime(2026, 1, 4, 5)))
        made = replace(twice(), exceptions=frozenset([datetime(2026, 1, 2, 5)]), moved=moved)
        assert found(made, datetime(2026, 1, 2), 9) == ["02 17", "03 05", "03 17"]

    def test_holidays_skip_what_the_rule_gives_but_not_what_was_moved_by_hand(self) -> None:
        made = replace(twice(), skip_holidays=True, moved=((datetime(2026, 1, 3, 5), datetime(2026, 1, 2, 7)),))
        assert found(made, self.new_year, 9, {date(2026, 1, 2): "Tết"}) == ["01 05", "01 17", "02 07", "03 17"]
        assert len(found(replace(made, skip_holidays=False), self.new_year, 9, [date(2026, 1, 2)])) == 6

    def test_repeats_are_broadcasts_of_their_own_a_gap_apart(self) -> None:
        made = replace(twice("FREQ=DAILY;COUNT=1"), repeats=3, gap=DurationMs(60_000), order=4)
        begin = utc_ms(datetime(2026, 1, 1, 5, tzinfo=UTC))
        first, second, third = placed_of(made, [clip(30_000)], begin, UtcMs(begin + 3_600_000))
        assert [each.broadcast.start - begin for each in (first, second, third)] == [0, 90_000, 180_000]
        assert [each.repeat for each in (first, second, third)] == [0, 1, 2]
        assert len({each.broadcast.id for each in (first, second, third)}) == 3
        assert second.broadcast.id == broadcast_id(made.id, second.original, 1)
        assert broadcast_id(made.id, second.original, 1, 1) != second.broadcast.id
        assert first.broadcast.order == 4
        # The window may begin between two of them.
        assert placed_of(made, [clip(30_000)], UtcMs(begin + 1), UtcMs(begin + 3_600_000)) == (second, third)

    def test_a_replaced_one_plays_the_other_bulletin(self) -> None:
        made = replace(twice("FREQ=DAILY;COUNT=1"), replaced=((datetime(2026, 1, 1, 17), BulletinId("n-2")),))
        begin, end = (utc_ms(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2))
        own, other = placed_of(made, [clip(1)], begin, end, replacements={BulletinId("n-2"): [clip(2), clip(3)]})
        assert (own.bulletin, own.broadcast.duration) == ("n-1", 1)
        assert (other.bulletin, other.broadcast.duration) == ("n-2", 5)
        with pytest.raises(NothingToPlay, match="n-2"):
            placed_of(made, [clip(1)], begin, end)


@pytest.mark.parametrize("rrule", ["FREQ=MONTHLY", "FREQ=YEARLY;BYMONTH=1,7", "FREQ=DAILY;BYMONTH=7", "FREQ=DAILY"])
def test_years_ahead_it_is_as_soon_found(rrule: str) -> None:
    made = replace(schedule(datetime(1970, 1, 5, 5), rrule, "UTC"), times=tuple(time(hour) for hour in range(6, 24)))
    assert found(made, datetime(2290, 7, 5), 1)[:2] == ["05 05", "05 06"]


def test_occurrences_are_values() -> None:
    found = expand(schedule(datetime(2026, 1, 1, 7)), UtcMs(0), UtcMs(1 << 42))
    seven = datetime(2026, 1, 1, 7)
    instant = utc_ms(datetime(2026, 1, 1, tzinfo=UTC))
    assert found == [Occurrence(seven, found[0].local, instant, seven, BulletinId("n-1"))]


@st.composite
def taken_rules(draw: st.DrawFn) -> str:
    """Rules beyond what the day walk knows."""

    def some(numbers: list[int]) -> str:
        return ",".join(map(str, draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=3))))

    parts = [draw(st.sampled_from(["BYWEEKNO=", "BYYEARDAY="])) + some([1, 9, 52, 53, -1, -53])]
    if draw(st.booleans()):
        parts.append("BYSETPOS=" + some([1, 2, -1, 366, -366]))
    if draw(st.booleans()):
        parts.append("WKST=" + draw(st.sampled_from(["MO", "SU"])))
    if draw(st.booleans()):
        parts.append("BYDAY=" + draw(st.sampled_from(["MO", "SA,SU"])))
    return ";".join(["FREQ=YEARLY", *parts])


@settings(max_examples=60, deadline=None)
@given(taken_rules(), st.one_of(STARTS, HARD_STARTS))
def test_what_is_taken_can_be_expanded(rrule: str, start: datetime) -> None:
    check_rrule(rrule)
    begin = utc_ms(start.replace(tzinfo=UTC) - timedelta(days=1))
    found = expand(schedule(start, rrule), begin, UtcMs(begin + 800 * 86_400_000))
    assert [each.start for each in found] == sorted({each.start for each in found})
