"""What is found near some spans is what a full expansion finds there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schedules.expansion import placed_of
from schedules.model import ClipRef, Priority, Schedule, StartRule, Targets
from schedules.near import Near, Span
from schedules.recurrence import expand
from schedules.units import BulletinId, ClipId, DurationMs, ScheduleId, UtcMs
from schedules.wall import localise, utc_ms

OWN, OTHER = BulletinId("n-own"), BulletinId("n-other")
LENGTHS = {OWN: DurationMs(600_000), OTHER: DurationMs(90_000)}
MINUTE = 60_000
DAY = 86_400_000
RULES = (
    "",
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;BYDAY=MO,FR",
    "FREQ=DAILY;COUNT=40",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
    "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270331T170000",
    "FREQ=DAILY;UNTIL=20270328T093000Z",
    "FREQ=MONTHLY;BYMONTHDAY=1,-1",
    "FREQ=MONTHLY;BYDAY=-1SU",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
)
ZONES = ("Asia/Ho_Chi_Minh", "UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York")
WALLS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 3, 31)).map(lambda d: d.replace(second=0, microsecond=0))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    times = draw(st.lists(st.times(), max_size=2, unique=True))
    base = Schedule(
        id=ScheduleId("s-1"),
        bulletin=OWN,
        local_start=draw(WALLS),
        time_zone=draw(st.sampled_from(ZONES)),
        targets=Targets(),
        priority=draw(st.sampled_from(Priority)),
        rrule=draw(st.sampled_from(RULES)),
        rule=draw(st.sampled_from(StartRule)),
        grace=DurationMs(draw(st.sampled_from([0, MINUTE, 10 * MINUTE]))),
        times=tuple(at.replace(second=0, microsecond=0, tzinfo=None) for at in times),
        repeats=draw(st.integers(1, 4)),
        gap=DurationMs(draw(st.sampled_from([1_000, 30 * MINUTE]))),
        skip_holidays=draw(st.booleans()),
        order=draw(st.integers(0, 2)),
        at_most=DurationMs(draw(st.sampled_from([0, 0, 5_000, 20 * MINUTE]))),
    )
    return edited(draw, base)


def edited(draw: st.DrawFn, base: Schedule) -> Schedule:
    """With some of its own occurrences removed, moved, replaced."""
    start = utc_ms(localise(base.local_start, base.time_zone))
    own = [each.original for each in expand(base, start, UtcMs(start + 60 * DAY))][:20] or [base.local_start]
    some = st.lists(st.sampled_from(own), max_size=3, unique=True)
    moved = tuple((each, each + timedelta(hours=draw(st.integers(-40, 40)))) for each in sorted(draw(some)))
    replaced = tuple((each, OTHER) for each in sorted(draw(some)))
    return replace(base, exceptions=frozenset(draw(some)), moved=moved, replaced=replaced)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    begin = utc_ms(localise(draw(WALLS), "UTC"))
    step = draw(st.sampled_from([DAY, 7 * DAY, DAY + 37 * MINUTE]))
    length = draw(st.sampled_from([MINUTE, 45 * MINUTE, 12 * 60 * MINUTE]))
    return tuple(
        Span(UtcMs(begin + n * step), UtcMs(begin + n * step + length)) for n in range(draw(st.integers(1, 9)))
    )


HOLIDAYS = frozenset(date(2027, 1, 1) + timedelta(days=17 * n) for n in range(20))


def clips(length: int) -> tuple[ClipRef, ...]:
    return (ClipRef(ClipId("0" * 64), 1, DurationMs(length), "0" * 64),)


def expected(schedule: Schedule, wanted: tuple[Span, ...]) -> list[tuple[object, ...]]:
    sounds: Mapping[BulletinId, tuple[ClipRef, ...]] = {each: clips(length) for each, length in LENGTHS.items()}
    begin = UtcMs(min(span.begin for span in wanted) - 4 * DAY)
    end = UtcMs(max(span.end for span in wanted) + DAY)
    placed = placed_of(schedule, sounds[OWN], begin, end, holidays=HOLIDAYS, replacements=sounds)
    return [
        (each.original, each.repeat, each.bulletin, each.broadcast.start, each.broadcast.hard_end)
        for each in placed
        if any(each.broadcast.start < span.end and span.begin < each.broadcast.hard_end for span in wanted)
    ]


@settings(max_examples=400, deadline=None)
@given(schedules(), spans())
@example(
    Schedule(ScheduleId("s-1"), OWN, datetime(2027, 3, 27, 2, 30), "Europe/Berlin", Targets(), rrule="FREQ=DAILY"),
    (Span(UtcMs(1_806_108_000_000), UtcMs(1_806_140_000_000)),),
)
def test_near_finds_what_an_expansion_finds(schedule: Schedule, wanted: tuple[Span, ...]) -> None:
    found = [
        (each.original, each.repeat, each.bulletin, each.broadcast.start, each.broadcast.hard_end)
        for each in Near(wanted).of(schedule, LENGTHS, HOLIDAYS)
    ]
    assert sorted(found) == sorted(expected(schedule, wanted))


def test_it_is_not_only_nothing_that_is_compared() -> None:
    """The daily one of the property above in a week of spans, told by hand."""
    daily = Schedule(
        ScheduleId("s-1"), OWN, datetime(2026, 6, 1, 17), "Asia/Ho_Chi_Minh", Targets(), rrule="FREQ=DAILY"
    )
    first = utc_ms(localise(datetime(2026, 12, 7, 17, 5), "Asia/Ho_Chi_Minh"))
    wanted = [Span(UtcMs(first + n * 7 * DAY), UtcMs(first + n * 7 * DAY + 5 * MINUTE)) for n in range(3)]
    found = Near(wanted).of(daily, LENGTHS)
    assert [each.original for each in found] == [datetime(2026, 12, 7 + 7 * n, 17) for n in range(3)]
    assert found[0].key == "2026-12-07T17:00:00"


def test_schedules_of_one_rhythm_share_what_is_found() -> None:
    near = Near([Span(UtcMs(1_796_700_000_000), UtcMs(1_796_800_000_000))])
    one = Schedule(ScheduleId("s-1"), OWN, datetime(2026, 6, 1, 17), ZONES[0], Targets(), rrule="FREQ=DAILY")
    two = Schedule(ScheduleId("s-2"), OWN, datetime(2025, 1, 3, 17), ZONES[0], Targets(), rrule="FREQ=DAILY")
    late = Schedule(ScheduleId("s-3"), OWN, datetime(2026, 6, 1, 17), ZONES[0], Targets(), rrule="FREQ=DAILY", order=1)
    assert near.of(one, LENGTHS) is near.of(two, LENGTHS)
    assert near.of(one, LENGTHS) is not near.of(late, LENGTHS)
    assert near.of(late, {OWN: DurationMs(0)}) == ()


def test_another_time_of_day_is_ruled_out_even_over_midnight() -> None:
    midnight = utc_ms(localise(datetime(2026, 12, 7, 23, 50), ZONES[0]))
    near = Near([Span(midnight, UtcMs(midnight + 30 * MINUTE))])

    def at(clock: time) -> Schedule:
        start = datetime.combine(date(2026, 6, 1), clock)
        return Schedule(ScheduleId("s"), OWN, start, ZONES[0], Targets(), rrule="FREQ=DAILY")

    assert [s.original.day for s in near.of(at(time(0, 10)), LENGTHS)] == [8]
    assert [s.original.day for s in near.of(at(time(23, 45)), LENGTHS)] == [7]
    assert near.of(at(time(0, 20)), LENGTHS) == ()
    assert near.of(at(time(12)), LENGTHS) == ()
