"""Brokers as they ship: mosquitto with our password and ACL files, and the embedded one; and a small client."""

import queue
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from controller.broker.acl import CONTROLLER, MONITOR, SPEAKER
from controller.broker.embedded import EmbeddedBroker
from controller.broker.files import write_broker_files
from controller.broker.passwords import hash_password
from controller.store.unit import Store
from tests.rig.mosquitto import accepts
from tests.rig.ports import LOOPBACK, free_port

CONTROLLER_PASSWORD = "controller's own"
LIMIT_SECONDS = 10.0


def wait_until(condition: Callable[[], bool], what: str, limit: float = LIMIT_SECONDS) -> None:
    """Return as soon as `condition` holds; fail after `limit` seconds."""
    until = time.monotonic() + limit
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.01)


def add_broker_user(store: Store, username: str, role: str = SPEAKER) -> str:
    """Let someone connect; returns the password."""
    password = f"password of {username}"
    with store.write() as unit:
        unit.places.put_broker_user(username, role, hash_password(password))
    return password


class MosquittoBroker:
    """mosquitto with the files that `broker files` writes, its other settings as shipped; no memory over a kill."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.port = free_port()
        self._folder, self._store = folder, store
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        passwords, acl = write_broker_files(self._store, self._folder, CONTROLLER, CONTROLLER_PASSWORD)
        config = self._folder / "mosquitto.conf"
        config.write_text(
            f"user root\nallow_anonymous false\npassword_file {passwords}\nacl_file {acl}\npersistence false\n"
            "max_inflight_messages 20\nmax_queued_messages 100000\nmax_packet_size 270000\nset_tcp_nodelay true\n"
            f"listener {self.port} {LOOPBACK}\n"
        )
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(["mosquitto", "-c", str(config)], stdout=log, stderr=log)
        wait_until(lambda: accepts(self.port), "mosquitto listens")

    def users_changed(self) -> None:
        """As deploy/mosquitto/run.sh does when the controller wrote new files."""
        write_broker_files(self._store, self._folder, CONTROLLER, CONTROLLER_PASSWORD)
        assert self._process is not None
        self._process.send_signal(1)

    def stop(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


class Embedded:
    """The embedded broker; stopping it forgets everything."""

    def __init__(self, store: Store) -> None:
        self.port = free_port()
        self._store = store
        self._broker: EmbeddedBroker | None = None

    def start(self) -> None:
        self._broker = EmbeddedBroker(LOOPBACK, self.port, self._store, CONTROLLER_PASSWORD)
        self._broker.start()

    def users_changed(self) -> None:
        """Nothing to do: it asks the store."""

    def stop(self) -> None:
        if self._broker is not None:
            self._broker.stop()
            self._broker = None


Broker = MosquittoBroker | Embedded


class Client:
    """An MQTT 3.1.1 client that keeps what it hears."""

    def __init__(self, port: int, username: str, password: str, *, client_id: str = "", clean: bool = True) -> None:
        self.heard: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        self.codes: list[str] = []
        self._granted: list[int] = []
        self._acknowledged: set[int] = set()
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id or username, clean_session=clean, protocol=mqtt.MQTTv311
        )
        self.client.username_pw_set(username, password)
        self.client.on_message = lambda _c, _d, message: self.heard.put(message)
        self.client.on_connect = lambda _c, _d, _f, code, _p: self.codes.append(str(code))
        self.client.on_subscribe = lambda _c, _d, mid, _codes, _p: self._granted.append(mid)
        self.client.on_publish = lambda _c, _d, mid, _code, _p: self._acknowledged.add(mid)
        self._port = port

    def connect(self, keepalive: int = 60) -> "Client":
        self.client.connect(LOOPBACK, self._port, keepalive)
        self.client.loop_start()
        wait_until(lambda: bool(self.codes), "the broker answers CONNECT")
        return self

    @property
    def accepted(self) -> bool:
        return bool(self.codes) and self.codes[-1] == "Success"

    def subscribe(self, *patterns: str) -> None:
        _, mid = self.client.subscribe([(pattern, 1) for pattern in patterns])
        wait_until(lambda: mid in self._granted, f"SUBACK for {patterns}")

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        info = self.client.publish(topic, payload, qos=1, retain=retain)
        wait_until(lambda: info.mid in self._acknowledged, f"PUBACK for {topic}")

    def next(self, limit: float = LIMIT_SECONDS) -> tuple[str, bytes, bool]:
        """(topic, payload, retained) of the next message."""
        message = self.heard.get(timeout=limit)
        return message.topic, bytes(message.payload), message.retain

    def gather(self, count: int) -> dict[str, bytes]:
        """The next `count` messages by topic."""
        found = [self.next() for _ in range(count)]
        return {topic: payload for topic, payload, _ in found}

    def nothing_before(self, topic: str, payload: bytes) -> bool:
        """Whether the next thing heard is exactly this one (sent last, so all else would have come before)."""
        return self.next()[:2] == (topic, payload)

    def drop(self) -> None:
        """Vanish without a word: the socket closes, no DISCONNECT is sent."""
        self.client.loop_stop()
        sock = self.client.socket()
        if sock is not None:
            sock.close()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def connected(port: int, username: str, password: str, **more: bool | str) -> Iterator[Client]:
    client = Client(port, username, password, **more)  # type: ignore[arg-type]
    try:
        yield client.connect()
    finally:
        client.close()


__all__ = [
    "CONTROLLER", "CONTROLLER_PASSWORD", "MONITOR", "SPEAKER", "Broker", "Client", "Embedded", "MosquittoBroker",
    "add_broker_user", "connected", "wait_until",
]  # fmt: skip
