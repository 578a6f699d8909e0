"""The fault proxy itself: it does what it says, only what a broker and a bad line may do, and the same for a seed."""

import queue
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.rig.faults import CLEAR, FaultProxy, Weather
from tests.rig.mosquitto import Mosquitto
from tests.rig.packets import Cutter
from tests.rig.ports import LOOPBACK
from tests.rig.site import wait_until

COUNT = 60


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.stop()


@contextmanager
def hearing(port: int, name: str) -> Iterator[tuple[mqtt.Client, "queue.Queue[tuple[str, bytes]]"]]:
    """A client with a session that the broker keeps, which hears everything below `name/`."""
    heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
    granted: list[int] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, protocol=mqtt.MQTTv311)
    client.on_message = lambda _c, _d, message: heard.put((message.topic, bytes(message.payload)))
    client.on_connect = lambda c, _d, _f, _code, _p: c.subscribe(f"{name}/#", 1)
    client.on_subscribe = lambda _c, _d, mid, _codes, _p: granted.append(mid)
    client.reconnect_delay_set(1, 1)
    client.max_inflight_messages_set(COUNT)  # beyond its window paho sends in another order
    client.connect(LOOPBACK, port)
    client.loop_start()
    try:
        wait_until(lambda: bool(granted), 10, "the subscription")
        yield client, heard
    finally:
        client.disconnect()
        client.loop_stop()


def through(broker: Mosquitto, name: str, weather: Weather, seed: int) -> tuple[list[tuple[str, bytes]], FaultProxy]:
    """What a subscriber behind the proxy hears of COUNT messages on two topics in turn, and the proxy."""
    with ExitStack() as stack:
        proxy = FaultProxy(broker.port, CLEAR, seed)
        stack.callback(proxy.close)
        _, heard = stack.enter_context(hearing(proxy.port, name))
        sender, _ = stack.enter_context(hearing(broker.port, f"{name}-sender"))
        proxy.weather = weather
        for n in range(COUNT):
            sender.publish(f"{name}/{n % 2}", str(n).encode(), qos=1)
        got: list[tuple[str, bytes]] = []
        while len({payload for _, payload in got}) < COUNT:
            got.append(heard.get(timeout=20))
        return got, proxy


def numbers(got: list[tuple[str, bytes]], topic: str) -> list[int]:
    """In order of their first coming."""
    return list(dict.fromkeys(int(payload) for name, payload in got if name == topic))


def test_packets_are_found_wherever_the_stream_is_cut() -> None:
    raw = [b"\xc0\x00", b"\x32\x07\x00\x01t\x00\x07hi", b"\x30" + b"\x85\x02" + b"\x00\x01t" + b"x" * 258]
    for size in (1, 2, 3, 7, 1_000):
        cutter, stream = Cutter(), b"".join(raw)
        found = [packet for at in range(0, len(stream), size) for packet in cutter.feed(stream[at : at + size])]
        assert [packet.raw for packet in found] == raw
    assert [(packet.kind, packet.qos, packet.topic) for packet in found] == [(12, 0, b""), (3, 1, b"t"), (3, 0, b"t")]
    assert found[1].again().raw == b"\x3a" + raw[1][1:]


def test_a_clear_sky_changes_nothing(broker: Mosquitto) -> None:
    got, proxy = through(broker, "clear", CLEAR, 0)
    assert [int(payload) for _, payload in got] == list(range(COUNT))
    assert proxy.breaks == 0


def test_some_come_twice_and_some_change_places_but_never_within_a_topic(broker: Mosquitto) -> None:
    got, proxy = through(broker, "mixed", Weather(doubled=0.3, swapped=0.4, delay_ms=(0, 5)), 7)
    assert len(got) > COUNT
    assert proxy.told["doubled"] > 0
    assert proxy.told["swapped"] > 0
    assert list(dict.fromkeys(int(payload) for _, payload in got)) != list(range(COUNT))
    for topic in ("mixed/0", "mixed/1"):
        assert numbers(got, topic) == sorted(numbers(got, topic))


def test_a_lost_connection_loses_nothing_that_the_broker_keeps(broker: Mosquitto) -> None:
    with ExitStack() as stack:
        proxy = FaultProxy(broker.port)
        stack.callback(proxy.close)
        _, heard = stack.enter_context(hearing(proxy.port, "lost"))
        sender, _ = stack.enter_context(hearing(broker.port, "lost-sender"))
        for n in range(COUNT):
            sender.publish("lost/0", str(n).encode(), qos=1)
            if n == COUNT // 2:
                proxy.break_now()
        came: set[int] = set()
        while len(came) < COUNT:
            came.add(int(heard.get(timeout=20)[1]))
        assert (proxy.breaks, proxy.lines) == (1, 2)


def stream_behind(weather: Weather, seed: int) -> bytes:
    """What comes through of COUNT messages on two topics in turn, from a server that only says these."""
    said = b"".join(b"\x32\x06\x00\x01" + b"ab"[n % 2 : n % 2 + 1] + b"\x00" + bytes([n, n]) for n in range(COUNT))
    came = b""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server((LOOPBACK, 0)))
        proxy = FaultProxy(server.getsockname()[1], weather, seed)
        stack.callback(proxy.close)
        client = stack.enter_context(socket.create_connection((LOOPBACK, proxy.port), 10))
        speaking = stack.enter_context(server.accept()[0])
        with suppress(OSError):  # lost by the weather
            speaking.sendall(said)
            speaking.shutdown(socket.SHUT_WR)
            while data := client.recv(65_536):
                came += data
    return came


def test_the_same_seed_meets_the_same_faults() -> None:
    weather = Weather(doubled=0.3, swapped=0.3, delay_ms=(0, 2))
    first, second, other = (stream_behind(weather, seed) for seed in (11, 11, 12))
    assert first == second
    assert first != other
    lossy = Weather(doubled=0.3, break_every=200)
    assert len({stream_behind(lossy, seed) for seed in (1, 1, 1)}) == 1
    assert len({len(stream_behind(lossy, seed)) for seed in range(4)}) > 1


def test_a_narrow_line_takes_its_time(broker: Mosquitto) -> None:
    with ExitStack() as stack:
        proxy = FaultProxy(broker.port, Weather(bytes_per_s=20_000))
        stack.callback(proxy.close)
        _, heard = stack.enter_context(hearing(proxy.port, "narrow"))
        sender, _ = stack.enter_context(hearing(broker.port, "narrow-sender"))
        before = proxy.passed["down"]
        sender.publish("narrow/0", bytes(10_000), qos=1)
        wait_until(lambda: proxy.passed["down"] > before + 2_000, 10, "a part of it has passed")
        assert heard.empty()
        assert len(heard.get(timeout=20)[1]) == 10_000
