"""A box is stolen, its credential with it: against the shipped mosquitto, over TLS, it is that one box and no other."""

from collections.abc import Iterator

import pytest

from controller.broker.acl import CONTROLLER
from controller.broker.files import write_broker_files
from controller.store.unit import Store
from tests.rig.broker import CONTROLLER_PASSWORD, Client, add_broker_user
from tests.rig.shipped import ShippedMosquitto, make_certificate, shipped_mosquitto

STOLEN, OTHER = "s-stolen", "s-other"


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedMosquitto]:
    """With the two boxes and the controller among its users."""
    folder = tmp_path_factory.mktemp("mosquitto")
    make_certificate(folder)
    store = Store(f"sqlite:///{folder / 'users.db'}")
    store.upgrade()
    for name in (STOLEN, OTHER):
        add_broker_user(store, name)
    write_broker_files(store, folder / "broker", CONTROLLER, CONTROLLER_PASSWORD)
    store.close()
    with shipped_mosquitto(folder) as made:
        yield made


def box(mosquitto: ShippedMosquitto, name: str, client_id: str = "") -> Client:
    client = Client(mosquitto.outside, name, f"password of {name}", client_id=client_id)
    client.client.tls_set(str(mosquitto.authority))
    return client.connect()


@pytest.fixture
def controller(mosquitto: ShippedMosquitto) -> Iterator[Client]:
    client = Client(mosquitto.inside, CONTROLLER, CONTROLLER_PASSWORD).connect()
    yield client
    client.close()


@pytest.fixture
def stolen(mosquitto: ShippedMosquitto) -> Iterator[Client]:
    client = box(mosquitto, STOLEN)
    yield client
    client.close()


def test_it_reads_nothing_of_another_box(controller: Client, stolen: Client) -> None:
    theirs = f"loaxa/v1/speakers/{OTHER}"
    leaves = ("config", "commands", "receipts", "plan/2026-11-22", "broadcasts/b-1", "status", "telemetry", "wants",
              "playbacks/b-1", "clock/ask", "clock/answer")  # fmt: skip
    controller.publish(f"{theirs}/config", b"kept", retain=True)
    stolen.subscribe("#", "loaxa/v1/#", "loaxa/v1/speakers/+/commands", *[f"{theirs}/{leaf}" for leaf in leaves])
    for leaf in leaves:
        controller.publish(f"{theirs}/{leaf}", b"theirs")
    controller.publish(f"loaxa/v1/speakers/{STOLEN}/commands", b"its own")
    assert stolen.nothing_before(f"loaxa/v1/speakers/{STOLEN}/commands", b"its own")


def test_it_speaks_for_no_other_box_and_for_no_controller(controller: Client, stolen: Client) -> None:
    controller.subscribe("loaxa/v1/#")
    while not controller.heard.empty():
        controller.heard.get()
    theirs = f"loaxa/v1/speakers/{OTHER}"
    controller.publish(f"loaxa/v1/speakers/{STOLEN}/receipts", b"from here on")
    while controller.next()[1] != b"from here on":
        pass
    for topic in (
        *(f"{theirs}/{leaf}" for leaf in ("status", "telemetry", "wants", "playbacks/b-1", "commands", "clock/ask")),
        *(f"loaxa/v1/speakers/{STOLEN}/{leaf}" for leaf in ("commands", "config", "receipts", "broadcasts/b-1")),
        "loaxa/v1/keys/2", "loaxa/v1/areas/x/broadcasts/b-1", "loaxa/v1/areas/x/plan/2026-11-22",
        f"loaxa/v1/audio/{'a' * 64}/0", "loaxa/v1/controller/status",
    ):  # fmt: skip
        stolen.client.publish(topic, b"forged", qos=1, retain=True)
    stolen.publish(f"loaxa/v1/speakers/{STOLEN}/wants", b"its own")
    assert controller.nothing_before(f"loaxa/v1/speakers/{STOLEN}/wants", b"its own")


def test_it_takes_over_nobodys_session(mosquitto: ShippedMosquitto, controller: Client) -> None:
    """Under the other's client id it is still itself: the other is not thrown off and misses nothing."""
    other = box(mosquitto, OTHER)
    commands = f"loaxa/v1/speakers/{OTHER}/commands"
    other.subscribe(commands)
    thief = box(mosquitto, STOLEN, client_id=OTHER)
    thief.subscribe(commands, f"loaxa/v1/speakers/{STOLEN}/commands")
    controller.publish(commands, b"for the other")
    assert other.next()[1] == b"for the other"
    controller.publish(f"loaxa/v1/speakers/{STOLEN}/commands", b"its own")
    assert thief.nothing_before(f"loaxa/v1/speakers/{STOLEN}/commands", b"its own")
    assert len(other.codes) == 1, "the other was thrown off"
    thief.close()
    other.close()


def test_its_last_will_speaks_for_no_other(mosquitto: ShippedMosquitto, controller: Client) -> None:
    controller.subscribe(f"loaxa/v1/speakers/{OTHER}/status", f"loaxa/v1/speakers/{STOLEN}/wants")
    while not controller.heard.empty():
        controller.heard.get()
    thief = Client(mosquitto.outside, STOLEN, f"password of {STOLEN}")
    thief.client.tls_set(str(mosquitto.authority))
    thief.client.will_set(f"loaxa/v1/speakers/{OTHER}/status", b"forged", qos=1, retain=True)
    thief.connect()
    thief.drop()
    again = box(mosquitto, STOLEN)
    again.publish(f"loaxa/v1/speakers/{STOLEN}/wants", b"after")
    assert controller.nothing_before(f"loaxa/v1/speakers/{STOLEN}/wants", b"after")
    again.close()
