"""The box's clock on machines that wake up in 1970, step, drift, lose power, and behind a broker that plays with time.

The machine and the line are simulated; timekeeper, clock, store, playhead and player are the real ones.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.machine import KernelTime
from protocol.keys import Role, SigningKey
from protocol.messages import ClockAnswer
from schedules.playhead import ClockTrust
from schedules.states import PlaybackState, Reason
from tests.edge_agent.machines import DAY_MS, MS, HandMachine
from tests.edge_agent.timed import STEP_MS, TimedBox
from tests.rig.site import now_ms

S, T = PlaybackState, ClockTrust
SECOND = 1_000.0
HOUR = 3_600 * SECOND
YEAR = 365 * DAY_MS
AT_1970 = 30_000 * MS
NTP = KernelTime(synced=True, error_ns=8 * MS)


def machine(**what: object) -> HandMachine:
    return HandMachine(now_ms() * MS, **what)  # type: ignore[arg-type]


def woken_in_1970() -> HandMachine:
    true = now_ms() * MS
    return HandMachine(true, wrong_ns=AT_1970 - true)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TimedBox:
    """Its clock is known from the controller, and the system's clock is an hour slow."""
    box = TimedBox(tmp_path, monkeypatch, machine(wrong_ns=-3_600_000 * MS))
    box.run(8 * SECOND)
    assert box.clock.trust() is T.SYNCED
    assert abs(box.error_ms) < 1
    return box


def on_time(box: TimedBox, late_ms: float = 0.0) -> bool:
    """A programme that is given now for soon begins within its block, but for what the clock may be wrong."""
    order = box.order(f"b-{box.ticks}", 4 * SECOND + late_ms)
    box.give(order)
    box.run(9 * SECOND + 2 * late_ms)
    began = box.began_at(order)
    assert box.end(order) == (S.PLAYED, Reason.NONE), box.end(order)
    return began is not None and -STEP_MS - late_ms <= began <= STEP_MS + late_ms


def test_a_box_that_wakes_in_1970_plays_nothing_until_it_was_told_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = TimedBox(tmp_path, monkeypatch, woken_in_1970())
    box.controller.connected = False
    missed = box.order("b-missed", 3 * SECOND, grace_ms=2_000)
    coming = box.order("b-coming", 20 * SECOND)
    box.give(missed)
    box.give(coming)
    box.run(14 * SECOND)
    assert box.clock.trust() is T.UNKNOWN
    assert not box.heard
    assert box.end(missed) is None, "without a clock it is not even judged"
    box.controller.connected = True
    box.run(4 * SECOND)
    assert box.clock.trust() is T.SYNCED
    assert box.end(missed) in [None, (S.MISSED, Reason.CLOCK)]
    box.run(8 * SECOND)
    began = box.began_at(coming)
    assert began is not None
    assert abs(began) <= STEP_MS + 1
    assert box.end(coming) == (S.PLAYED, Reason.NONE)


@pytest.mark.parametrize("by_ms", [1_000, -1_000, 60_000, -60_000, 3_600_000, -DAY_MS, YEAR, -YEAR])
@pytest.mark.parametrize("reachable", [True, False], ids=["controller", "alone"])
def test_a_step_of_the_systems_clock_moves_no_schedule(box: TimedBox, by_ms: int, reachable: bool) -> None:
    order = box.order("b-1", 6 * SECOND)
    box.give(order)
    box.controller.connected = reachable
    box.run(4_500)
    box.machine.step_system(by_ms * MS)
    box.run(7 * SECOND)
    assert box.counters.snapshot()["clock_steps"] == 1
    began = box.began_at(order)
    assert began is not None
    assert abs(began) <= STEP_MS + 1
    assert box.end(order) == (S.PLAYED, Reason.NONE)
    assert abs(box.error_ms) < 1
    assert box.clock.facts().system_ms == pytest.approx(by_ms - 3_600_000, abs=2)


def test_a_step_while_it_plays_neither_cuts_nor_doubles(box: TimedBox) -> None:
    order = box.order("b-1", 3 * SECOND, seconds=5)
    box.give(order)
    box.run(5 * SECOND)
    box.machine.step_system(YEAR * MS)
    box.run(5 * SECOND)
    assert box.end(order) == (S.PLAYED, Reason.NONE)
    assert len(box.heard) == pytest.approx(5 * SECOND / STEP_MS, abs=1)


def test_a_kernel_that_swears_by_a_stepped_clock_is_not_followed(box: TimedBox) -> None:
    """A time service that was led astray: what is known better stays."""
    box.machine.ntp = NTP
    box.machine._set_to_ns += 86_400_000 * MS
    box.run(2 * SECOND)
    assert abs(box.error_ms) < 1
    assert on_time(box, 1)


@pytest.mark.parametrize("ppm", [100, -100, 40])
def test_drift_is_followed_and_the_bound_is_true(box: TimedBox, ppm: int) -> None:
    box.machine.ppm = ppm
    worst = 0.0
    for _ in range(4 * 12):
        box.skip(300 * SECOND)
        worst = max(worst, abs(box.error_ms))
        assert abs(box.error_ms) <= box.clock.facts().error_ms
    assert worst <= 40, "as bad as five minutes of an unmeasured crystal"
    box.skip(1_200 * SECOND)
    assert abs(box.error_ms) <= 3, "by now the crystal's rate is known"
    box.controller.connected = False
    box.skip(2 * HOUR, 1_000)
    assert abs(box.error_ms) <= 60
    assert box.clock.trust() is T.HELD
    assert on_time(box, 60)


@pytest.mark.parametrize("ppm", [100, -100])
def test_alone_it_holds_the_time_for_72_hours_and_says_when_it_no_longer_can(box: TimedBox, ppm: int) -> None:
    box.machine.ppm = ppm
    box.controller.connected = False
    for _ in range(72):
        box.skip(HOUR, 20_000)
        assert abs(box.error_ms) <= box.clock.facts().error_ms <= 30_000
    assert box.clock.trust() is T.HELD
    assert on_time(box, 26_000)
    box.skip(12 * HOUR, 20_000)
    assert box.clock.trust() is T.UNKNOWN
    order = box.order("b-late", 3 * SECOND)
    box.give(order)
    heard = len(box.heard)
    box.run(8 * SECOND)
    assert len(box.heard) == heard
    box.controller.connected = True
    box.keeper.connected()
    box.run(5 * SECOND)
    assert box.clock.trust() is T.SYNCED
    assert on_time(box, 1)


def test_what_is_on_air_when_the_clock_is_lost_keeps_its_own_end(box: TimedBox) -> None:
    box.controller.connected = False
    order = box.order("b-1", 3 * SECOND, seconds=5)
    box.give(order)
    box.run(5 * SECOND)
    held = box.clock.estimate
    assert held is not None
    box.clock.go_by(replace(held, error_ns=31_000 * MS))
    box.run(SECOND)
    assert box.clock.trust() is T.UNKNOWN
    box.run(4 * SECOND)
    assert box.end(order) == (S.PLAYED, Reason.NONE)


# A broker that plays with time


@pytest.mark.parametrize(("up", "down"), [(1_900, 20), (20, 1_900), (900, 100)])
def test_a_broker_that_delays_shifts_by_half_the_round_trip_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, up: float, down: float
) -> None:
    box = TimedBox(tmp_path, monkeypatch, woken_in_1970())
    box.controller.up_ms, box.controller.down_ms = up, down
    box.run(20 * SECOND)
    assert box.clock.trust() is T.SYNCED
    assert abs(box.error_ms) <= (up + down) / 2 + 1
    assert abs(box.error_ms) <= box.clock.facts().error_ms


@pytest.mark.parametrize(("up", "down"), [(20, 1_900), (1_900, 20), (0, 700)])
def test_a_broker_that_begins_to_delay_moves_nothing(box: TimedBox, up: float, down: float) -> None:
    box.skip(HOUR / 2)
    box.controller.up_ms, box.controller.down_ms = up, down
    box.skip(2 * HOUR)
    assert abs(box.error_ms) < 1
    assert box.clock.trust() is T.SYNCED, "such answers still say that it is right"


def test_answers_that_are_too_slow_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = TimedBox(tmp_path, monkeypatch, woken_in_1970())
    box.controller.down_ms = 2_200
    box.run(30 * SECOND)
    assert box.clock.trust() is T.UNKNOWN
    assert box.counters.snapshot()["clock_slow_answers"] >= 5
    box.controller.down_ms = 3_000
    box.run(30 * SECOND)
    assert box.clock.trust() is T.UNKNOWN
    assert box.counters.snapshot()["refused_nonce"] >= 5


LATER_US = 3_600_000_000


def shifted(answer: ClockAnswer) -> ClockAnswer:
    return replace(answer, received_us=answer.received_us + LATER_US, sent_us=answer.sent_us + LATER_US)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("deferred_key", {"signed_by": SigningKey.generate(), "twist": shifted}),
        ("refused_key", {"signed_by": Role.SCHEDULE, "twist": shifted}),
        ("refused_nonce", {"twist": lambda answer: replace(shifted(answer), nonce="another")}),
        ("refused_nonce", {"twist": lambda answer: replace(shifted(answer), asked_us=answer.asked_us + 1)}),
        ("refused_nonce", {"copies": 3}),
    ],
)
def test_a_hostile_answer_moves_nothing_and_is_counted(box: TimedBox, name: str, what: dict[str, object]) -> None:
    for field, value in what.items():
        setattr(box.controller, field, box.site.keys[value] if isinstance(value, Role) else value)
    box.skip(HOUR)
    assert box.counters.snapshot()[name] >= 8
    assert abs(box.error_ms) < 1


def test_yesterdays_answers_played_again_are_refused(box: TimedBox) -> None:
    kept: list[tuple[str, bytes]] = []
    deliver = box.keeper.heard

    def listening(topic: str, payload: bytes) -> None:
        kept.append((topic, payload))
        deliver(topic, payload)

    box.keeper.heard = listening  # type: ignore[method-assign]  # as anyone on the way may
    box.skip(HOUR)
    assert kept
    refused = box.counters.snapshot().get("refused_nonce", 0)
    box.skip(DAY_MS, 60_000)
    for topic, payload in kept:
        deliver(topic, payload)
        box.keeper.step()
    assert box.counters.snapshot()["refused_nonce"] == refused + len(kept)
    assert abs(box.error_ms) < 20


def test_it_does_not_ask_while_a_clip_is_being_pulled_unless_it_must(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = TimedBox(tmp_path, monkeypatch, woken_in_1970())
    box.pulling = True
    box.run(2 * SECOND)
    assert box.clock.trust() is T.SYNCED
    asked = box.controller.asked
    box.skip(HOUR)
    assert box.controller.asked == asked
    box.pulling = False
    box.skip(4 * SECOND)
    assert box.controller.asked == 8


def test_it_asks_eight_times_in_five_minutes_and_no_more(box: TimedBox) -> None:
    asked = box.controller.asked
    box.skip(HOUR)
    assert 11 * 8 <= box.controller.asked - asked <= 12 * 8


def test_what_it_knows_is_written_once_an_hour_and_when_it_changes(box: TimedBox) -> None:
    box.controller.connected = False
    written = []
    for _ in range(150):
        box.skip(60 * SECOND, 10_000)
        written.append(box.store.noted("clock", ""))
    assert len(set(written)) == 3
    box.machine.step_system(YEAR * MS)
    box.skip(60 * SECOND, 10_000)
    assert box.store.noted("clock", "") == written[-1]


# Whom it believes


def test_a_kept_system_clock_needs_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = TimedBox(tmp_path, monkeypatch, machine(ntp=NTP))
    box.controller.connected = False
    assert box.clock.facts().source == "ntp"
    assert box.clock.trust() is T.SYNCED
    assert on_time(box)
    box.machine.step_system(-YEAR * MS)
    box.skip(HOUR)
    assert box.clock.trust() is T.HELD
    assert on_time(box)


def test_the_controllers_clock_counts_more_than_a_time_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It signs what it says; and all speakers of a place must play by one clock."""
    box = TimedBox(tmp_path, monkeypatch, machine(ntp=NTP, wrong_ns=3_600_000 * MS))
    assert box.error_ms == pytest.approx(3_600_000)
    box.run(5 * SECOND)
    assert box.counters.snapshot()["clock_corrections"] == 1
    assert abs(box.error_ms) < 1
    assert box.clock.facts().system_ms == pytest.approx(3_600_000, abs=2)
    assert on_time(box, 1)


def test_a_controllers_clock_that_is_put_right_is_followed(box: TimedBox) -> None:
    box.controller.ahead_ns = 10_000 * MS
    box.skip(301 * SECOND)
    box.skip(5 * SECOND)
    assert box.error_ms == pytest.approx(10_000, abs=1)


def test_a_small_correction_comes_in_slowly(box: TimedBox) -> None:
    box.controller.ahead_ns = 60 * MS
    box.skip(290 * SECOND)
    before = box.clock.utc_ns() - box.machine.mono_ns
    for _ in range(150):
        box.skip(SECOND)
        now = box.clock.utc_ns() - box.machine.mono_ns
        assert abs(now - before) <= 0.6 * MS, "half a millisecond a second"
        before = now
    assert box.error_ms == pytest.approx(60, abs=1)


# Restarts and power


@pytest.mark.parametrize("step_ms", [0, -YEAR, YEAR])
def test_a_restart_of_the_program_keeps_the_time(box: TimedBox, step_ms: int) -> None:
    box.controller.connected = False
    box.machine.pass_ms(30 * SECOND)
    box.machine.step_system(step_ms * MS)
    box.restart()
    assert box.clock.trust() is T.SYNCED
    assert abs(box.error_ms) < 1
    assert on_time(box, 1)


def test_the_reason_outlives_a_restart_in_which_the_time_comes_back(box: TimedBox) -> None:
    box.controller.connected = False
    lost = box.order("b-lost", 60 * SECOND, grace_ms=5_000)
    box.give(lost)
    held = box.clock.estimate
    assert held is not None
    box.clock.go_by(replace(held, error_ns=31_000 * MS))
    box.run(SECOND)
    box.skip(90 * SECOND)
    assert box.clock.trust() is T.UNKNOWN
    box.restart()
    assert box.clock.trust() is not T.UNKNOWN
    box.run(SECOND)
    assert box.end(lost) == (S.MISSED, Reason.CLOCK)


def test_without_a_battery_a_power_cut_takes_the_time(box: TimedBox) -> None:
    """Lost while it was on: missed for the clock. Lost while it was off: late."""
    box.controller.connected = False
    off = box.order("b-off", 60 * SECOND, grace_ms=5_000)
    on = box.order("b-on", 400 * SECOND, grace_ms=5_000)
    later = box.order("b-later", 620 * SECOND)
    for order in (off, on, later):
        box.give(order)
    box.machine.power_cut(300 * SECOND, system_ns=AT_1970)
    box.restart()
    box.run(10 * SECOND)
    box.skip(290 * SECOND)
    assert box.clock.trust() is T.UNKNOWN
    assert not box.heard
    assert {box.end(order) for order in (off, on, later)} == {(S.READY, Reason.NONE)}
    box.controller.connected = True
    box.run(6 * SECOND)
    assert box.clock.trust() is T.SYNCED
    assert box.end(off) == (S.MISSED, Reason.LATE)
    assert box.end(on) == (S.MISSED, Reason.CLOCK)
    box.run(30 * SECOND)
    began = box.began_at(later)
    assert began is not None
    assert abs(began) <= STEP_MS + 1
    assert box.end(later) == (S.PLAYED, Reason.NONE)


def test_a_system_clock_that_goes_on_from_a_file_is_no_battery(box: TimedBox) -> None:
    """At the start a service sets it to when it was last seen, so that it is plausible, and hours slow."""
    box.machine.power_cut(5 * HOUR, system_ns=box.machine.true_ns + 60_000 * MS)
    box.controller.connected = False
    box.restart()
    assert box.clock.trust() is T.UNKNOWN
    assert box.clock.utc_ns() >= box.machine.true_ns - 5 * 3_600_000 * MS


@pytest.mark.parametrize("said", [None, True])
def test_with_a_battery_a_power_cut_keeps_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bool | None
) -> None:
    box = TimedBox(tmp_path, monkeypatch, machine(battery=said is None), battery=said)
    box.run(8 * SECOND)
    box.controller.connected = False
    order = box.order("b-1", HOUR + 6 * SECOND)
    box.give(order)
    box.machine.power_cut(HOUR)
    box.restart()
    facts = box.clock.facts()
    assert (facts.trust, facts.source) == (T.HELD, "battery")
    assert facts.error_ms >= 1_000
    box.run(10 * SECOND)
    began = box.began_at(order)
    assert began is not None
    assert abs(began) <= STEP_MS + 1


@pytest.mark.parametrize(
    ("what", "off_ms", "system"),
    [
        ("forbidden in the config", HOUR, "true"),
        ("its battery is empty: it begins anew", HOUR, "1970"),
        ("the same, and a service set the system's clock to what it remembers", HOUR, "remembered"),
        ("earlier than what was seen last", 0, "earlier"),
        ("too long ago to be within 30 s", 8 * DAY_MS, "true"),
    ],
)
def test_a_battery_that_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, off_ms: float, system: str
) -> None:
    box = TimedBox(tmp_path, monkeypatch, machine(battery=True))
    box.run(8 * SECOND)
    box.controller.connected = False
    box.battery = False if "config" in what else True if "earlier" in what else None
    box.machine.battery = "earlier" not in what
    before = box.machine.true_ns
    systems = {"true": None, "1970": AT_1970, "earlier": before - 60_000 * MS, "remembered": before + 60_000 * MS}
    if system in ("1970", "remembered"):
        box.machine.battery_reads_ns = AT_1970
    box.machine.power_cut(off_ms, system_ns=systems[system])
    box.restart()
    assert box.clock.trust() is T.UNKNOWN, what


def test_a_battery_that_the_config_vouches_for_is_enough_for_the_first_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = TimedBox(tmp_path / "told", monkeypatch, machine(), battery=True)
    assert told.clock.trust() is T.HELD
    found = TimedBox(tmp_path / "found", monkeypatch, machine(battery=True))
    assert found.clock.trust() is T.UNKNOWN, "nobody ever said that it was set"
