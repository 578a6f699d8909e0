"""What the controller and the speakers need of a broker: every one we ship with does it."""

from collections.abc import Iterator

import pytest

from controller.broker.acl import MONITOR, SPEAKER
from controller.broker.files import BROKER_USERS
from controller.broker.passwords import hash_password
from controller.store.unit import Store
from schedules.units import SpeakerId
from tests.rig.broker import CONTROLLER, CONTROLLER_PASSWORD, Broker, Client, add_broker_user, connected, wait_until

A, B = "s-aaa", "s-bbb"


@pytest.fixture
def passwords(users: Store, broker: Broker) -> dict[str, str]:
    found = {name: add_broker_user(users, name) for name in (A, B)}
    found["watcher"] = add_broker_user(users, "watcher", MONITOR)
    broker.start()
    return found


@pytest.fixture
def controller(broker: Broker, passwords: dict[str, str]) -> Iterator[Client]:
    with connected(broker.port, CONTROLLER, CONTROLLER_PASSWORD) as client:
        yield client


@pytest.fixture
def speaker(broker: Broker, passwords: dict[str, str]) -> Iterator[Client]:
    with connected(broker.port, A, passwords[A]) as client:
        yield client


def test_retained_documents_reach_a_later_subscriber(controller: Client, speaker: Client) -> None:
    controller.publish("loaxa/v1/areas/x/broadcasts/b-1", b"one", retain=True)
    controller.publish("loaxa/v1/areas/x/broadcasts/b-2", b"two", retain=True)
    speaker.subscribe("loaxa/v1/areas/x/broadcasts/+")
    heard = speaker.gather(2)
    assert heard == {"loaxa/v1/areas/x/broadcasts/b-1": b"one", "loaxa/v1/areas/x/broadcasts/b-2": b"two"}


def test_an_empty_retained_payload_clears(controller: Client, speaker: Client) -> None:
    controller.publish("loaxa/v1/areas/x/broadcasts/b-1", b"one", retain=True)
    controller.publish("loaxa/v1/areas/x/broadcasts/b-1", b"", retain=True)
    controller.publish("loaxa/v1/areas/x/broadcasts/b-2", b"two", retain=True)
    speaker.subscribe("loaxa/v1/areas/x/broadcasts/+")
    assert speaker.nothing_before("loaxa/v1/areas/x/broadcasts/b-2", b"two")


def test_three_hundred_retained_chunks_all_arrive(controller: Client, speaker: Client) -> None:
    clip = "a" * 64
    for number in range(300):
        controller.client.publish(f"loaxa/v1/audio/{clip}/{number}", bytes([number % 256]) * 2000, qos=1, retain=True)
    controller.publish("loaxa/v1/areas/x/plan/2026-01-01", b"after", retain=True)
    speaker.subscribe(*[f"loaxa/v1/audio/{clip}/{number}" for number in range(300)])
    assert len(speaker.gather(300)) == 300


def test_messages_of_one_topic_keep_their_order(controller: Client, speaker: Client) -> None:
    speaker.subscribe(f"loaxa/v1/speakers/{A}/receipts")
    for number in range(50):
        controller.client.publish(f"loaxa/v1/speakers/{A}/receipts", str(number).encode(), qos=1)
    assert [speaker.next()[1] for _ in range(50)] == [str(number).encode() for number in range(50)]


def test_a_wrong_password_is_refused(broker: Broker, passwords: dict[str, str]) -> None:
    with connected(broker.port, A, "wrong") as client:
        assert not client.accepted
    with connected(broker.port, "s-nobody", passwords[A]) as client:
        assert not client.accepted


def test_a_wrong_password_disturbs_nobody(broker: Broker, controller: Client, speaker: Client) -> None:
    speaker.subscribe(f"loaxa/v1/speakers/{A}/receipts")
    with connected(broker.port, A, "wrong", client_id=A) as client:
        assert not client.accepted
    controller.publish(f"loaxa/v1/speakers/{A}/receipts", b"still here")
    assert speaker.next()[1] == b"still here"
    assert len(speaker.codes) == 1, "the speaker was thrown off"


def test_a_stolen_credential_is_that_one_box_under_any_client_id(
    broker: Broker, controller: Client, passwords: dict[str, str]
) -> None:
    """What the other is told it never hears, and what it says in the other's name nobody does."""
    topic = f"loaxa/v1/speakers/{B}/commands"
    with connected(broker.port, B, passwords[B]) as other:
        other.subscribe(topic)
        controller.subscribe("loaxa/v1/speakers/+/wants")
        with connected(broker.port, A, passwords[A], client_id=f"{B}-2") as thief:
            thief.subscribe("#", topic)
            thief.client.publish(f"loaxa/v1/speakers/{B}/wants", b"forged", qos=1)
            thief.publish(f"loaxa/v1/speakers/{A}/wants", b"its own")
            assert controller.nothing_before(f"loaxa/v1/speakers/{A}/wants", b"its own")
            controller.publish(topic, b"for the other")
            controller.publish(f"loaxa/v1/speakers/{A}/commands", b"its own")
            assert thief.nothing_before(f"loaxa/v1/speakers/{A}/commands", b"its own")
        assert other.next()[1] == b"for the other"


def test_a_user_added_while_it_runs_may_connect(broker: Broker, users: Store, passwords: dict[str, str]) -> None:
    password = add_broker_user(users, "s-new")
    broker.users_changed()

    def let_in() -> bool:
        with connected(broker.port, "s-new", password) as client:
            return client.accepted

    wait_until(let_in, "the new user is let in")


def test_a_speaker_hears_nothing_of_another(controller: Client, speaker: Client) -> None:
    speaker.subscribe("loaxa/v1/speakers/#", f"loaxa/v1/speakers/{B}/commands")
    for leaf in ("commands", "receipts", "config", "plan/2026-01-01", "broadcasts/b-1", "status", "playbacks/b-1"):
        controller.publish(f"loaxa/v1/speakers/{B}/{leaf}", b"for B")
    controller.publish(f"loaxa/v1/speakers/{A}/commands", b"for A")
    assert speaker.nothing_before(f"loaxa/v1/speakers/{A}/commands", b"for A")


def test_a_speaker_is_not_given_anothers_retained(controller: Client, speaker: Client) -> None:
    controller.publish(f"loaxa/v1/speakers/{B}/config", b"for B", retain=True)
    controller.publish(f"loaxa/v1/speakers/{A}/config", b"for A", retain=True)
    speaker.subscribe("loaxa/v1/speakers/+/config")
    assert speaker.nothing_before(f"loaxa/v1/speakers/{A}/config", b"for A")


def test_a_returning_session_is_not_given_anothers_retained(
    broker: Broker, controller: Client, passwords: dict[str, str]
) -> None:
    """amqtt as it comes delivers the retained matches of everyone's filters to whoever connects."""
    controller.publish(f"loaxa/v1/speakers/{B}/config", b"for B", retain=True)
    with connected(broker.port, B, passwords[B]) as other:
        other.subscribe(f"loaxa/v1/speakers/{B}/config")
        assert other.next()[1] == b"for B"
        for _ in range(2):
            with connected(broker.port, A, passwords[A], clean=False) as client:
                client.subscribe(f"loaxa/v1/speakers/{A}/receipts")
                controller.publish(f"loaxa/v1/speakers/{A}/receipts", b"mine")
                assert client.nothing_before(f"loaxa/v1/speakers/{A}/receipts", b"mine")


@pytest.mark.parametrize(
    "topic",
    [
        "loaxa/v1/keys/1",
        "loaxa/v1/areas/x/broadcasts/b-1",
        f"loaxa/v1/speakers/{B}/status",
        f"loaxa/v1/speakers/{B}/telemetry",
        f"loaxa/v1/speakers/{B}/wants",
        f"loaxa/v1/speakers/{B}/commands",
        f"loaxa/v1/speakers/{B}/playbacks/b-1",
        f"loaxa/v1/speakers/{B}/clock/ask",
        f"loaxa/v1/audio/{'a' * 64}/0",
        f"loaxa/v1/speakers/{A}/config",
        f"loaxa/v1/speakers/{A}/commands",
        "loaxa/v1/controller/status",
        "elsewhere",
    ],
)
def test_a_speaker_says_nothing_in_anothers_name(controller: Client, speaker: Client, topic: str) -> None:
    controller.subscribe("loaxa/v1/#")
    speaker.client.publish(topic, b"forged", qos=1, retain=True)
    speaker.publish(f"loaxa/v1/speakers/{A}/wants", b"after")
    assert controller.nothing_before(f"loaxa/v1/speakers/{A}/wants", b"after")


def test_a_speaker_says_what_is_its_own(controller: Client, speaker: Client) -> None:
    controller.subscribe("loaxa/v1/#")
    topics = [f"loaxa/v1/speakers/{A}/{leaf}" for leaf in ("status", "telemetry", "wants", "playbacks/b-1")]
    for topic in topics:
        speaker.publish(topic, b"said")
    assert [controller.next()[0] for _ in topics] == topics


def test_a_monitor_reads_along_and_says_nothing(broker: Broker, controller: Client, passwords: dict[str, str]) -> None:
    with connected(broker.port, "watcher", passwords["watcher"], client_id="explorer-1") as monitor:
        monitor.subscribe("loaxa/v1/#")
        controller.subscribe("loaxa/v1/areas/#")
        monitor.publish("loaxa/v1/areas/x/broadcasts/b-1", b"forged", retain=True)
        controller.publish("loaxa/v1/areas/x/broadcasts/b-2", b"true")
        assert monitor.nothing_before("loaxa/v1/areas/x/broadcasts/b-2", b"true")
        assert controller.nothing_before("loaxa/v1/areas/x/broadcasts/b-2", b"true")


def test_the_last_will_is_published_and_retained(broker: Broker, controller: Client, passwords: dict[str, str]) -> None:
    topic = f"loaxa/v1/speakers/{A}/status"
    controller.subscribe("loaxa/v1/speakers/+/status")
    client = Client(broker.port, A, passwords[A])
    client.client.will_set(topic, b"gone", qos=1, retain=True)
    client.connect()
    assert client.accepted
    client.drop()
    assert controller.next()[:2] == (topic, b"gone")
    with connected(broker.port, "watcher", passwords["watcher"]) as later:
        later.subscribe(topic)
        assert later.next() == (topic, b"gone", True)


def test_a_silent_client_is_given_up_and_its_will_is_published(
    broker: Broker, controller: Client, passwords: dict[str, str]
) -> None:
    """A half-open link: nothing closes the socket, nothing comes through it either."""
    topic = f"loaxa/v1/speakers/{A}/status"
    controller.subscribe(topic)
    client = Client(broker.port, A, passwords[A])
    client.client.will_set(topic, b"gone", qos=1, retain=True)
    client.connect(keepalive=1)
    assert client.accepted
    client.client.loop_stop()
    assert controller.next(limit=15)[:2] == (topic, b"gone")
    client.drop()


def test_a_will_is_not_a_way_round_the_rules(broker: Broker, controller: Client, passwords: dict[str, str]) -> None:
    controller.subscribe("loaxa/v1/#")
    client = Client(broker.port, A, passwords[A])
    client.client.will_set("loaxa/v1/areas/x/broadcasts/b-1", b"forged", qos=1, retain=True)
    client.connect()
    client.drop()
    with connected(broker.port, B, passwords[B]) as other:
        other.publish(f"loaxa/v1/speakers/{B}/wants", b"after")
    assert controller.nothing_before(f"loaxa/v1/speakers/{B}/wants", b"after")


def test_a_kept_session_gets_what_it_missed(broker: Broker, controller: Client, passwords: dict[str, str]) -> None:
    topic = f"loaxa/v1/speakers/{A}/commands"
    with connected(broker.port, A, passwords[A], clean=False) as client:
        client.subscribe(topic)
    controller.publish(topic, b"while away")
    with connected(broker.port, A, passwords[A], clean=False) as client:
        assert client.next()[1] == b"while away"


def test_a_flood_of_subscriptions_loses_no_message(
    broker: Broker, controller: Client, speaker: Client, passwords: dict[str, str]
) -> None:
    """Boxes subscribe and unsubscribe chunk topics all the time; messages to others go on meanwhile."""
    speaker.subscribe(f"loaxa/v1/speakers/{A}/receipts")
    with connected(broker.port, B, passwords[B]) as other:
        for number in range(200):
            other.client.subscribe(f"loaxa/v1/audio/{'b' * 64}/{number}", qos=1)
            controller.client.publish(f"loaxa/v1/speakers/{A}/receipts", str(number).encode(), qos=1)
            if number >= 5:
                other.client.unsubscribe(f"loaxa/v1/audio/{'b' * 64}/{number - 5}")
        assert [speaker.next()[1] for _ in range(200)] == [str(number).encode() for number in range(200)]


def test_an_oversize_packet_costs_only_its_sender(broker: Broker, controller: Client, speaker: Client) -> None:
    speaker.subscribe(f"loaxa/v1/speakers/{A}/receipts")
    with connected(broker.port, CONTROLLER, CONTROLLER_PASSWORD, client_id=CONTROLLER) as sender:
        sender.client.publish("loaxa/v1/areas/x/broadcasts/b-1", b"x" * 400_000, qos=1)
        wait_until(lambda: not sender.client.is_connected(), "the sender is dropped")
    with connected(broker.port, CONTROLLER, CONTROLLER_PASSWORD) as again:
        again.publish(f"loaxa/v1/speakers/{A}/receipts", b"lives")
    assert speaker.next()[1] == b"lives"


def test_who_is_let_in_no_more_is_put_out_at_once(
    users: Store, broker: Broker, passwords: dict[str, str], controller: Client, speaker: Client
) -> None:
    with connected(broker.port, B, passwords[B]) as other, connected(broker.port, "watcher", passwords["watcher"]) as w:
        with users.write() as unit:
            unit.places.revoke(SpeakerId(A))
            unit.places.put_broker_user(B, SPEAKER, hash_password("of another box"))
            unit.changed(BROKER_USERS)
        broker.users_changed()
        wait_until(lambda: not speaker.client.is_connected(), "the revoked one is put out")
        wait_until(lambda: not other.client.is_connected(), "the one with a new password is put out")
        for name, password in ((A, passwords[A]), (B, passwords[B])):
            refused = Client(broker.port, name, password).connect()
            assert not refused.accepted
            refused.close()
        with connected(broker.port, B, "of another box") as newcomer:
            newcomer.subscribe(f"loaxa/v1/speakers/{B}/config")
            controller.publish(f"loaxa/v1/speakers/{B}/config", b"config", retain=True)
            assert newcomer.next()[1] == b"config"
        assert w.client.is_connected()
