"""A box is stolen, its credential with it: against the shipped mosquitto, over TLS, it is that one box and no other."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.broker.acl import CONTROLLER
from controller.broker.files import write_broker_files
from controller.store.unit import Store
from deploy.demo.processes import Program, wait_until
from tests.rig.broker import CONTROLLER_PASSWORD, Client, add_broker_user
from tests.rig.ports import LOOPBACK, free_port, is_free

STOLEN, OTHER = "s-stolen", "s-other"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[tuple[int, int, Path]]:
    """The inner and the outer port of mosquitto as it ships, and the folder with its authority."""
    folder = tmp_path_factory.mktemp("mosquitto")
    certificate = str(repository / "deploy/mosquitto/make-certificate.sh")
    subprocess.run([certificate, str(folder / "tls"), "localhost", LOOPBACK], check=True, capture_output=True)
    store = Store(f"sqlite:///{folder / 'users.db'}")
    store.upgrade()
    for name in (STOLEN, OTHER):
        add_broker_user(store, name)
    write_broker_files(store, folder / "broker", CONTROLLER, CONTROLLER_PASSWORD)
    store.close()
    ports = free_port(), free_port()
    text = (repository / "deploy/mosquitto/mosquitto.conf").read_text()
    for told, here in (
        ("/broker/", f"{folder}/broker/"),
        ("/run/secrets/broker_certificate", f"{folder}/tls/broker.crt"),
        ("/run/secrets/broker_key", f"{folder}/tls/broker.key"),
        ("listener 1883", f"listener {ports[0]} {LOOPBACK}"),
        ("listener 8883", f"listener {ports[1]} {LOOPBACK}"),
    ):
        assert told in text
        text = text.replace(told, here)
    if os.getuid() == 0:
        text += "user root\n"  # it would otherwise become a user that cannot read this test's folder
    (folder / "mosquitto.conf").write_text(text)
    script = str(repository / "deploy/mosquitto/run.sh")
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    command = (script, str(folder / "mosquitto.conf"), str(folder / "broker"))
    program = Program("mosquitto", command, folder / "log", path)
    program.start()
    try:
        wait_until(lambda: not is_free(ports[1]), 10, "mosquitto listens")
        yield *ports, folder
    finally:
        program.stop()


def box(inside: tuple[int, int, Path], name: str, client_id: str = "") -> Client:
    client = Client(inside[1], name, f"password of {name}", client_id=client_id)
    client.client.tls_set(str(inside[2] / "tls/ca.crt"))
    return client.connect()


@pytest.fixture
def controller(inside: tuple[int, int, Path]) -> Iterator[Client]:
    client = Client(inside[0], CONTROLLER, CONTROLLER_PASSWORD).connect()
    yield client
    client.close()


@pytest.fixture
def stolen(inside: tuple[int, int, Path]) -> Iterator[Client]:
    client = box(inside, STOLEN)
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


def test_it_takes_over_nobodys_session(inside: tuple[int, int, Path], controller: Client) -> None:
    """Under the other's client id it is still itself: the other is not thrown off and misses nothing."""
    other = box(inside, OTHER)
    commands = f"loaxa/v1/speakers/{OTHER}/commands"
    other.subscribe(commands)
    thief = box(inside, STOLEN, client_id=OTHER)
    thief.subscribe(commands, f"loaxa/v1/speakers/{STOLEN}/commands")
    controller.publish(commands, b"for the other")
    assert other.next()[1] == b"for the other"
    controller.publish(f"loaxa/v1/speakers/{STOLEN}/commands", b"its own")
    assert thief.nothing_before(f"loaxa/v1/speakers/{STOLEN}/commands", b"its own")
    assert len(other.codes) == 1, "the other was thrown off"
    thief.close()
    other.close()


def test_its_last_will_speaks_for_no_other(inside: tuple[int, int, Path], controller: Client) -> None:
    controller.subscribe(f"loaxa/v1/speakers/{OTHER}/status", f"loaxa/v1/speakers/{STOLEN}/wants")
    while not controller.heard.empty():
        controller.heard.get()
    thief = Client(inside[1], STOLEN, f"password of {STOLEN}")
    thief.client.tls_set(str(inside[2] / "tls/ca.crt"))
    thief.client.will_set(f"loaxa/v1/speakers/{OTHER}/status", b"forged", qos=1, retain=True)
    thief.connect()
    thief.drop()
    again = box(inside, STOLEN)
    again.publish(f"loaxa/v1/speakers/{STOLEN}/wants", b"after")
    assert controller.nothing_before(f"loaxa/v1/speakers/{STOLEN}/wants", b"after")
    again.close()
