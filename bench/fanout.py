"""An order on its way to 1,000 receivers: the real controller over a real mosquitto, against a raw paho publish.

The clock begins when the order's transaction (with its outbox rows) is committed, and beside that when the HTTP
request is sent; it ends when the last receiver has the whole signed broadcast. The peer publishes the very same bytes
to the same receivers through the same broker, in turns with ours.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bench.broker import mosquitto
from bench.figures import Figure, against, alone, span
from bench.receivers import Arrival, Receivers, receivers
from bench.workplace import Workplace
from controller import clock
from controller.founding import open_site
from controller.seed import seed_dam_ha
from controller.settings import read_settings
from controller.store.values import Member, Speaker
from deploy.demo.api import Api
from deploy.demo.ports import LOOPBACK, free_port
from deploy.demo.processes import Program, python, wait_until
from deploy.demo.units import UNITS
from protocol.envelope import open_envelope
from protocol.keys import SigningKey, verify
from protocol.messages import BroadcastOrder, Keys
from schedules.units import AreaId, SpeakerId, UtcMs

RECEIVERS = 1_000
REPEATS = 20
RATIO = 1.25
_QUIET_S = 0.4
_PATIENCE_S = 20.0
_NEVER = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One order and one raw publish of its bytes; milliseconds until the last of all receivers had it."""

    from_commit: float
    from_request: float
    raw: float


def run(place: Workplace) -> list[Figure]:
    """One warm-up turn, then REPEATS measured ones."""
    with mosquitto(place.folder) as port, _controller(place, port) as (program, api, commune):
        bulletin = _bulletin(api)
        prefix = f"loaxa/v1/areas/{commune}/broadcasts/"
        filters = (f"{prefix}+", f"loaxa/v1/areas/{commune}/plan/+", "loaxa/v1/keys/+")
        with receivers(port, RECEIVERS, filters) as fleet, _raw(port) as raw:
            keys = open_envelope(fleet.arrival("loaxa/v1/keys/", _PATIENCE_S).payload).message
            assert isinstance(keys, Keys)
            place.say(f"{RECEIVERS} receivers are subscribed")
            turns = []
            for number in range(REPEATS + 1):
                turns.append(_turn(number, _Order(api, program, bulletin, commune), fleet, raw, prefix, keys))
                if number % 5 == 0:
                    place.say(f"turn {number}: {turns[-1]}")
    return _figures(turns[1:])


def _figures(turns: list[Turn]) -> list[Figure]:
    ours, raw, request = ([getattr(turn, name) for turn in turns] for name in ("from_commit", "raw", "from_request"))
    peer_is = "the same bytes published raw with paho to the same receivers"
    added = [turn.from_commit - turn.raw for turn in turns]
    return [
        against(
            f"order committed, last of {RECEIVERS:,} has it", ours, raw, "ms", peer_is=peer_is, at_most=RATIO
        ),
        alone("  added to the raw publish", median(added), "ms", spread=span(added)),
        against(f"HTTP request sent, last of {RECEIVERS:,} has it", request, raw, "ms", peer_is=peer_is),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Order:
    """How to order one more broadcast."""

    api: Api
    program: Program
    bulletin: str
    commune: str

    def send(self, number: int) -> tuple[int, str]:
        """Schedule it for tomorrow; the moment before the request, and the broadcast."""
        start = datetime.now(UTC) + timedelta(days=1)
        at = f"{8 + number // 6:02}:{number % 6 * 10:02}:00"
        body: dict[str, Any] = {
            "bulletin": self.bulletin,
            "when": {"kind": "once", "day": start.date().isoformat(), "at": at},
            "areas": [self.commune],
        }
        sent_ns = time.monotonic_ns()
        return sent_ns, str(self.api.post("schedules", body)["broadcasts"][0])

    def committed_ns(self, broadcast: str, sent_ns: int) -> int:
        """When the transaction that made this broadcast was committed."""

        def stamp() -> int:
            for line in self.program.said().splitlines():
                if line.startswith('{"commit_ns"') and broadcast in line:
                    told: int = json.loads(line)["commit_ns"]
                    if told > sent_ns:
                        return told
            return _NEVER

        wait_until(lambda: stamp() != _NEVER, _PATIENCE_S, "the controller's stamp of the commit")
        return stamp()


def _turn(number: int, order: _Order, fleet: Receivers, raw: mqtt.Client, prefix: str, keys: Keys) -> Turn:
    sent_ns, broadcast = order.send(number)
    ours = fleet.arrival(prefix + broadcast, _PATIENCE_S)
    committed_ns = order.committed_ns(broadcast, sent_ns)
    _check(ours, broadcast, keys)
    time.sleep(_QUIET_S)
    began_ns = time.monotonic_ns()
    raw.publish(f"{prefix}raw-{broadcast}", ours.payload, qos=1, retain=True)
    peer = fleet.arrival(f"{prefix}raw-", _PATIENCE_S)
    if peer.payload != ours.payload:
        raise RuntimeError("the receivers got other bytes from the peer")
    time.sleep(_QUIET_S)
    return Turn((ours.last_ns - committed_ns) / 1e6, (ours.last_ns - sent_ns) / 1e6, (peer.last_ns - began_ns) / 1e6)


def _check(arrival: Arrival, broadcast: str, keys: Keys) -> None:
    """What arrived must be this broadcast, signed by a key of the site's list."""
    envelope = open_envelope(arrival.payload)
    signature = envelope.signatures[0]
    public = next(entry.public for entry in keys.keys if entry.key == signature.key and entry.role == "schedule")
    order = envelope.message
    if not (isinstance(order, BroadcastOrder) and order.broadcast.id == broadcast):
        raise RuntimeError(f"not the broadcast {broadcast}: {order}")
    if not verify(public, envelope.signed, signature.sig):
        raise RuntimeError("the signature does not hold")


@contextmanager
def _controller(place: Workplace, broker_port: int) -> Iterator[tuple[Program, Api, AreaId]]:
    """A running controller that knows a commune with 1,000 speakers, and a signed-in person."""
    port = free_port()
    env = {
        "LOAXA_DATA": str(place.folder / "controller"),
        "LOAXA_HTTP_PORT": str(port),
        "LOAXA_BROKER_URL": f"mqtt://{LOOPBACK}:{broker_port}",
        "LOAXA_BROKER_PASSWORD": "bench",
    }
    commune = _populate(env)
    program = Program("controller", python("bench.stamped"), place.folder / "controller.log", env)
    program.start()
    try:
        program.wait_for_words("LoaXã ready:", 60.0)
        yield program, _sign_in(program, port), commune
    finally:
        program.stop()


def _populate(env: dict[str, str]) -> AreaId:
    """The places of the demonstration, and all speakers in one of them, as if they had been enrolled one by one."""
    founded = open_site(read_settings(env, {}))
    now = UtcMs(clock.now_ms())
    seed_dam_ha(founded.store, True, now)
    with founded.store.write() as unit:
        area = next(area for area in unit.places.areas() if area.code == UNITS[0][0])
        for number in range(RECEIVERS):
            speaker = SpeakerId(f"s-bench-{number}")
            public = SigningKey.generate().public_hex
            unit.places.add_speaker(Speaker(speaker, f"Cụm loa {number}", public), now, "bench")
            unit.places.add_member(Member(speaker, area.id, UtcMs(0), UtcMs(0)))
    founded.store.close()
    return area.id


def _sign_in(program: Program, port: int) -> Api:
    first = program.wait_for_words("one-time password", 5.0).split()[-1]
    api = Api(f"http://{LOOPBACK}:{port}")
    if api.sign_in("admin", first):
        api.change_password(first, "một-mật-khẩu-cho-phép-đo")
    return api


def _bulletin(api: Api) -> str:
    made = api.post("bulletins", {"title": "Phép đo", "text": "Mời bà con nghe thông báo của UBND xã."})
    path = f"bulletins/{made['id']}"
    wait_until(lambda: api.get(path)["preparation"]["state"] in ("done", "failed"), 60.0, "the bulletin's sound", 0.2)
    if api.get(path)["preparation"]["state"] == "failed":
        raise RuntimeError(str(api.get(path)["preparation"]))
    return str(made["id"])


@contextmanager
def _raw(port: int) -> Iterator[mqtt.Client]:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bench-raw", protocol=mqtt.MQTTv311)
    client.connect(LOOPBACK, port)
    client.loop_start()
    wait_until(client.is_connected, 5.0, "the peer's connection")
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()
