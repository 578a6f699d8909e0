"""A box that was carried to another area while it was switched off: the old area's programme is none of its affair."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.housekeeping import Housekeeping
from protocol.topics import CONFIG, AreaRoute, BroadcastTopic, SpeakerTopic, build
from schedules.states import PlaybackState, Reason
from schedules.units import AreaId
from tests.edge_agent.simulated import SimulatedBox
from tests.edge_agent.test_surprises import Line
from tests.rig.box import Box
from tests.rig.clips import chimed
from tests.rig.site import AREA, Site, now_ms, order_of, wait_until

S = PlaybackState
THERE = AreaId("a-elsewhere")


def test_a_box_moved_while_away_takes_the_new_areas_programme_by_exact_topic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = SimulatedBox(tmp_path, monkeypatch)
    clip = chimed(3)
    box.hold(clip)
    moves = box.utc + 30_000
    before, after, theirs = (order_of(f"b-{n}", clip, box.utc + n * 20_000) for n in (1, 2, 3))
    theirs = replace(theirs, areas=(THERE,))
    box.give(before)
    box.give(after)
    box.restart()
    box.configure(2, stays=((AREA, 0, moves), (THERE, moves, 0)))
    topic, plan = box.site.plan([theirs], 1, AreaRoute(THERE))
    box.take(topic, plan)
    box.conductor.step_safely()
    assert box.state(before) is S.ACCEPTED or box.state(before) is S.READY, "it still stands there when that begins"
    assert box.state(after) is S.CANCELLED
    assert box.records(after)[-1].reason is Reason.WITHDRAWN

    line, wants = Line(), list[str]()
    keeping = Housekeeping(box.clock, box.store, box.files, box.clerk, line, wants.extend)
    keeping.step(box.clock.monotonic_s(), box.utc)
    exact = build(BroadcastTopic(AreaRoute(THERE), theirs.broadcast.id))
    assert exact in line.filters
    box.pass_time(11_000)
    keeping.step(box.clock.monotonic_s(), box.utc)
    assert wants == [exact]
    box.take(exact, box.site.sign_order(theirs))
    box.pass_time(1_000)
    keeping.step(box.clock.monotonic_s(), box.utc)
    assert exact not in line.filters
    heard = box.play(theirs.broadcast.start + 4_000 - box.utc)
    assert {name for names in heard for name in names} == {before.broadcast.id, theirs.broadcast.id}
    assert box.state(theirs) is S.PLAYED


def test_a_real_box_moved_while_it_was_off(site: Site, box: Box) -> None:
    clip = chimed(3)
    site.introduce()
    site.offer(clip)
    old = order_of("b-old", clip, now_ms() + 3_600_000)
    site.send(old)
    box.start()
    site.wait_for(old, S.READY, 30)
    box.kill9()
    moved = now_ms()
    there = replace(order_of("b-new", clip, now_ms() + 3_600_000), areas=(THERE,))
    site.publish(
        build(SpeakerTopic(site.speaker, CONFIG)),
        site.config(revision=2, stays=((AREA, 0, moved), (THERE, moved, 0))),
    )
    site.publish(*site.plan([there], 1, AreaRoute(THERE)))
    site.send(there, AreaRoute(THERE))
    box.start()
    assert site.wait_final(old).state is S.CANCELLED
    site.wait_for(there, S.READY)
    status = site.status()
    assert status is not None
    wait_until(
        lambda: any(plan.route == f"areas/{THERE}" and plan.missing == 0 for plan in site.statuses[-1].plans),
        10,
        "the new area's plan is complete",
    )
