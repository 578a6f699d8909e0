"""The controller as a process over real brokers: kills on every side lose nothing and double nothing."""

import json
import queue
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.broker.acl import SPEAKER
from controller.broker.passwords import hash_password
from controller.cli import main
from controller.clock import now_ms
from protocol.envelope import open_envelope
from protocol.messages import Receipt
from schedules.states import PlaybackState
from schedules.units import BroadcastId, SpeakerId
from tests.controller.program import Program
from tests.controller.world import ADMIN, TOWN, World, now_when, world
from tests.rig.broker import (
    Client,
    MosquittoBroker,
    connected,
    wait_until,
)

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

S = PlaybackState
BOX = SpeakerId("s-box")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[tuple[World, MosquittoBroker, Program]]:
    """A site with one speaker, mosquitto, and a controller process over both; `World` writes from outside."""
    with world(tmp_path) as station:
        station.now = now_ms()
        station.add_speaker(BOX)
        with station.store.write() as unit:
            unit.places.put_broker_user(BOX, SPEAKER, hash_password("box"))
        broker = MosquittoBroker(tmp_path / "mosquitto", station.store)
        broker.start()
        program = Program(tmp_path / "data", broker.port)
        try:
            program.start()
            yield station, broker, program
        finally:
            program.close()
            broker.stop()


def everything(broadcast: BroadcastId, world: World) -> set[str]:
    """The topics that must stand on the broker while the broadcast is to come."""
    order = world.order(broadcast).broadcast
    with world.store.read() as unit:
        plans = [topic for topic in unit.outbox.retained() if "/plan/" in topic]
    return {
        "loaxa/v1/keys/1", "loaxa/v1/controller/status", f"loaxa/v1/speakers/{BOX}/config",
        f"loaxa/v1/areas/{TOWN}/broadcasts/{broadcast}", *plans,
        *(f"loaxa/v1/audio/{order.clips[0].id}/{part}" for part in ("index", 0, 1, 2, 3)),
    }  # fmt: skip


def lacking(broker: MosquittoBroker, wanted: set[str]) -> set[str]:
    """Which of `wanted` do not stand retained now (what stands comes right after the SUBACK)."""
    missing = set(wanted)
    with connected(broker.port, BOX, "box") as box:
        box.subscribe(*sorted(wanted))
        while missing:
            try:
                topic, payload, _ = box.next(1.0)
            except queue.Empty:
                break
            if payload:
                missing.discard(topic)
    return missing


def wait_until_standing(broker: MosquittoBroker, wanted: set[str]) -> None:
    seen: list[set[str]] = [wanted]

    def stands() -> bool:
        seen.append(lacking(broker, wanted))
        return not seen[-1]

    try:
        wait_until(stands, "everything stands", 20)
    except AssertionError as error:
        raise AssertionError(f"lacking: {sorted(seen[-1])}") from error


def test_a_broker_that_lost_its_memory_gets_everything_anew(scene: tuple[World, MosquittoBroker, Program]) -> None:
    station, broker, _ = scene
    broadcast = station.schedule(now_when())[0]
    wait_until(lambda: not station.dirty(), "everything is published", 20)
    wanted = everything(broadcast, station)
    assert any("/plan/" in topic for topic in wanted)
    wait_until_standing(broker, wanted)
    broker.stop()
    later = station.schedule(now_when())[0]
    broker.start()
    wait_until_standing(broker, wanted | everything(later, station))


def test_records_are_taken_in_exactly_once_across_kills(scene: tuple[World, MosquittoBroker, Program]) -> None:
    """A box sends 60 records and sends again what is not confirmed; the controller is killed twice."""
    station, broker, program = scene
    broadcast = station.schedule(now_when())[0]
    moves = [S.ACCEPTED, S.READY, S.PLAYING, *[S.SUSPENDED, S.PLAYING] * 28, S.PLAYED]
    payloads = [station.record(BOX, n, broadcast, state) for n, state in enumerate(moves, start=1)]
    with connected(broker.port, BOX, "box") as box:
        box.subscribe(f"loaxa/v1/speakers/{BOX}/receipts")
        confirmed, kills = 0, 2
        for _ in range(200):
            for payload in payloads[confirmed : confirmed + 20]:
                box.publish(f"loaxa/v1/speakers/{BOX}/playbacks/{broadcast}", payload)
            if kills and confirmed >= 15 * (3 - kills):
                program.kill()
                program.start()
                kills -= 1
            confirmed = max(confirmed, newest_receipt(box))
            if confirmed == len(payloads):
                break
    assert (confirmed, kills) == (len(payloads), 0)
    with station.store.read() as unit:
        assert unit.playbacks.records(BOX) == tuple(("store1", n, "") for n in range(1, len(payloads) + 1))
    assert station.desk.broadcast(broadcast, ADMIN).playbacks[0].state is S.PLAYED


def newest_receipt(box: Client) -> int:
    """The highest confirmed number, waiting a moment for the first receipt."""
    newest = 0
    wait = 1.0
    while True:
        try:
            message = open_envelope(box.next(wait)[1]).message
        except queue.Empty:
            return newest
        assert isinstance(message, Receipt)
        assert message.store_id == "store1"
        newest, wait = max(newest, message.up_to), 0.05


def test_a_stop_is_clean_and_told(scene: tuple[World, MosquittoBroker, Program]) -> None:
    _, broker, program = scene
    with connected(broker.port, BOX, "box") as box:
        box.subscribe("loaxa/v1/controller/status")
        wait_until(lambda: json.loads(box.next()[1])["online"], "online")
        assert program.end() == 0
        wait_until(lambda: not json.loads(box.next()[1])["online"], "offline")
    assert "Traceback" not in program.said


def test_a_killed_controller_is_told_by_its_will(scene: tuple[World, MosquittoBroker, Program]) -> None:
    _, broker, program = scene
    with connected(broker.port, BOX, "box") as box:
        box.subscribe("loaxa/v1/controller/status")
        wait_until(lambda: json.loads(box.next()[1])["online"], "online")
        program.kill()
        wait_until(lambda: not json.loads(box.next()[1])["online"], "offline")


def test_the_embedded_station_takes_a_new_speaker_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = Program(tmp_path / "data")
    try:
        program.start()
        assert "LoaXã one-time password for admin: " in program.said
        data = ["--data", str(tmp_path / "data")]
        assert main(["seed", "dam-ha", "--demo", *data]) == 0
        add = ["speaker", "add", *data, "--broker-port", str(program.broker_port), "--name", "Nhà văn hóa"]
        assert main([*add, "--area", "06895", "--out", str(tmp_path / "box")]) == 0
        assert main([*add, "--area", "nowhere", "--out", str(tmp_path / "none")]) == 2
        assert main(["monitor", "add", *data, "--name", "watcher"]) == 0
        *_, told = capsys.readouterr().out.splitlines()
        config = tomllib.loads((tmp_path / "box" / "agent.toml").read_text())
        password = (tmp_path / "box" / "broker.password").read_text().strip()
        with connected(program.broker_port, config["speaker"], password) as box:
            assert box.accepted
            box.subscribe("loaxa/v1/keys/+", f"loaxa/v1/speakers/{config['speaker']}/config")
            assert len(box.gather(2)) == 2
        with connected(program.broker_port, "watcher", told.split()[1]) as watcher:
            assert watcher.accepted
        assert not (tmp_path / "none").exists()
        assert [oct(path.stat().st_mode & 0o777) for path in sorted((tmp_path / "box").iterdir())] == ["0o600"] * 3
        assert program.end() == 0
        program.start()
        assert "one-time password" not in program.said
        assert program.end() == 0
        assert "Traceback" not in program.said
    finally:
        program.close()
