"""The agent as a technician runs it: plays on time, tells the truth about it, obeys what is signed and nothing else."""

import threading
from itertools import count
from pathlib import Path

import pytest

from protocol.keys import Role
from protocol.topics import CONFIG, AreaRoute, BroadcastTopic, SpeakerTopic, build
from schedules.model import Priority
from schedules.states import PlaybackState, Reason
from tests.rig.box import Box
from tests.rig.clips import chimed, silent
from tests.rig.mosquitto import Mosquitto
from tests.rig.recording import listen
from tests.rig.site import AREA, Site, now_ms, order_of, own_route, revised, wait_until

pytestmark = pytest.mark.system

TOLERANCE_US = 5_000
"""Reported against recorded start: both come from the same stamps, so a noisy machine does not matter."""


def recorded(box: Box, name: str) -> Path:
    """The finished recording of a broadcast."""
    wav = box.recordings / f"{name}.wav"
    wait_until(wav.with_suffix(".json").exists, 15, "the recording's stamps")
    return wav


def position(site: Site, name: str) -> int:
    """How far the status says that a broadcast has come."""
    return next((held.position_ms for held in site.statuses[-1].broadcasts if held.broadcast == name), 0)


def test_plays_on_time_and_the_recording_agrees_with_the_report(site: Site, box: Box) -> None:
    site.introduce()
    clip = chimed()
    site.offer(clip)
    order = order_of("b-first", clip, now_ms() + 4_000)
    site.send(order)
    site.send(order, own_route())  # a second route: the same document once more
    topic, plan = site.plan([order], 1, AreaRoute(AREA))
    site.publish(topic, plan)
    box.start()
    record = site.wait_final(order)
    site.send(order)  # and a repetition after the end
    told = [entry.state for entry in site.story(order)]
    assert told == [PlaybackState.ACCEPTED, PlaybackState.READY, PlaybackState.PLAYING, PlaybackState.PLAYED]
    assert record.measured.heard_ms == clip.ref.duration
    assert record.measured.start_error_us == record.measured.started_us - order.broadcast.start * 1000
    heard = listen(recorded(box, "b-first"))
    assert heard.likeness > 0.9
    assert abs(heard.started_us - record.measured.started_us) < TOLERANCE_US
    if record.measured.underruns == 0:
        assert abs(heard.seconds * 1000 - record.measured.heard_ms) < 50
        assert abs(heard.level_dbfs * 100 - record.measured.level_cdb) < 50
    status = site.status()
    assert status is not None
    assert status.online
    assert [held.have == held.total > 0 for held in status.broadcasts] == [True]
    assert [(held.accepted, held.ready, held.missing) for held in status.plans] == [(1, 1, 0)]
    assert box.terminate(limit=5) == 0
    wait_until(lambda: site.statuses[-1].online is False, 5, "the goodbye")
    assert site.statuses[-1].boot_id == status.boot_id


def test_broker_vanishes_before_the_start_and_it_plays_anyway(site: Site, box: Box, mosquitto: Mosquitto) -> None:
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    order = order_of("b-alone", clip, now_ms() + 3_500)
    site.send(order)
    box.start()
    site.wait_for(order, PlaybackState.READY)
    mosquitto.stop()
    recorded(box, "b-alone")
    mosquitto.start()
    record = site.wait_final(order, 40)
    assert record.state is PlaybackState.PLAYED
    assert record.measured.heard_ms == 3_000


def test_cancel_before_and_stop_during(site: Site, box: Box) -> None:
    site.introduce()
    clip = chimed(8)
    site.offer(clip)
    cancelled = order_of("b-cancelled", clip, now_ms() + 60_000)
    stopped = order_of("b-stopped", clip, now_ms() + 3_000)
    site.send(cancelled)
    site.send(stopped)
    box.start()
    site.wait_for(cancelled, PlaybackState.READY)
    site.send(revised(cancelled, cancelled=True))
    record = site.wait_final(cancelled)
    assert (record.state, record.reason) == (PlaybackState.CANCELLED, Reason.WITHDRAWN)
    site.wait_for(stopped, PlaybackState.PLAYING)
    wait_until(lambda: any(s.now_playing == "b-stopped" for s in site.statuses), 5, "now playing")
    wait_until(lambda: position(site, "b-stopped") > 2_800, 10, "the chime is out")
    site.send(revised(stopped, excluded=(site.speaker,)))
    record = site.wait_final(stopped)
    assert (record.state, record.reason) == (PlaybackState.INTERRUPTED, Reason.STOPPED)
    assert 0 < record.measured.heard_ms < 8_000
    heard = listen(recorded(box, "b-stopped"))
    if record.measured.underruns == 0:
        assert abs(heard.seconds * 1000 - record.measured.heard_ms) < 100


def test_emergency_preempts_and_the_other_goes_on_where_it_stopped(site: Site, box: Box) -> None:
    site.introduce()
    long, short = chimed(10), chimed(3)
    site.offer(long)
    site.offer(short)
    normal = order_of("b-normal", long, now_ms() + 3_000)
    site.send(normal)
    box.start()
    site.wait_for(normal, PlaybackState.PLAYING)
    emergency = order_of("b-emergency", short, now_ms(), priority=Priority.EMERGENCY)
    site.send(emergency)
    record = site.wait_final(emergency)
    assert record.state is PlaybackState.PLAYED
    first = site.wait_final(normal)
    assert first.state is PlaybackState.PLAYED
    story = [entry.state for entry in site.story(normal)][2:]
    assert story == [
        PlaybackState.PLAYING,
        PlaybackState.SUSPENDED,
        PlaybackState.PLAYING,
        PlaybackState.PLAYED,
    ]
    assert first.measured.heard_ms == pytest.approx(10_000, abs=2)
    suspended = site.wait_for(normal, PlaybackState.SUSPENDED)
    assert abs(suspended.measured.ended_us - record.measured.started_us) < 1_000  # no gap, no overlap


def test_hostile_documents_are_refused_by_name(site: Site, box: Box) -> None:
    site.introduce(volume_max=90)
    clip = chimed(3)
    site.offer(clip)
    far = now_ms() + 3_600_000
    topic = build(BroadcastTopic(AreaRoute(AREA), order_of("b-bad", clip, far).broadcast.id))
    good = order_of("b-bad", clip, far)
    box.start()
    loud = order_of("b-loud", clip, far, volume=100)
    site.send(loud)
    refused = site.wait_final(loud)
    assert (refused.state, refused.reason) == (PlaybackState.REFUSED, Reason.VOLUME)
    for payload in (
        b"not json",
        site.sign_order(good).replace("Bản tin".encode(), "Bản tim".encode()),
        site.seal(good, site.keys[Role.CONFIG]),
        site.sign_order(revised(good, expires_ms=now_ms() - 1, broadcast=order_of("b-bad", clip, 1_000).broadcast)),
        site.sign_order(revised(good, areas=("elsewhere",))),
    ):
        site.publish(topic, payload, retain=False)
    newer = revised(revised(order_of("b-new", clip, far)))
    site.send(newer)
    site.wait_for(newer, PlaybackState.READY)
    site.send(order_of("b-new", clip, far))  # an older revision, replayed
    site.command_now("c-1", "diagnostics")
    names = ("form", "signature", "key", "expiry", "audience", "version", "volume")

    def told() -> bool:
        return all(site.counter(f"refused_{name}") >= 1 for name in names)

    wait_until(told, 10, f"all of {names} in {site.telemetry[-1:]}")
    status = site.status()
    assert status is not None
    assert {held.broadcast for held in status.broadcasts} == {"b-loud", "b-new"}


def test_wrong_chunk_is_not_played_and_asked_for_again(site: Site, box: Box) -> None:
    site.introduce()
    clip = chimed(30)
    site.answering_wants = False
    site.offer(clip, spoil=2)
    order = order_of("b-spoiled", clip, now_ms() + 600_000)
    site.send(order)
    box.start()
    wait_until(lambda: bool(site.wants), 10, "the box asks for what it could not get")
    assert any(topic.endswith("/2") for topic in site.wants[0].topics)
    wait_until(lambda: site.state(order) is PlaybackState.ACCEPTED, 10, "the record that it is accepted, and no more")
    site.offer(clip)
    site.wait_for(order, PlaybackState.READY)


def test_what_nobody_delivered_is_asked_for_and_what_nobody_heard_has_failed(site: Site, box: Box) -> None:
    """The wildcard brought nothing; the exact topic neither; after 10 s the controller is asked by name.

    Meanwhile two broadcasts play that cannot be heard: one of silence, one at volume 0.
    """
    site.introduce()
    quiet, mute = silent(2), chimed(3)
    site.offer(quiet)
    site.offer(mute)
    unheard = [
        order_of("b-silent", quiet, now_ms() + 3_000),
        order_of("b-mute", mute, now_ms() + 3_100, volume=0),
    ]
    for order in unheard:
        site.send(order)
    clip = chimed(3)
    order = order_of("b-lost", clip, now_ms() + 600_000)
    topic, plan = site.plan([order], 1, AreaRoute(AREA))
    site.publish(topic, plan)
    box.start()
    wanted = build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id))
    wait_until(lambda: any(wanted in wants.topics for wants in site.wants), 20, "the want")
    site.send(order)
    site.wait_for(order, PlaybackState.ACCEPTED)
    for told, why in zip(map(site.wait_final, unheard), (Reason.SILENT, Reason.MUTED), strict=True):
        assert (told.state, told.reason) == (PlaybackState.FAILED, why)
        assert told.measured.heard_ms == told.measured.content_ms


def test_commands_tone_volume_and_restart(site: Site, box: Box) -> None:
    site.introduce()
    box.start()
    wait_until(lambda: bool(site.statuses), 10, "the box is up")
    site.command_now("c-tone", "test_tone")
    tone = box.recordings / "test-tone.wav"
    wait_until(tone.with_suffix(".json").exists, 10, "the tone was put out")
    site.command_now("c-volume", "volume", 50)
    wait_until(lambda: site.statuses[-1].volume_percent == 50, 5, "the volume limit")
    ended: list[int] = []
    watcher = threading.Thread(target=lambda: ended.append(box.wait(10)))
    watcher.start()
    site.command_now("c-restart", "restart")
    watcher.join()
    assert ended == [75]
    count = len(site.statuses)
    box.start()
    site.command_now("c-restart", "restart")  # the same command again: never twice
    wait_until(lambda: len(site.statuses) > count and site.statuses[-1].online, 10, "the box is up again")
    site.command_now("c-ping", "diagnostics")
    wait_until(lambda: site.counter("uptime_s") >= 0 and site.statuses[-1].volume_percent == 50, 5, "kept volume")
    assert box.terminate() == 0


def test_a_membership_that_begins_earlier_after_all_brings_what_was_not_ours(site: Site, box: Box) -> None:
    """The box already listens to the area, so the broker has no reason of its own to send the broadcast again."""
    now = now_ms()
    site.introduce(from_ms=now + 86_400_000)
    clip = chimed(3)
    order = order_of("b-moved", clip, now + 3_600_000)
    site.send(order)
    box.start()
    wait_until(lambda: bool(site.statuses), 10, "the box is up")
    told = count()

    def refused() -> bool:
        """Ask again each time: the first answer may come before the order was judged."""
        site.command_now(f"c-ping-{next(told)}", "diagnostics")
        return site.counter("refused_audience") >= 1

    wait_until(refused, 20, "it is for others")
    site.publish(build(SpeakerTopic(site.speaker, CONFIG)), site.config(revision=2))
    site.wait_for(order, PlaybackState.ACCEPTED)
