"""The playhead's answers one by one."""

from dataclasses import replace

import pytest

from schedules.actions import Held
from schedules.model import Priority, StartRule
from schedules.playhead import Action, ClockTrust, Settle, Start, Stop, Wait, apply, next_action
from schedules.states import ACCOUNTED, IllegalMove, PlaybackState, Reason
from schedules.units import BroadcastId, DurationMs, UtcMs
from tests.schedules.make import broadcast, ready

S, R = PlaybackState, Reason
A = BroadcastId("a")
NORMAL = broadcast("a", 1_000_000, 600_000)
URGENT = broadcast("e", 1_100_000, 20_000, Priority.EMERGENCY, StartRule.FROM_START)


def ask(now: int, *held: Held, clock: ClockTrust = ClockTrust.SYNCED, lead: int = 0) -> Action:
    return next_action(held, UtcMs(now), clock, DurationMs(lead))


def wait(until: int) -> Wait:
    return Wait(UtcMs(until))


def start(name: str, at: int, offset: int = 0, preempts: str | None = None) -> Start:
    return Start(BroadcastId(name), UtcMs(at), DurationMs(offset), BroadcastId(preempts) if preempts else None)


def test_nothing_held_waits_for_news() -> None:
    assert ask(0) == Wait(None)


def test_it_waits_then_starts_on_the_millisecond() -> None:
    assert ask(0, ready(NORMAL)) == wait(1_000_000)
    assert ask(999_999, ready(NORMAL)) == wait(1_000_000)
    assert ask(1_000_000, ready(NORMAL)) == start("a", 1_000_000)


def test_a_start_is_handed_out_within_the_lead_and_never_for_earlier_than_its_time() -> None:
    assert ask(0, ready(NORMAL), lead=500) == wait(999_500)
    assert ask(999_500, ready(NORMAL), lead=500) == start("a", 1_000_000)


def test_late_joins_where_its_neighbours_are_or_plays_from_the_start() -> None:
    assert ask(1_060_000, ready(NORMAL)) == start("a", 1_060_000, 60_000)
    whole = replace(NORMAL, rule=StartRule.FROM_START)
    assert ask(1_060_000, ready(whole)) == start("a", 1_060_000, 0)


def test_after_the_latest_start_it_is_missed_not_late() -> None:
    assert ask(1_060_001, ready(NORMAL)) == Settle(A, S.MISSED, R.LATE)


def test_a_join_that_would_find_nothing_left_is_missed() -> None:
    short = ready(broadcast("a", 1_000_000, 5_000))
    assert ask(1_004_999, short) == start("a", 1_004_999, 4_999)
    assert ask(1_005_000, short) == Settle(A, S.MISSED, R.LATE)
    assert ask(0, replace(short, media_ready=False), lead=10) == wait(999_990)
    assert ask(1_000_000, replace(short, media_ready=False)) == wait(1_005_000)


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ((Held(NORMAL, S.ACCEPTED),), R.NO_MEDIA),
        ((ready(NORMAL),), R.LATE),
        ((replace(ready(NORMAL), hindered=R.CLOCK),), R.CLOCK),
        ((ready(NORMAL), ready(URGENT, S.PLAYING, 5)), R.PREEMPTED),
        ((ready(NORMAL), ready(broadcast("b", 900_000, 600_000), S.PLAYING, 5)), R.PREEMPTED),
        ((ready(NORMAL), ready(broadcast("b", 900_000, 600_000), S.PLAYED, 600_000)), R.PREEMPTED),
        ((ready(NORMAL), ready(broadcast("b", 0, 600_000), S.PLAYED, 600_000)), R.LATE),
    ],
)
def test_the_reason_of_a_miss(held: tuple[Held, ...], reason: Reason) -> None:
    assert ask(1_060_001, *held) == Settle(A, S.MISSED, reason)


@pytest.mark.parametrize("state", [S.PENDING, S.ACCEPTED, S.READY])
def test_withdrawn_before_it_began_is_cancelled(state: PlaybackState) -> None:
    assert ask(5, Held(NORMAL, state, withdrawn=True)) == Settle(A, S.CANCELLED, R.WITHDRAWN)


def test_withdrawn_after_it_began_is_stopped() -> None:
    playing = replace(ready(NORMAL, S.PLAYING, 5), withdrawn=True)
    assert ask(1_000_005, playing) == Stop(A, S.INTERRUPTED, R.STOPPED)
    assert ask(1_000_005, playing, clock=ClockTrust.UNKNOWN) == Stop(A, S.INTERRUPTED, R.STOPPED)
    assert ask(1_000_005, replace(playing, state=S.SUSPENDED)) == Settle(A, S.INTERRUPTED, R.STOPPED)
    nearly = replace(playing, position=DurationMs(594_000))
    assert ask(1_594_000, nearly) == Stop(A, S.PLAYED, R.NONE)


def test_the_hard_end_silences() -> None:
    end = NORMAL.hard_end
    assert ask(end - 1, ready(NORMAL, S.PLAYING, 5)) == wait(end)
    assert ask(end, ready(NORMAL, S.PLAYING, 5)) == Stop(A, S.INTERRUPTED, R.HARD_END)
    assert ask(end, ready(NORMAL, S.SUSPENDED, 5)) == Settle(A, S.INTERRUPTED, R.HARD_END)
    assert ask(end, ready(NORMAL, S.PLAYING, 594_000)) == Stop(A, S.PLAYED, R.NONE)
    assert ask(end, ready(NORMAL, S.PLAYING, 593_999)) == Stop(A, S.INTERRUPTED, R.HARD_END)


def test_what_a_late_join_passed_over_was_not_heard() -> None:
    joined = replace(ready(NORMAL, S.PLAYING, 599_000), skipped=DurationMs(30_000))
    assert ask(NORMAL.hard_end, joined) == Stop(A, S.INTERRUPTED, R.HARD_END)
    assert ask(1_599_000, replace(joined, state=S.SUSPENDED)) == Settle(A, S.INTERRUPTED, R.LATE)


def test_suspended_with_nothing_left_has_played() -> None:
    assert ask(1_200_000, ready(NORMAL, S.SUSPENDED, 594_000)) == Settle(A, S.PLAYED, R.NONE)


def test_an_unknown_clock_begins_ends_and_misses_nothing() -> None:
    for held in (ready(NORMAL), ready(NORMAL, S.PLAYING, 5), ready(NORMAL, S.SUSPENDED, 5)):
        for now in (1_000_000, 1_060_001, NORMAL.hard_end):
            assert ask(now, held, clock=ClockTrust.UNKNOWN) == Wait(None)
    assert ask(1_000_000, ready(NORMAL), clock=ClockTrust.HELD) == start("a", 1_000_000)


def test_an_emergency_takes_over_and_the_interrupted_goes_on_where_it_stopped() -> None:
    held = (ready(NORMAL, S.PLAYING, 100_000), ready(URGENT))
    action = ask(1_100_000, *held)
    assert action == start("e", 1_100_000, 0, preempts="a")
    held_then = apply(held, action)
    assert [item.state for item in held_then] == [S.SUSPENDED, S.PLAYING]
    done = (held_then[0], replace(held_then[1], state=S.PLAYED, position=DurationMs(20_000)))
    assert ask(1_120_000, *done) == start("a", 1_120_000, 100_000)


def test_within_the_lead_the_emergency_is_armed_while_the_lower_still_sounds() -> None:
    held = (ready(NORMAL, S.PLAYING, 99_500), ready(URGENT))
    assert ask(1_099_499, *held, lead=500) == wait(1_099_500)
    assert ask(1_099_500, *held, lead=500) == start("e", 1_100_000, 0, preempts="a")
    armed = (held[0], replace(held[1], state=S.PLAYING))
    assert isinstance(ask(1_099_501, *armed, lead=500), Wait)


def test_of_two_to_come_the_earlier_is_armed_although_the_later_was_armed_before_it_was_ready() -> None:
    armed = ready(broadcast("a", 1_000_400, 10_000), S.PLAYING)
    earlier = ready(broadcast("b", 1_000_300, 10_000))
    assert ask(1_000_200, armed, replace(earlier, media_ready=False), lead=500) == wait(1_000_300)
    assert ask(1_000_200, armed, earlier, lead=500) == start("b", 1_000_300, 0, preempts="a")
    assert isinstance(ask(1_000_300, replace(armed, state=S.SUSPENDED), replace(earlier, state=S.PLAYING)), Wait)


def test_an_armed_start_stops_no_equal_that_is_due_now() -> None:
    armed = ready(URGENT, S.PLAYING)
    due = ready(replace(URGENT, id=BroadcastId("x"), start=UtcMs(1_099_000)))
    assert ask(1_099_900, armed, due, lead=500) == start("x", 1_099_900, 0, preempts="e")
    assert isinstance(ask(1_100_000, armed, due, lead=500), Wait), "it sounds now, and equals do not interrupt"


def test_a_lower_or_equal_one_does_not_interrupt() -> None:
    first = ready(NORMAL, S.PLAYING, 60_000)
    second = ready(broadcast("0", 1_060_000, 10_000))
    assert isinstance(ask(1_060_000, first, second), Wait)
    assert ask(1_060_000, replace(first, state=S.SUSPENDED), second) == start("a", 1_060_000, 60_000)


def test_order_decides_between_equals() -> None:
    one, two = (ready(broadcast(name, 0, 10, order=order)) for name, order in (("a", 2), ("b", 1)))
    assert ask(0, one, two) == start("b", 0)
    assert ask(0, one, ready(broadcast("b", 0, 10, order=2))) == start("a", 0)
    assert ask(0, one, ready(broadcast("z", 0, 10, Priority.PRIORITY, order=9))) == start("z", 0)


def test_without_its_sound_nothing_starts_or_goes_on() -> None:
    assert isinstance(ask(1_000_000, replace(ready(NORMAL), media_ready=False)), Wait)
    assert isinstance(ask(1_000_000, replace(ready(NORMAL, S.SUSPENDED, 5), media_ready=False)), Wait)
    assert isinstance(ask(1_000_000, replace(ready(NORMAL), state=S.PENDING)), Wait)
    accepted = ready(NORMAL, S.ACCEPTED)
    assert ask(1_000_000, accepted) == start("a", 1_000_000)
    assert apply((accepted,), start("a", 1_000_000))[0].state is S.PLAYING


@pytest.mark.parametrize("state", sorted(ACCOUNTED))
def test_what_is_accounted_for_is_left_alone(state: PlaybackState) -> None:
    for now in (1_000_000, NORMAL.hard_end):
        assert ask(now, replace(ready(NORMAL, state), withdrawn=True)) == Wait(None)


def test_applying_an_illegal_move_raises() -> None:
    with pytest.raises(IllegalMove):
        apply((ready(NORMAL, S.PLAYED),), start("a", 1_000_000))
    assert apply((ready(NORMAL),), Wait(None)) == (ready(NORMAL),)
