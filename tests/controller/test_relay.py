"""The relay knows a broker that forgot from one that remembers, and nothing that cannot leave holds up the rest."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from controller.link import MAX_PAYLOAD_BYTES, Incoming, TooLarge
from controller.outdated import STANDING
from controller.relay import Relay
from controller.startup import own_status
from controller.store.outbox import RANK_DOCUMENT, RANK_EMERGENCY
from controller.store.site import BEHIND, EPOCH
from controller.store.values import PlanDocument
from protocol.codec import dump, load
from protocol.messages import ControllerStatus
from protocol.topics import CONTROLLER_STATUS
from protocol.versions import Version
from schedules.units import UtcMs
from tests.controller.world import TOWN, World
from tests.rig.broker import wait_until

KEYS = "loaxa/v1/keys/1"


@dataclass
class Post:
    """A postman that acknowledges at once, through the relay's own door, and keeps what it carried."""

    relay: Relay
    carried: list[str] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int | None:
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise TooLarge(f"{len(payload)} bytes on {topic}")
        self.carried.append(topic)
        self.relay.published(len(self.carried))
        return len(self.carried)

    @property
    def documents(self) -> list[str]:
        return [topic for topic in self.carried if topic != CONTROLLER_STATUS]


@pytest.fixture
def post(station: World) -> Iterator[Post]:
    """The relay of a station whose documents are all published, started but not connected."""
    station.settle()
    relay = Relay(station.store, station.clips, own_status(station.store))
    made = Post(relay)
    relay.start(made)
    yield made
    relay.stop()


def own(station: World, *, retained: bool) -> Incoming:
    """Our own status as the broker sends it."""
    payload = dump(replace(own_status(station.store), online=False))
    return Incoming(CONTROLLER_STATUS, payload, retained, (1, 1))


def test_a_marker_that_comes_before_the_suback_counts(station: World, post: Post) -> None:
    post.relay.hear(own(station, retained=True))
    post.relay.up()
    wait_until(lambda: CONTROLLER_STATUS in post.carried, "our status is published")
    assert station.dirty() == set()
    assert post.documents == []


def test_a_broker_that_forgot_gets_everything_anew(station: World, post: Post) -> None:
    post.relay.up()
    wait_until(lambda: KEYS in post.documents, "the ledger is published")


@pytest.mark.parametrize("retained", [True, False])
def test_what_the_last_connection_heard_proves_nothing_of_this_one(station: World, post: Post, retained: bool) -> None:
    """Nor does the echo of what we said ourselves."""
    if retained:
        post.relay.hear(own(station, retained=True))
    post.relay.down()
    post.relay.up()
    if not retained:
        post.relay.hear(own(station, retained=False))
    wait_until(lambda: KEYS in post.documents, "the ledger is published")


def test_what_is_too_large_does_not_hold_up_what_is_behind_it(station: World, post: Post) -> None:
    plan = f"loaxa/v1/areas/{TOWN}/plan/2026-12-08"
    with station.store.write() as unit:
        large = PlanDocument(Version(1, 1), "", "x" * (MAX_PAYLOAD_BYTES + 1), UtcMs(2**50))
        unit.broadcasts.put_plans("2026-12-08", {f"areas/{TOWN}": large})
        unit.outbox.dirty([plan], RANK_EMERGENCY, station.now)
        unit.outbox.dirty([KEYS], RANK_DOCUMENT, station.now)
    post.relay.hear(own(station, retained=True))
    post.relay.up()
    wait_until(lambda: KEYS in post.documents, "what is behind it leaves")
    wait_until(lambda: station.dirty() == set(), "it is given up")
    assert plan not in post.documents


def test_a_controller_that_must_not_sign_says_nothing_but_that(station: World, post: Post) -> None:
    """And everything that waited leaves in its new epoch, when that has begun."""
    silent = True
    relay = Relay(station.store, station.clips, own_status(station.store), lambda: silent)
    kept = Keeping(relay)
    relay.start(kept)
    relay.up()
    wait_until(lambda: bool(kept.told), "our status is published")
    with station.store.write() as unit:
        unit.outbox.dirty([KEYS], RANK_EMERGENCY, station.now)
        unit.site.put(BEHIND, "older than what was sent")
        unit.changed(STANDING)
    wait_until(lambda: kept.told[-1].stopped, "it says that it has stopped")
    assert kept.documents == []
    with station.store.write() as unit:
        unit.site.put(BEHIND, "")
        unit.site.put(EPOCH, "2")
        unit.changed(STANDING)
        silent = False
    wait_until(lambda: KEYS in kept.documents, "what waited leaves")
    assert (kept.told[-1].stopped, kept.told[-1].epoch) == (False, 2)
    relay.stop()


@dataclass
class Keeping(Post):
    """Also keeps what the controller said of itself."""

    told: list[ControllerStatus] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int | None:
        if topic == CONTROLLER_STATUS:
            self.told.append(load(ControllerStatus, payload))
        return super().publish(topic, payload, retain=retain)
