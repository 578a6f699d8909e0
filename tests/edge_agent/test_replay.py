"""A day's traffic, recorded by somebody on the broker and played to the box again: nothing sounds."""

from datetime import timedelta

import pytest

from edge_agent import stage
from edge_agent.amplifier import Amplifier
from edge_agent.clerk import Clerk
from edge_agent.clipfiles import ClipFiles
from edge_agent.conductor import Conductor
from edge_agent.counters import Counters
from edge_agent.player import Player
from edge_agent.settings import load
from edge_agent.store import Store
from protocol.topics import AreaRoute
from schedules.model import Priority
from schedules.states import PlaybackState
from schedules.units import UtcMs
from tests.edge_agent.clocks import StandingClock
from tests.edge_agent.simulated import BLOCK, BLOCK_MS, ConstantFeed
from tests.rig.box import Box
from tests.rig.broker import Client
from tests.rig.clips import chimed
from tests.rig.mosquitto import Mosquitto
from tests.rig.site import AREA, Site, now_ms, order_of, revised, wait_until

S = PlaybackState
Traffic = list[tuple[str, bytes]]


def sounds(box: Box) -> dict[str, int]:
    """Every file of the recording sink with its size."""
    return {path.name: path.stat().st_size for path in sorted(box.recordings.glob("*"))}


def a_day(site: Site, box: Box) -> list[str]:
    """A bulletin, an emergency, a cancellation, a plan, commands; returns the broadcasts that sounded."""
    clip = chimed(3)
    site.introduce()
    site.offer(clip)
    box.start()
    wait_until(lambda: site.status() is not None, 30, "the box is there")
    normal = order_of("b-normal", clip, now_ms() + 2_500)
    cancelled = order_of("b-cancelled", clip, now_ms() + 3_600_000)
    site.send(normal)
    site.send(cancelled)
    site.command_now("c-volume", "volume", 70)
    site.wait_for(cancelled, S.READY)
    site.send(revised(cancelled, cancelled=True))
    site.wait_final(cancelled)
    site.wait_final(normal)
    emergency = order_of("b-emergency", clip, now_ms() + 500, priority=Priority.EMERGENCY)
    site.send(emergency)
    site.publish(*site.plan([normal, emergency, revised(cancelled, cancelled=True)], 1, AreaRoute(AREA)))
    site.wait_final(emergency)
    site.command_now("c-tone", "test_tone")
    return [normal.broadcast.id, emergency.broadcast.id, "test-tone"]


def recorded(spy: Client) -> Traffic:
    heard: Traffic = []
    while not spy.heard.empty():
        message = spy.heard.get()
        heard.append((message.topic, bytes(message.payload)))
    return heard


def play_again(site: Site, traffic: Traffic) -> None:
    """In the order in which it came, and again the other way round; a last word shows that all was heard."""
    for topic, payload in (*traffic, *reversed(traffic)):
        if "/status" not in topic and "/telemetry" not in topic:
            site.publish(topic, payload, retain=False)
    volume = 30 + len(site.statuses) % 60
    site.command_now(f"c-last-{now_ms()}", "volume", volume)
    wait_until(lambda: site.statuses[-1].volume_percent == volume, 20, "the box heard all of it")


def test_a_day_s_traffic_again(site: Site, box: Box, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Client(mosquitto.port, "spy", "").connect()
    spy.subscribe("loaxa/v1/#")
    heard = a_day(site, box)
    wait_until(lambda: {f"{name}.json" for name in heard} <= sounds(box).keys(), 20, "the recordings are closed")
    traffic = recorded(spy)
    spy.close()
    kinds = {topic.split("/")[-2] for topic, _ in traffic} | {topic.split("/")[-1] for topic, _ in traffic}
    assert {"keys", "plan", "broadcasts", "config", "commands", "receipts"} <= kinds
    before, records = sounds(box), len(site.records)
    play_again(site, traffic)
    box.kill9()
    box.start()
    play_again(site, traffic)
    assert sounds(box) == before
    assert len(site.records) == records
    assert all(status.now_playing == "" for status in site.statuses[-3:])
    box.kill9()
    a_day_later(box, traffic, monkeypatch)


def a_day_later(box: Box, traffic: Traffic, patch: pytest.MonkeyPatch) -> None:
    """The same memory of the same box, the clock a day on, and for each of its hours the same traffic."""
    patch.setattr(stage, "Feed", ConstantFeed)
    settings = load(box.config)
    clock = StandingClock(UtcMs(now_ms() + int(timedelta(days=1).total_seconds() * 1000)))
    counters, store = Counters(), Store(settings.data, settings, clock.utc)
    last = store.ledger.last_number()
    clerk, player = Clerk(store, counters), Player(lambda event: conductor.tell(event))
    conductor = Conductor(
        clock, store, ClipFiles(settings.data / "clips"), player, counters, Amplifier(clock), lambda: None
    )
    for _ in range(24):
        for topic, payload in traffic:
            taken = clerk.take(topic, payload, clock.utc, clock.trust())
            assert taken.command is None
        for _ in range(5):
            conductor.step_safely()
            player.fill(BLOCK, clock.utc_ns())
            assert player.sounding() == ()
            clock.pass_time(BLOCK_MS)
        clock.pass_time(3_600_000)
    assert store.ledger.last_number() == last
    store.close()
