"""Decisions about areas, in any order and for any days: the past stays, every day is a forest, limits never loosen."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.areas import AreaTree, tree_on, valid_on
from schedules.model import Area, AreaSettings, QuietHours, VolumeHours
from schedules.reform import (
    BadReform,
    Periods,
    Trouble,
    altered,
    beneath,
    difference,
    ended,
    made,
    merged,
    needed,
    on,
    proved,
    split,
    strictest,
)
from schedules.units import AreaId, DurationMs, Percent

BEGIN = date(2020, 1, 1)
ROOT, A, B, LEAF = (AreaId(name) for name in ("root", "a", "b", "leaf"))
START: Periods = (
    Area(ROOT, None, "Gốc", "huyện", BEGIN),
    Area(A, ROOT, "A", "xã", BEGIN),
    Area(B, ROOT, "B", "xã", BEGIN),
    Area(LEAF, A, "Lá", "thôn", BEGIN),
)
DAYS = st.integers(0, 40).map(lambda days: BEGIN + timedelta(days=days))
IDS = st.sampled_from([ROOT, A, B, LEAF, *(AreaId(f"n{number}") for number in range(6))])
Deed = Callable[[Periods, int], Periods]


def new(number: int, parent: AreaId | None, day: date) -> Area:
    return Area(AreaId(f"n{number}"), parent, f"Mới {number}", "xã", day)


@st.composite
def deeds(draw: st.DrawFn) -> tuple[date, Deed]:
    day, one, two = draw(DAYS), draw(IDS), draw(IDS)
    kind = draw(st.sampled_from(["make", "rename", "move", "limit", "end", "merge", "absorb", "split"]))

    def deed(areas: Periods, number: int) -> Periods:
        match kind:
            case "make":
                return made(areas, new(number, one, day))
            case "rename":
                return altered(areas, one, day, name=f"Tên {number}")
            case "move":
                return altered(areas, one, day, parent=two)
            case "limit":
                return altered(areas, one, day, settings=AreaSettings(daily_cap=DurationMs(number + 1)))
            case "end":
                return ended(areas, one, day)
            case "merge":
                fresh = new(number, on(areas, one, day).parent, day)
                return merged((*areas, fresh), [one, two], fresh.id, day)
            case "absorb":
                return merged(areas, [one], two, day)
        parts = [new(number, on(areas, one, day).parent, day), new(number + 100, on(areas, one, day).parent, day)]
        children = {a.id: parts[0].id for a in areas if a.parent == one and valid_on(a, day)}
        return split(areas, one, parts, children, day)

    return day, deed


def shape(tree: AreaTree) -> dict[AreaId, Area]:
    """Each area as it is that day, whenever its period began or will end."""
    return {
        area.id: Area(area.id, area.parent, area.name, area.kind, BEGIN, code=area.code, settings=area.settings)
        for area in tree.areas.values()
    }


@given(st.lists(deeds(), max_size=12))
def test_no_decision_changes_the_days_before_it(wished: list[tuple[date, Deed]]) -> None:
    areas, earliest = START, date.max
    for number, (day, deed) in enumerate(wished):
        try:
            after = deed(areas, number)
        except BadReform:
            continue
        earliest = min(earliest, day)
        for back in range(45):
            before = BEGIN + timedelta(days=back)
            assert tree_on(after, before) is not None, "a forest every day"
            if before < day:
                assert shape(tree_on(after, before)) == shape(tree_on(areas, before))
        put, gone = difference(areas, after)
        kept = {(each.id, each.valid_from): each for each in areas if each not in gone}
        kept.update({(each.id, each.valid_from): each for each in put})
        assert sorted(kept) == sorted((each.id, each.valid_from) for each in after)
        areas = after
    assert proved(areas, BEGIN) == areas


@pytest.mark.parametrize(
    ("deed", "trouble"),
    [
        (lambda: ended(START, ROOT, date(2021, 1, 1)), Trouble.NO_PARENT),
        (lambda: ended(START, LEAF, BEGIN), Trouble.TOO_EARLY),
        (lambda: ended(START, AreaId("x"), BEGIN), Trouble.UNKNOWN),
        (lambda: altered(START, A, date(2021, 1, 1), parent=LEAF), Trouble.CIRCLE),
        (lambda: altered(START, A, date(2021, 1, 1), parent=A), Trouble.CIRCLE),
        (lambda: altered(START, A, date(2021, 1, 1), name="B"), Trouble.SAME_NAME),
        (lambda: merged(START, [A], A, date(2021, 1, 1)), Trouble.NOTHING),
        (lambda: merged(START, [A, B], LEAF, date(2021, 1, 1)), Trouble.CIRCLE),
        (lambda: split(START, A, [new(1, ROOT, date(2021, 1, 1))], {}, date(2021, 1, 1)), Trouble.NOTHING),
        (lambda: made(START, new(1, AreaId("x"), BEGIN)), Trouble.NO_PARENT),
    ],
)
def test_what_cannot_be(deed: Callable[[], Periods], trouble: Trouble) -> None:
    with pytest.raises(BadReform) as bad:
        deed()
    assert bad.value.trouble is trouble


HOURS = st.builds(QuietHours, st.just(time(21)), st.sampled_from([time(4), time(5)]))
LOUDER = st.builds(VolumeHours, st.just(time(20)), st.just(time(6)), st.sampled_from([Percent(30), Percent(40)]))
SETTINGS = st.builds(
    AreaSettings,
    quiet_hours=st.none() | st.lists(HOURS, max_size=2).map(tuple),
    volume_hours=st.none() | st.lists(LOUDER, max_size=2).map(tuple),
    volume_max_percent=st.none() | st.integers(0, 100).map(Percent),
    session_cap=st.none() | st.integers(1, 90).map(DurationMs),
    daily_cap=st.none() | st.integers(1, 90).map(DurationMs),
    weekdays=st.none() | st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    night_allowed=st.none() | st.booleans(),
    one_person_station=st.none() | st.booleans(),
)


def least(value: Any) -> float:
    return float("inf") if value is None else value


@given(st.lists(SETTINGS, min_size=1, max_size=4))
def test_the_strictest_allows_nothing_that_one_forbids(parts: list[AreaSettings]) -> None:
    found = strictest(parts)
    for part in parts:
        assert set(part.quiet_hours or ()) <= set(found.quiet_hours or ())
        assert set(part.volume_hours or ()) <= set(found.volume_hours or ())
        for name in ("volume_max_percent", "session_cap", "daily_cap"):
            assert least(getattr(found, name)) <= least(getattr(part, name))
        assert part.night_allowed or not found.night_allowed
        assert part.one_person_station or not found.one_person_station
    common = set(range(7)).intersection(*(part.weekdays for part in parts if part.weekdays is not None))
    assert found.weekdays is None or set(found.weekdays) == common or not common


@given(SETTINGS, SETTINGS)
def test_an_area_says_itself_what_it_needs_beyond_what_it_inherits(wanted: AreaSettings, above: AreaSettings) -> None:
    own = needed(wanted, above)
    areas = (Area(ROOT, None, "Gốc", "", BEGIN, settings=above), Area(A, ROOT, "A", "", BEGIN, settings=own))
    held = tree_on(areas, BEGIN).settings(A)
    assert bool(held.night_allowed) == bool(
        above.night_allowed if wanted.night_allowed is None else wanted.night_allowed
    )
    for name in ("quiet_hours", "volume_hours", "volume_max_percent", "session_cap", "daily_cap", "weekdays"):
        expected = getattr(wanted, name)
        assert getattr(held, name) == (getattr(above, name) if expected is None else expected)


@given(st.lists(SETTINGS, min_size=1, max_size=3), SETTINGS)
def test_nothing_is_allowed_in_another_place_that_was_not_before(held: list[AreaSettings], above: AreaSettings) -> None:
    own = beneath(held, above)
    areas = (Area(ROOT, None, "Gốc", "", BEGIN, settings=above), Area(A, ROOT, "A", "", BEGIN, settings=own))
    now = tree_on(areas, BEGIN).settings(A)
    for part in held:
        assert set(part.quiet_hours or ()) <= set(now.quiet_hours or ())
        assert set(part.volume_hours or ()) <= set(now.volume_hours or ())
        assert least(now.daily_cap) <= least(part.daily_cap)
        assert part.night_allowed or not now.night_allowed
        assert part.one_person_station or not now.one_person_station
    assert set(above.quiet_hours or ()) <= set(now.quiet_hours or ())
    assert least(now.volume_max_percent) <= least(above.volume_max_percent)
    assert above.night_allowed is not False or not now.night_allowed
    if above.night_allowed is None and all(part.night_allowed for part in held):
        assert now.night_allowed
