"""kill -9 at several moments: the box goes on correctly, and no record is lost, doubled or untrue."""

import pytest

from protocol.clips import make_index
from protocol.codec import dump
from protocol.messages import CHUNK_BYTES
from protocol.topics import ROOT
from schedules.states import PlaybackState, Reason
from tests.rig.box import Box
from tests.rig.clips import TestClip, chimed
from tests.rig.site import Site, now_ms, order_of, wait_until

pytestmark = pytest.mark.system

S = PlaybackState


def offer_first(site: Site, clip: TestClip, count: int) -> None:
    """Only the index and the first `count` chunks."""
    index = make_index(clip.ref.id, clip.data)
    site.publish(f"{ROOT}/audio/{clip.ref.id}/index", dump(index))
    for number in range(count):
        data = clip.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
        site.publish(f"{ROOT}/audio/{clip.ref.id}/{number}", data)


def chunks(site: Site) -> int:
    return site.statuses[-1].broadcasts[0].have if site.statuses and site.statuses[-1].broadcasts else 0


def position(site: Site) -> int:
    """How far the newest status says that the only broadcast has come."""
    return max((held.position_ms for held in site.statuses[-1].broadcasts), default=0)


def numbers(site: Site) -> list[int]:
    return sorted(n for _, n in site.records)


def test_after_accepting_and_in_the_middle_of_the_download(site: Site, box: Box) -> None:
    site.introduce()
    site.answering_wants = False
    clip = chimed(30)
    order = order_of("b-kill", clip, now_ms() + 600_000)
    site.send(order)
    box.start()
    site.wait_for(order, S.ACCEPTED)
    box.kill9()
    offer_first(site, clip, 4)
    box.start()
    wait_until(lambda: chunks(site) == 4, 10, "four chunks")
    box.kill9()
    for number in range(4):
        site.publish(f"{ROOT}/audio/{clip.ref.id}/{number}", b"")  # gone from the broker: it must not need them again
    for number in range(4, len(make_index(clip.ref.id, clip.data).chunks)):
        data = clip.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
        site.publish(f"{ROOT}/audio/{clip.ref.id}/{number}", data)
    box.start()
    site.wait_for(order, S.READY)
    assert [record.state for record in site.story(order)] == [S.ACCEPTED, S.READY]
    assert numbers(site) == [1, 2]


def test_in_the_middle_of_the_sound_and_after_it_before_the_confirmation(site: Site, box: Box) -> None:
    site.introduce()
    site.confirming = False
    clip = chimed(6)
    site.offer(clip)
    order = order_of("b-kill", clip, now_ms() + 3_000)
    site.send(order)
    box.start()
    playing = site.wait_for(order, S.PLAYING)
    started = playing.measured.started_us
    wait_until(lambda: position(site) > 2_500, 10, "2.5 s are out")
    box.kill9()
    box.start()
    record = site.wait_final(order)
    states = [entry.state for entry in site.story(order)]
    assert states == [S.ACCEPTED, S.READY, S.PLAYING, S.SUSPENDED, S.PLAYING, S.PLAYED]
    suspended = site.wait_for(order, S.SUSPENDED)
    assert suspended.reason is Reason.RESTART
    assert 500 < suspended.measured.heard_ms < 6_000
    assert record.measured.started_us == started
    assert record.measured.heard_ms == pytest.approx(6_000, abs=5)
    box.kill9()
    heard = site.heard
    site.confirming = True
    box.start()
    wait_until(lambda: site.heard >= heard + 6, 15, "everything unconfirmed travels again")
    site.command_now("c-ping", "diagnostics")
    wait_until(lambda: any(told.numbers["records_waiting"] == 0 for told in site.telemetry[-2:]), 40, "all confirmed")
    assert numbers(site) == [1, 2, 3, 4, 5, 6]
    assert [entry.state for entry in site.story(order)] == states  # it does not play again


def test_a_start_missed_while_the_power_was_gone_is_told(site: Site, box: Box) -> None:
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    box.start()
    wait_until(lambda: bool(site.statuses), 20, "the box is up")  # only then does the time until the start run
    order = order_of("b-missed", clip, now_ms() + 4_000, grace_ms=500)
    site.send(order)
    site.wait_for(order, S.READY)
    box.kill9()
    wait_until(lambda: now_ms() > order.broadcast.latest_start, 10, "the latest start passes")
    box.start()
    record = site.wait_final(order)
    assert (record.state, record.reason) == (S.MISSED, Reason.LATE)
    assert record.measured.frames == 0
