"""Conflicts: what a new programme does to what stands, as the box itself would have it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.conflicts import Conflict, Line, Outcome, behind, conflicts, fate_of
from schedules.model import Broadcast, Priority, Schedule, StartRule, Targets
from schedules.near import Sound
from schedules.timeline import simulate
from schedules.units import BroadcastId, BulletinId, ScheduleId, SpeakerId, UtcMs
from tests.schedules.make import broadcast

MINUTE = 60_000
N, P, E = Priority.NORMAL, Priority.PRIORITY, Priority.EMERGENCY
ONE, TWO = SpeakerId("s-1"), SpeakerId("s-2")
ORIGINAL = datetime(2026, 12, 7, 17)


def line(name: str, *what: Broadcast, speakers: Sequence[SpeakerId] = (ONE,)) -> Line:
    sounds = tuple(Sound(each, BulletinId(f"n-{name}"), ORIGINAL) for each in what)
    return Line(ScheduleId(name), frozenset(speakers), sounds)


def at(
    minute: float,
    minutes: float,
    priority: Priority = N,
    rule: StartRule = StartRule.JOIN,
    grace: int = 10,
    order: int = 0,
) -> Broadcast:
    return broadcast("b", round(minute * MINUTE), round(minutes * MINUTE), priority, rule, grace * MINUTE, order=order)


def one(new: Line, *others: Line) -> Conflict:
    found = conflicts([new], others)
    assert len(found) == 1, found
    return found[0]


def told(conflict: Conflict) -> tuple[str, Outcome, float, float]:
    return conflict.loser, conflict.fate.outcome, conflict.fate.begins / MINUTE, conflict.fate.ends / MINUTE


FROM = StartRule.FROM_START


@pytest.mark.parametrize(
    ("new", "other", "expected"),
    [
        pytest.param(
            at(5, 10), at(0, 10), ("new", Outcome.SHORT, 10, 15), id="what sounds goes on, the rest is joined"
        ),
        pytest.param(at(5, 10, rule=FROM), at(0, 10), ("new", Outcome.AFTER, 10, 20), id="from its start, afterwards"),
        pytest.param(at(5, 10, rule=FROM, grace=3), at(0, 10), ("new", Outcome.MISSED, 5, 5), id="too late by then"),
        pytest.param(at(2, 5), at(0, 10), ("new", Outcome.MISSED, 2, 2), id="over before the other ends"),
        pytest.param(at(0, 10), at(5, 10), ("other", Outcome.SHORT, 10, 15), id="the new one sounds first"),
        pytest.param(at(5, 10, P), at(0, 10), ("other", Outcome.RESUMED, 0, 20), id="priority interrupts"),
        pytest.param(at(5, 10, E), at(0, 10, P), ("other", Outcome.RESUMED, 0, 20), id="an emergency interrupts"),
        pytest.param(at(5, 10), at(0, 10, P), ("new", Outcome.SHORT, 10, 15), id="normal waits for priority"),
        pytest.param(at(5, 30, E), at(0, 10), ("other", Outcome.CUT, 0, 5), id="an emergency beyond its hard end"),
        pytest.param(at(5, 18, E), at(0, 10, grace=1), ("other", Outcome.CUT, 0, 5), id="not even that is left"),
        pytest.param(at(5, 8, E), at(0, 10, grace=1), ("other", Outcome.SHORT, 0, 16), id="goes on, not to its end"),
        pytest.param(at(0, 5), at(0, 10), ("new", Outcome.MISSED, 0, 0), id="a tie: what stands goes first"),
        pytest.param(at(0, 5, order=1), at(0, 10), ("new", Outcome.MISSED, 0, 0), id="ordered behind"),
        pytest.param(at(0, 5, order=-1), at(0, 10), ("other", Outcome.SHORT, 5, 10), id="ordered before"),
    ],
)
def test_who_gives_way(new: Broadcast, other: Broadcast, expected: tuple[str, Outcome, float, float]) -> None:
    found = one(line("new", new), line("other", other))
    assert told(found) == expected
    tie = (new.start, new.priority, new.order) == (other.start, other.priority, other.order)
    assert found.tied is tie
    assert found.new_loses is (expected[0] == "new")
    assert found.equal is (new.priority == other.priority)
    assert (found.new.bulletin, found.other.bulletin) == ("n-new", "n-other")


@pytest.mark.parametrize(
    ("new", "other"),
    [
        pytest.param(at(10, 5), at(0, 10), id="one after the other"),
        pytest.param(at(0, 10), at(10, 5), id="one before the other"),
        pytest.param(at(600, 5), at(0, 10), id="hours apart"),
    ],
)
def test_what_does_not_meet_is_no_conflict(new: Broadcast, other: Broadcast) -> None:
    assert conflicts([line("new", new)], [line("other", other)]) == ()


def test_speakers_that_do_not_hear_both_are_not_concerned() -> None:
    assert conflicts([line("new", at(0, 5))], [line("other", at(0, 5), speakers=[TWO])]) == ()
    found = one(line("new", at(0, 5), speakers=[ONE, TWO]), line("other", at(0, 5), speakers=[TWO]))
    assert found.speakers == {TWO}


def test_what_conflicts_already_is_nobody_s_fault() -> None:
    first, second, new = line("a", at(0, 10)), line("b", at(2, 4)), line("new", at(20, 5))
    assert conflicts([new], [first, second]) == ()


def test_the_knock_on_is_told_too() -> None:
    """New pushes one that waits for its whole length into the next one's time."""
    new, whole = line("new", at(0, 10, P)), line("whole", at(5, 10, rule=FROM))
    third = line("third", at(15, 5))
    found = {str(each.other.schedule): each for each in conflicts([new], [whole, third])}
    assert found["whole"].fate.outcome is Outcome.AFTER
    assert found["third"].fate.outcome is Outcome.MISSED
    assert not found["third"].new_loses


def test_a_year_of_them_is_one_conflict_with_all_its_times() -> None:
    week = 7 * 24 * 60
    new = line("new", *(at(week * n + 5, 10) for n in range(53)))
    daily = line("daily", *(at(week * n, 10) for n in range(53)))
    found = one(new, daily)
    assert found.times == 53
    assert found.other.start == 0
    assert found.starts[-1] == 52 * week * MINUTE


def test_the_new_ones_own_times_can_meet() -> None:
    new = line("new", at(0, 10), at(5, 10))
    found = one(new)
    assert (found.new.start, found.other.start) == (5 * MINUTE, 0)
    assert found.fate.outcome is Outcome.SHORT
    assert found.other.schedule == "new"


def test_what_ends_early_by_its_own_choice_is_no_conflict() -> None:
    short = replace(at(0, 10), latest_start=UtcMs(0), hard_end=UtcMs(4 * MINUTE))
    assert conflicts([line("new", short)], [line("other", at(4, 10))]) == ()
    assert told(one(line("new", at(2, 10)), line("other", short)))[0] == "new"


def test_a_tie_is_settled_by_going_behind_whatever_is_there() -> None:
    mine = Schedule(ScheduleId("new"), BulletinId("n-new"), ORIGINAL, "UTC", Targets(), order=-1)
    others = [line("a", at(0, 5, order=-1)), line("c", at(3, 5, order=1))]
    found = conflicts([line("new", at(0, 5, order=-1))], others)
    settled = behind(mine, found)
    assert settled.order == 0
    again = conflicts([line("new", at(0, 5, order=0))], others)
    assert not any(each.tied for each in again)
    assert told(again[0]) == told(found[0])
    assert behind(settled, again) is settled


# Against the simulation of each speaker as it is


SPEAKERS = [SpeakerId(f"s-{n}") for n in range(3)]


def sounds() -> st.SearchStrategy[Broadcast]:
    return st.builds(
        at,
        st.integers(0, 40),
        st.integers(1, 15),
        st.sampled_from(Priority),
        st.sampled_from(StartRule),
        st.sampled_from([1, 10]),
        st.integers(0, 1),
    )


def lines(prefix: str, most: int) -> st.SearchStrategy[list[Line]]:
    some = st.lists(st.sampled_from(SPEAKERS), min_size=1, max_size=3, unique=True)
    drawn = st.lists(st.tuples(sounds(), some), min_size=1, max_size=most)
    return drawn.map(lambda all_: [line(f"{prefix}{n}", b, speakers=s) for n, (b, s) in enumerate(all_)])


@settings(max_examples=300, deadline=None)
@given(lines("x", 2), lines("o", 4))
def test_every_conflict_is_what_the_speaker_itself_would_do(new: list[Line], others: list[Line]) -> None:
    told_of = {(speaker, each.loser, each.fate.outcome) for each in conflicts(new, others) for speaker in each.speakers}
    assert told_of == {found for speaker in SPEAKERS for found in _really(speaker, new, others)}


def _really(speaker: SpeakerId, new: list[Line], others: list[Line]) -> set[tuple[SpeakerId, str, Outcome]]:
    mine, theirs = ([each for each in lines if speaker in each.speakers] for lines in (new, others))
    if not mine:
        return set()
    after = _fates([*mine, *theirs])
    before = _fates(theirs)
    alone = {name: fate for each in mine for name, fate in _fates([each]).items()}
    return {
        (speaker, name, fate)
        for name, (fate, span) in after.items()
        if fate is not Outcome.AS_PLANNED and (fate, span) != {**alone, **before}[name]
    }


def _fates(lines: list[Line]) -> dict[str, tuple[Outcome, tuple[int, ...]]]:
    """By schedule; what stands sorts before what is new, as `o` before `x`."""
    named = [replace(each.sounds[0].broadcast, id=BroadcastId(each.schedule)) for each in lines]
    slots = simulate(named, UtcMs(0), UtcMs(24 * 60 * MINUTE))
    found: dict[str, tuple[Outcome, tuple[int, ...]]] = {}
    for what in named:
        fate = fate_of(what, [slot for slot in slots if slot.broadcast == what.id and slot.end > slot.begin])
        found[str(what.id)] = (fate.outcome, (fate.begins, fate.stops, fate.resumes, fate.ends, fate.heard))
    return found
