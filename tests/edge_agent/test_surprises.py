"""What happens between two threads' steps, or while the disk refuses: nothing is invented, stuck or blocked by it."""

import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from edge_agent import store as store_module
from edge_agent.clerk import Taken
from edge_agent.gaps import missing
from edge_agent.housekeeping import Housekeeping
from edge_agent.inbox import Inbox
from edge_agent.voice import Order, Pcm
from protocol.messages import BroadcastOrder
from protocol.topics import COMMANDS, AreaRoute, BroadcastTopic, SpeakerTopic, build
from schedules.model import Priority
from schedules.playhead import ClockTrust
from schedules.states import PlaybackState, Reason
from schedules.units import AreaId, BroadcastId
from tests.edge_agent.simulated import SimulatedBox
from tests.rig.clips import chimed
from tests.rig.site import AREA, order_of, revised, wait_until

S = PlaybackState


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedBox:
    return SimulatedBox(tmp_path, monkeypatch)


def test_memory_is_whole_while_it_is_read_again(box: SimulatedBox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pruning reads everything anew; meanwhile the conductor must not see a box without config or orders."""
    order = order_of("b-1", chimed(3), box.utc + 60_000)
    box.give(order)
    box.configure(2)
    seen: list[list[bool]] = []
    read = store_module._envelope

    def watched(row: object) -> object:
        seen.append([held.withdrawn for held in box.store.live()])
        return read(row)  # type: ignore[arg-type]

    monkeypatch.setattr(store_module, "_envelope", watched)
    box.store.prune(box.utc)
    assert seen
    assert all(withdrawn == [False] for withdrawn in seen)


def test_a_revision_that_comes_while_memory_is_read_again_is_not_forgotten(
    box: SimulatedBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = order_of("b-1", chimed(3), box.utc + 60_000)
    box.give(order)
    newer = revised(order, cancelled=True)
    inbox = threading.Thread(target=lambda: box.give(newer))
    read = store_module._envelope

    def interrupted(row: object) -> object:
        if not inbox.ident:
            inbox.start()
            inbox.join(0.3)
        return read(row)  # type: ignore[arg-type]

    monkeypatch.setattr(store_module, "_envelope", interrupted)
    box.store.prune(box.utc)
    inbox.join(10)
    assert box.store.order(order.broadcast.id) == newer


def test_a_revision_in_the_instant_of_the_start_leaves_nothing_behind(
    box: SimulatedBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first frame leaves after the conductor looked at its events and before it takes back the old revision."""
    clip = chimed(3)
    box.hold(clip)
    order = order_of("b-1", clip, box.utc + 1_000)
    box.give(order)
    box.conductor.step_safely()
    box.pass_time(1_000)
    newer = revised(order, title="Tên khác")
    box.give(newer)
    read = box.store.order
    blocks = iter([box.block])

    def at_that_instant(broadcast: BroadcastId) -> BroadcastOrder | None:
        for block in blocks:
            block()
        return read(broadcast)

    monkeypatch.setattr(box.store, "order", at_that_instant)
    box.conductor.step_safely()
    box.play(6_000)
    assert box.state(order) is S.PLAYED
    assert box.counters.snapshot().get("conductor_faults", 0) == 0


def test_what_was_refused_in_the_instant_of_its_start_falls_silent(box: SimulatedBox) -> None:
    clip = chimed(3)
    box.hold(clip)
    order = order_of("b-1", clip, box.utc + 1_000)
    box.give(order)
    box.conductor.step_safely()
    box.pass_time(1_000)
    assert box.block() == ("b-1",)
    box.configure(2, volume_max=10)
    box.give(revised(order))
    assert box.state(order) is S.REFUSED
    heard = box.play(1_000)
    assert heard[-1] == ()
    assert sum(1 for names in heard if names) <= 5


def test_while_the_disk_refuses_the_next_ones_play_too(box: SimulatedBox) -> None:
    clip = chimed(3)
    box.hold(clip)
    first = order_of("b-1", clip, box.utc + 1_000)
    second = order_of("b-2", clip, box.utc + 10_000)
    missed = order_of("b-0", chimed(4), box.utc + 500, grace_ms=100)
    for order in (first, second, missed):
        box.give(order)
    box.conductor.step_safely()
    box.refuse_writes(True)
    heard = box.play(15_000)
    assert ("b-1",) in heard
    assert ("b-2",) in heard
    assert box.state(second) is S.READY
    box.refuse_writes(False)
    box.play(2_000)
    for order in (first, second):
        assert [record.state for record in box.records(order)] == [S.ACCEPTED, S.READY, S.PLAYING, S.PLAYED]
    assert box.state(missed) is S.MISSED


def test_a_stop_that_cannot_be_written_and_that_no_sink_answers_is_written_later(box: SimulatedBox) -> None:
    clip, later = chimed(8), chimed(3)
    box.hold(clip)
    box.hold(later)
    order, second = order_of("b-1", clip, box.utc), order_of("b-2", later, box.utc + 20_000)
    box.give(order)
    box.give(second)
    box.play(1_000)
    assert box.state(order) is S.PLAYING
    box.give(revised(order, cancelled=True))
    box.refuse_writes(True)
    for _ in range(3):  # the sink does not ask any more
        box.conductor.step_safely()
        box.pass_time(1_000)
    box.refuse_writes(False)
    box.conductor.step_safely()
    record = box.records(order)[-1]
    assert (record.state, record.reason) == (S.INTERRUPTED, Reason.STOPPED)
    assert record.measured.ended_us > record.measured.started_us
    assert ("b-2",) in box.play(20_000)


def test_a_takeover_that_was_called_off_does_not_interrupt(box: SimulatedBox) -> None:
    clip, other = chimed(8), chimed(3)
    box.hold(clip)
    box.hold(other)
    normal = order_of("b-1", clip, box.utc)
    priority = order_of("b-2", other, box.utc + 3_000, priority=Priority.PRIORITY)
    box.give(normal)
    box.play(500)
    box.give(priority)
    box.play(1_500)
    box.give(revised(priority, cancelled=True))
    box.play(9_000)
    assert box.state(priority) is S.CANCELLED
    assert [record.state for record in box.records(normal)][2:] == [S.PLAYING, S.PLAYED]


def test_what_goes_on_after_its_latest_start_is_armed_once(box: SimulatedBox, monkeypatch: pytest.MonkeyPatch) -> None:
    clip, other = chimed(8), chimed(3)
    box.hold(clip)
    box.hold(other)
    normal = order_of("b-1", clip, box.utc, grace_ms=500)
    box.give(normal)
    box.play(1_000)
    box.give(order_of("b-2", other, box.utc, priority=Priority.EMERGENCY))
    armed: list[str] = []
    arm = box.player.arm

    def counted(order: Order, pcm: Pcm) -> None:
        armed.append(order.broadcast)
        arm(order, pcm)

    monkeypatch.setattr(box.player, "arm", counted)
    while box.state(normal) is not S.SUSPENDED or len(armed) < 2:
        box.conductor.step_safely()
        if len(armed) < 2:
            box.block()
    for _ in range(5):  # woken by other things before the first frame leaves
        box.conductor.step_safely()
    assert armed == ["b-2", "b-1"]


def test_an_area_that_becomes_ours_earlier_is_heard_again(box: SimulatedBox) -> None:
    """What was refused as not ours is not remembered as such when the config changes."""
    order = order_of("b-1", chimed(3), box.utc + 60_000)
    box.configure(2, area=AreaId("elsewhere"))
    box.give(order)
    assert box.clerk.not_ours(order.broadcast.id, order.version)
    box.configure(3)
    assert not box.clerk.not_ours(order.broadcast.id, order.version)


def test_what_waits_for_a_judgement_is_judged_when_the_box_starts(box: SimulatedBox) -> None:
    """It was kept when the clock was unknown; the box is started anew with a good clock and hears no broker."""
    order = order_of("b-1", chimed(3), box.utc + 60_000)
    topic = build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id))
    box.clerk.take(topic, box.site.sign_order(order), box.utc, ClockTrust.UNKNOWN)
    assert box.state(order) is None
    inbox = Inbox(box.clock, box.clerk, box.counters, lambda _mid, _qos: None, lambda _taken: None, lambda _why: None)
    inbox.start()
    wait_until(lambda: box.state(order) is S.ACCEPTED, 5, "the judgement")
    inbox.stop()


def test_a_command_that_the_disk_refuses_does_not_end_the_inbox(box: SimulatedBox) -> None:
    order = order_of("b-1", chimed(3), box.utc + 60_000)
    refused: list[str] = []

    def told(taken: Taken) -> None:
        if taken.command:
            box.refuse_writes(True)
            box.conductor.set_volume_limit(taken.command.value)

    inbox = Inbox(box.clock, box.clerk, box.counters, lambda _mid, _qos: None, told, refused.append)
    inbox.start()
    command = box.site.command("c-1", "volume", 50)
    inbox.put(build(SpeakerTopic(box.site.speaker, COMMANDS)), command, 1, 1)
    wait_until(lambda: box.counters.snapshot().get("disk_errors", 0) == 1, 5, "the refusal is counted")
    box.refuse_writes(False)
    inbox.put(build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id)), box.site.sign_order(order), 2, 1)
    wait_until(lambda: box.state(order) is S.ACCEPTED, 5, "the next message")
    inbox.stop()


def test_what_was_heard_and_refused_is_not_asked_for_again(box: SimulatedBox) -> None:
    """A plan lists a revision that is too loud for a playback that is over already: there is nothing to fetch."""
    order = order_of("b-1", chimed(3), box.utc + 60_000)
    box.give(revised(order, cancelled=True))
    box.conductor.step_safely()
    assert box.state(order) is S.CANCELLED
    box.configure(2, volume_max=50)
    newer = revised(revised(order))
    box.give(newer)
    topic, plan = box.site.plan([newer], 1, AreaRoute(AREA))
    box.take(topic, plan)
    store, clerk = box.store, box.clerk
    assert missing(store.plans, box.utc, lambda b: store.seen(f"broadcast:{b}"), clerk.not_ours) == []


class Line:
    """A connection that remembers what the broker was told."""

    connected = True

    def __init__(self) -> None:
        self.filters: set[str] = set()

    def subscribe(self, filters: Iterable[str]) -> None:
        self.filters |= set(filters)

    def unsubscribe(self, filters: Iterable[str]) -> None:
        self.filters -= set(filters)

    def restart(self) -> None:
        """Nothing to restart."""


def test_an_area_left_while_the_box_was_off_is_not_listened_to_any_more(box: SimulatedBox) -> None:
    """The broker keeps the subscriptions of a box over its restarts."""
    line = Line()
    for _ in range(2):
        Housekeeping(box.clock, box.store, box.files, box.clerk, line, lambda _topics: None).connected()
    assert any(AREA in name for name in line.filters)
    box.configure(2, area=AreaId("elsewhere"))
    Housekeeping(box.clock, box.store, box.files, box.clerk, line, lambda _topics: None).connected()
    assert any("elsewhere" in name for name in line.filters)
    assert not any(AREA in name for name in line.filters)
