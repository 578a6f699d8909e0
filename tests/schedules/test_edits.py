"""Editing a series: a stateful test against a plain dict of occurrences, and named edits people make."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schedules.consequences import consequences
from schedules.edits import CannotEdit, Edit, Item, Move, Replace, Revise, Scope, Skip, WhyNot, edit
from schedules.less import plays_less
from schedules.model import Schedule
from schedules.recurrence import expand, times_of
from schedules.units import BulletinId, Percent, ScheduleId, UtcMs
from schedules.wall import utc_ms
from tests.schedules.make import schedule

BEGIN = utc_ms(datetime(2025, 12, 1, tzinfo=UTC))
END = UtcMs(BEGIN + 150 * 86_400_000)
NEW = ScheduleId("s-2")
START = datetime(2026, 1, 5, 5)
"""A Monday."""
RULES = (
    "FREQ=DAILY;COUNT=30",
    "FREQ=DAILY;INTERVAL=2;UNTIL=20260220",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=15",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;UNTIL=20260301T120000",
    "FREQ=MONTHLY;BYMONTHDAY=5,20,-1;COUNT=7",
    "FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=6",
)
TIMES = st.sets(st.sampled_from([time(5), time(11, 30), time(17), time(23, 45)]), min_size=1, max_size=3)


def heard(schedules: Iterable[Schedule]) -> list[tuple[datetime, str]]:
    """(wall reading, bulletin) of all that happens, in order."""
    found = (each for schedule in schedules for each in expand(schedule, BEGIN, END))
    return sorted((each.wall, str(each.bulletin)) for each in found)


class SeriesMachine(RuleBasedStateMachine):
    """The model: for each schedule, original → (where it happens, bulletin). An edit does to it what people expect."""

    @initialize(rrule=st.sampled_from(RULES), times=TIMES)
    def begin(self, rrule: str, times: set[time]) -> None:
        first, *others = sorted(times)
        made = replace(schedule(datetime.combine(START.date(), first), rrule, "UTC"), times=tuple(others))
        self.number = 1
        self.schedules: dict[ScheduleId, Schedule] = {made.id: made}
        self.model = {made.id: {each.original: (each.wall, "n-1") for each in expand(made, BEGIN, END)}}
        self.removed: set[tuple[str, datetime]] = set()

    def _pick(self, data: st.DataObject) -> tuple[Schedule, datetime]:
        name = data.draw(st.sampled_from(sorted(each for each, alive in self.model.items() if alive)))
        return self.schedules[name], data.draw(st.sampled_from(sorted(self.model[name])))

    def _edit(self, made: Schedule, original: datetime, scope: Scope, change: Edit) -> ScheduleId:
        """Returns the schedule that has `original` now."""
        self.number += 1
        new_id = ScheduleId(f"s-{self.number}")
        items = edit(made, original, scope, change, new_id)
        self._less(items, change)
        for item in items:
            if item.after is not None:
                self.schedules[item.after.id] = item.after
            elif item.before is not None:
                del self.schedules[item.before.id]
        if len(items) == 2:
            occurrences = self.model[made.id]
            self.model[new_id] = {at: value for at, value in occurrences.items() if at >= original}
            self.model[made.id] = {at: value for at, value in occurrences.items() if at < original}
            return new_id
        return made.id

    def _less(self, items: tuple[Item, ...], change: Edit) -> None:
        """What is said to be less is part of what was; a skip always is."""
        both = [(item.before, item.after) for item in items if item.before is not None and item.after is not None]
        for before, after in both:
            assert not plays_less(after, before)
            if plays_less(before, after):
                assert set(heard([after])) < set(heard([before])) or isinstance(change, Revise | Move)
            else:
                assert not isinstance(change, Skip)

    alive = precondition(lambda self: any(self.model.values()))

    @alive
    @rule(data=st.data())
    def skip_one(self, data: st.DataObject) -> None:
        made, original = self._pick(data)
        self._edit(made, original, Scope.THIS, Skip())
        del self.model[made.id][original]
        if made.id in self.schedules:
            with pytest.raises(CannotEdit):
                edit(self.schedules[made.id], original, Scope.THIS, Skip(), NEW)

    @alive
    @rule(data=st.data(), minutes=st.integers(-3000, 3000))
    def move_one(self, data: st.DataObject, minutes: int) -> None:
        made, original = self._pick(data)
        start = self.model[made.id][original][0] + timedelta(minutes=minutes)
        self._edit(made, original, Scope.THIS, Move(start))
        self.model[made.id][original] = (start, self.model[made.id][original][1])

    @alive
    @rule(data=st.data(), bulletin=st.sampled_from(["n-1", "n-2", "n-3"]))
    def replace_one(self, data: st.DataObject, bulletin: str) -> None:
        made, original = self._pick(data)
        self._edit(made, original, Scope.THIS, Replace(BulletinId(bulletin)))
        self.model[made.id][original] = (self.model[made.id][original][0], bulletin)

    @alive
    @rule(data=st.data())
    def skip_the_rest(self, data: st.DataObject) -> None:
        made, original = self._pick(data)
        self._edit(made, original, Scope.FOLLOWING, Skip())
        self.model[made.id] = {at: value for at, value in self.model[made.id].items() if at < original}

    @alive
    @rule(data=st.data(), scope=st.sampled_from([Scope.FOLLOWING, Scope.ALL]), bulletin=st.sampled_from(["n-1", "n-4"]))
    def replace_more(self, data: st.DataObject, scope: Scope, bulletin: str) -> None:
        made, original = self._pick(data)
        own = str(made.bulletin)
        name = self._edit(made, original, scope, Replace(BulletinId(bulletin)))
        self.model[name] = {
            at: (wall, bulletin if playing == own else playing) for at, (wall, playing) in self.model[name].items()
        }

    @alive
    @rule(data=st.data(), scope=st.sampled_from([Scope.FOLLOWING, Scope.ALL]), at=st.times())
    def shift_more(self, data: st.DataObject, scope: Scope, at: time) -> None:
        made, original = self._pick(data)
        at = at.replace(second=0, microsecond=0)
        if at in times_of(made):
            return
        name = self._edit(made, original, scope, Move(datetime.combine(original.date(), at)))
        old, shifted = original.time(), dict[datetime, tuple[datetime, str]]()
        for each, (wall, playing) in self.model[name].items():
            key = datetime.combine(each.date(), at) if each.time() == old else each
            shifted[key] = (key if wall == each else wall, playing)
        self.model[name] = shifted

    @alive
    @rule(data=st.data(), scope=st.sampled_from([Scope.FOLLOWING, Scope.ALL]), volume=st.integers(1, 100))
    def revise_without_time(self, data: st.DataObject, scope: Scope, volume: int) -> None:
        made, original = self._pick(data)
        name = self._edit(made, original, scope, Revise(replace(made, volume=Percent(volume))))
        assert self.schedules[name].volume == volume

    @rule()
    def look(self) -> None:
        """When everything was removed nothing else can be done."""

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        for name, occurrences in self.model.items():
            found = [self.schedules[name]] if name in self.schedules else []
            assert heard(found) == sorted(occurrences.values())


TestSeries = SeriesMachine.TestCase
TestSeries.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


def every(rrule: str, start: datetime = START, *times: time) -> Schedule:
    return replace(schedule(start, rrule, "UTC"), times=times)


def days(schedules: Iterable[Schedule | None]) -> list[str]:
    return [f"{wall:%d/%m %H:%M}" for wall, _ in heard(each for each in schedules if each is not None)]


def after(made: Schedule, original: datetime, scope: Scope, change: Edit) -> list[str]:
    return days(item.after for item in edit(made, original, scope, change, NEW))


def test_another_day_for_all_is_another_rule_where_that_is_one() -> None:
    weekly = every("FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20260118")
    tuesday = Move(datetime(2026, 1, 13, 6))
    assert after(weekly, datetime(2026, 1, 12, 5), Scope.ALL, tuesday) == [
        "06/01 06:00",
        "09/01 06:00",
        "13/01 06:00",
        "16/01 06:00",
    ]
    monthly = every("FREQ=MONTHLY;COUNT=3")
    assert after(monthly, datetime(2026, 2, 5, 5), Scope.FOLLOWING, Move(datetime(2026, 2, 20, 5))) == [
        "05/01 05:00",
        "20/02 05:00",
        "20/03 05:00",
    ]
    once = every("")
    assert after(once, START, Scope.ALL, Move(datetime(2026, 1, 7, 17))) == ["07/01 17:00"]


@pytest.mark.parametrize(
    ("rrule", "to"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,FR", datetime(2026, 1, 9, 5)),
        ("FREQ=WEEKLY;BYDAY=MO,FR;COUNT=9", datetime(2026, 1, 6, 5)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", datetime(2026, 1, 4, 5)),
        ("FREQ=MONTHLY;BYDAY=1MO", datetime(2026, 1, 6, 5)),
        ("FREQ=MONTHLY;BYMONTHDAY=5", datetime(2026, 2, 1, 5)),
        ("FREQ=DAILY;BYDAY=MO,TU", datetime(2026, 1, 6, 5)),
    ],
)
def test_another_day_that_no_rule_says_is_refused(rrule: str, to: datetime) -> None:
    with pytest.raises(CannotEdit) as caught:
        edit(every(rrule), START, Scope.ALL, Move(to), NEW)
    assert caught.value.why is WhyNot.DAY_NEEDS_RULE


def test_a_removed_day_stays_removed_whatever_the_new_times() -> None:
    made = replace(
        every("FREQ=DAILY;COUNT=3", START, time(17)),
        exceptions=frozenset([datetime(2026, 1, 6, 5), datetime(2026, 1, 6, 17)]),
    )
    form = replace(made, local_start=datetime(2026, 1, 5, 6), times=(time(11), time(18)))
    (item,) = edit(made, START, Scope.ALL, Revise(form), NEW)
    assert not [day for day in days([item.after]) if day.startswith("06/01")]
    assert len(days([item.after])) == 6


def test_one_with_everything_of_its_own_leaves_the_series() -> None:
    made = every("FREQ=DAILY;COUNT=3")
    form = replace(made, local_start=datetime(2026, 1, 5, 9), volume=Percent(30))
    series, apart = edit(made, datetime(2026, 1, 6, 5), Scope.THIS, Revise(form), NEW)
    assert days([series.after]) == ["05/01 05:00", "07/01 05:00"]
    assert apart.after is not None
    assert (days([apart.after]), apart.after.volume) == (["06/01 09:00"], 30)


def test_what_is_not_there_cannot_be_edited() -> None:
    made = replace(every("FREQ=DAILY;COUNT=3"), exceptions=frozenset([datetime(2026, 1, 6, 5)]))
    for original in (
        datetime(2026, 1, 6, 5),
        datetime(2026, 1, 6, 6),
        datetime(2026, 1, 9, 5),
        datetime(2025, 1, 1, 5),
    ):
        for scope in Scope:
            with pytest.raises(CannotEdit):
                edit(made, original, scope, Skip(), NEW)


def test_what_will_change_is_told_before() -> None:
    made = every("FREQ=DAILY;COUNT=5")
    items = edit(made, datetime(2026, 1, 7, 5), Scope.FOLLOWING, Move(datetime(2026, 1, 7, 6)), NEW)
    told = consequences(items, BEGIN, END)
    assert [(len(told.gone), len(told.new), len(told.altered)), len(told.kept)] == [(0, 0, 0), 2]
    assert [(f"{old.occurrence.wall:%d %H}", f"{new.occurrence.wall:%d %H}") for old, new in told.moved] == [
        ("07 05", "07 06"),
        ("08 05", "08 06"),
        ("09 05", "09 06"),
    ]
    louder = consequences([Item(made, replace(made, volume=Percent(90)))], BEGIN, END)
    assert (len(louder.altered), len(louder.kept), len(louder.moved)) == (5, 0, 0)
    ended = consequences([Item(made, None)], BEGIN, END)
    assert (len(ended.gone), len(ended.kept)) == (5, 0)
    begun = consequences([Item(None, made)], BEGIN, END)
    assert (len(begun.new), len(begun.gone)) == (5, 0)
