"""A controller set back to an old backup, as a box sees it: an epoch that is over is obeyed in nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_agent.leftovers import left_behind
from protocol.envelope import open_envelope
from protocol.messages import BroadcastOrder, Plan
from protocol.topics import AreaRoute
from protocol.versions import Version
from schedules.states import PlaybackState
from schedules.units import AreaId, SpeakerId
from tests.edge_agent.simulated import SimulatedBox
from tests.rig.clips import chimed
from tests.rig.site import AREA, DISTRICT, order_of, own_route, revised

S = PlaybackState
HERE = AreaRoute(AREA)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedBox:
    return SimulatedBox(tmp_path, monkeypatch)


def plan(box: SimulatedBox, orders: list[BroadcastOrder], epoch: int, at: BroadcastOrder, area: AreaId = AREA) -> None:
    """The plan for the day of `at`."""
    day = datetime.fromtimestamp(at.broadcast.start / 1000, UTC).date()
    box.take(*box.site.plan(orders, 1, AreaRoute(area), epoch=epoch, day=day))


def again(order: BroadcastOrder, epoch: int, **changes: object) -> BroadcastOrder:
    return replace(order, version=Version(epoch, 1), **changes)  # type: ignore[arg-type]


def test_after_a_restore_nothing_of_the_epoch_before_is_believed(box: SimulatedBox) -> None:
    kept = order_of("b-kept", chimed(3), box.utc + 60_000)
    box.give(kept)
    box.give(again(kept, 2))
    box.restart()
    assert box.store.epoch == 2
    box.give(revised(kept, cancelled=True))
    box.give(order_of("b-made-by-the-old-controller", chimed(3), box.utc + 60_000))
    box.configure(9, volume_max=1)
    assert box.counters.snapshot()["refused_version"] == 3
    assert [held.order for held in box.store.live()] == [again(kept, 2)]


def test_what_the_restore_has_lost_is_taken_back_by_the_new_plan(box: SimulatedBox) -> None:
    """The database of yesterday does not know of it; what it does know of goes on, though it comes later."""
    lost, kept = (order_of(name, chimed(3), box.utc + 60_000) for name in ("b-lost", "b-kept"))
    box.give(lost)
    box.give(kept)
    box.configure(1, epoch=2)
    box.conductor.step_safely()
    assert {box.state(lost), box.state(kept)} == {S.ACCEPTED}
    plan(box, [again(kept, 2)], 2, kept)
    box.conductor.step_safely()
    assert (box.state(lost), box.state(kept)) == (S.CANCELLED, S.ACCEPTED)
    box.give(again(kept, 2))
    box.conductor.step_safely()
    assert box.state(kept) is S.ACCEPTED


def test_what_was_cancelled_or_played_does_not_come_back_with_a_higher_epoch(box: SimulatedBox) -> None:
    clip = chimed(3)
    box.hold(clip)
    played, cancelled = order_of("b-played", clip, box.utc + 500), order_of("b-cancelled", clip, box.utc + 60_000)
    box.give(played)
    box.give(cancelled)
    box.play(5_000)
    box.give(revised(cancelled, cancelled=True))
    box.conductor.step_safely()
    for order in (played, cancelled):
        box.give(again(order, 2))
    box.restart()
    heard = box.play(4_000)
    box.pass_time(cancelled.broadcast.start - box.utc)
    heard += box.play(5_000)
    assert set(heard) == {()}
    assert (box.state(played), box.state(cancelled)) == (S.PLAYED, S.CANCELLED)


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        pytest.param([], False, id="no plan yet"),
        pytest.param([(2, AREA, False)], True, id="the new plan of its area does not list it"),
        pytest.param([(2, AREA, True)], False, id="the new plan lists it"),
        pytest.param([(1, AREA, False)], False, id="a plan of its own epoch: completeness, not withdrawal"),
        pytest.param([(2, DISTRICT, False)], False, id="a plan of a route that it does not go"),
        pytest.param([(2, AREA, False), (2, DISTRICT, True)], False, id="listed by another route"),
    ],
)
def test_which_plans_leave_a_broadcast_behind(
    box: SimulatedBox, plans: list[tuple[int, AreaId, bool]], expected: bool
) -> None:
    order = order_of("b-1", chimed(3), box.utc)
    made: list[Plan] = []
    day = datetime.fromtimestamp(order.broadcast.start / 1000, UTC).date()
    for epoch, area, listed in plans:
        _, payload = box.site.plan([again(order, epoch)] if listed else [], 1, AreaRoute(area), epoch=epoch, day=day)
        message = open_envelope(payload).message
        assert isinstance(message, Plan)
        made.append(message)
    assert left_behind(order, made) is expected


def test_an_order_by_name_is_left_behind_by_the_plan_of_that_name(box: SimulatedBox) -> None:
    order = order_of("b-1", chimed(3), box.utc + 60_000)
    named = replace(order, areas=(), speakers=(SpeakerId(box.site.speaker),))
    box.give(named)
    day = datetime.fromtimestamp(order.broadcast.start / 1000, UTC).date()
    box.take(*box.site.plan([], 1, own_route(box.site.speaker), epoch=2, day=day))
    box.conductor.step_safely()
    assert box.state(named) is S.CANCELLED
