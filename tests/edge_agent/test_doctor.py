"""The doctor on boxes that are well, and on real things that are not: each told by its name, with what to do."""

import importlib
import json
import os
import pkgutil
import string
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import edge_agent
from edge_agent.clock import SystemClock
from edge_agent.database import Database
from edge_agent.doctor import broker as broker_checks
from edge_agent.doctor import clock as clock_checks
from edge_agent.doctor import disk, keys, sound
from edge_agent.doctor.examine import examine
from edge_agent.doctor.findings import Finding, Verdict, all_well, as_json, as_lines
from edge_agent.estimate import Estimate, Kept, Source
from edge_agent.machine import LinuxMachine
from edge_agent.settings import BrokerSettings, SoundSettings, load
from edge_agent.timekeeper import NOTED
from edge_agent.words import Lang, Sentence
from schedules.units import SpeakerId
from tests.rig.box import Box, write_config
from tests.rig.mosquitto import Mosquitto
from tests.rig.ports import LOOPBACK, free_port
from tests.rig.pulse import Pulse
from tests.rig.shipped import ShippedMosquitto, broker, folder
from tests.rig.site import Signer, Site, wait_until

__all__ = ["broker", "folder"]  # the fixtures

CLOCK = SystemClock()
NOWHERE = SoundSettings("null", "", Path("recordings"))


def lines(findings: Sequence[Finding], lang: Lang) -> list[str]:
    return [line for finding in findings for line in as_lines(finding, lang)]


def told(findings: Sequence[Finding]) -> dict[str, Verdict]:
    """Code and verdict; and everything can be said in both languages, with advice where it is not well."""
    assert all(bool(finding.advice) == (finding.verdict is not Verdict.WELL) for finding in findings)
    for lang in Lang:
        assert "{" not in "".join(lines(findings, lang))
        json.loads(as_json(findings, lang))
    return {finding.code: finding.verdict for finding in findings}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path / "box", Signer(), free_port(), sink="null")


def test_a_box_without_broker_is_told_to_look_for_it_and_the_rest_is_looked_at(config: Path) -> None:
    findings = list(examine(config, CLOCK))
    codes = told(findings)
    assert codes["port"] is Verdict.BAD
    assert not all_well(findings)
    assert {"log_in", "topics"}.isdisjoint(codes)
    assert codes["writable"] is Verdict.WELL
    assert codes.get("synced", codes.get("not_synced"))  # as this machine happens to be
    assert codes.get("flows", codes.get("underruns"))  # whether there are gaps is the load of this machine
    assert (codes["null"], codes["no_list"]) == (Verdict.DOUBT, Verdict.DOUBT)
    assert any(line.startswith("✗ Máy chủ") and "Không nối được" in line for line in lines(findings, Lang.VI))


def test_a_config_file_that_cannot_be_used_is_a_finding_and_exit_code_1(config: Path) -> None:
    config.write_text(config.read_text().replace("[broker]", "[brokr]"))
    words = [sys.executable, "-m", "edge_agent", "doctor", "--config", str(config)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("✗ Cấu hình")
    assert "brokr" in done.stdout
    assert "Cần làm: " in done.stdout


def told_by(broker: ShippedMosquitto, **other: str) -> dict[str, Verdict]:
    authority = str(broker.folder / "tls/ca.crt")
    settings = replace(BrokerSettings(LOOPBACK, broker.outside, "s-one", "first", True, authority), **other)  # type: ignore[arg-type]
    return told(broker_checks.check(settings, SpeakerId("s-one"), ""))


@pytest.fixture
def rules(folder: Path) -> None:
    """As the controller writes them for speakers; before the broker starts."""
    (folder / "broker/acl").write_text("pattern readwrite loaxa/v1/speakers/%u/#\n")


@pytest.mark.usefixtures("rules")
def test_certificate_password_and_own_topics_are_tried_on_the_shipped_broker(broker: ShippedMosquitto) -> None:
    well = {"name": Verdict.WELL, "port": Verdict.WELL, "certificate": Verdict.WELL}
    assert told_by(broker) == {**well, "log_in": Verdict.WELL, "no_config": Verdict.DOUBT}
    assert told_by(broker, password="old") == {**well, "log_in": Verdict.BAD}
    assert told_by(broker, fingerprint="0" * 64)["certificate"] is Verdict.BAD
    command = ["mosquitto_pub", "-h", LOOPBACK, "-p", str(broker.inside), "-u", "s-one", "-P", "first", "-r", "-q", "1"]
    subprocess.run([*command, "-t", "loaxa/v1/speakers/s-one/config", "-m", "{}"], check=True, timeout=20)
    assert told_by(broker) == {**well, "log_in": Verdict.WELL, "topics": Verdict.WELL}
    assert told_by(broker, host="nowhere.invalid") == {"name": Verdict.BAD}


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that this user cannot write to; root can write everywhere but on a read-only disk."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield folder
        return
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("root may not mount here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_folder_that_cannot_be_written(read_only: Path) -> None:
    findings = disk.check(read_only, CLOCK)
    assert told(findings) == {"not_writable": Verdict.BAD}
    assert str(read_only) in lines(findings, Lang.EN)[0]


def test_a_database_that_is_damaged_and_a_probe_that_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "agent.sqlite3").write_bytes(b"no database" * 1000)
    assert told(disk.check(tmp_path, CLOCK))["database"] is Verdict.BAD
    assert [path.name for path in tmp_path.iterdir()] == ["agent.sqlite3"]


def test_the_time_that_the_agent_goes_by_is_set_beside_the_systems(tmp_path: Path) -> None:
    machine = LinuxMachine()
    now = machine.monotonic_ns()
    estimate = Estimate(Source.ANSWER, machine.system_ns() - now + 5_000_000_000, 1_000_000, now, now)
    database = Database(tmp_path / "agent.sqlite3")
    noted = "INSERT INTO meta VALUES (?, ?)"
    with database.transaction() as run:
        run.execute(noted, (NOTED, Kept(machine.boot_id(), machine.system_ns(), estimate).dump()))
    findings = clock_checks.check(CLOCK, machine, tmp_path)
    assert told(findings)["own_time"] is Verdict.WELL
    own = next(finding for finding in findings if finding.code == "own_time")
    assert own.values["source"] == "answer"
    assert 4_500 < int(str(own.values["ahead_ms"])) < 5_500
    with database.transaction() as run:  # noted before the machine was started anew: says nothing about now
        run.execute("UPDATE meta SET value = ?", (Kept("another run", machine.system_ns(), estimate).dump(),))
    assert "own_time" not in told(clock_checks.check(CLOCK, machine, tmp_path))
    database.close()


def on_this_sound(config: Path, env: dict[str, str], device: str) -> dict[str, str]:
    """What a doctor's process finds of the sound card there: code and verdict."""
    config.write_text(config.read_text().replace('sink = "null"', f'sink = "card"\ndevice = "{device}"', 1))
    config.write_text(config.read_text().replace('device = ""\n', "", 1))
    words = [sys.executable, "-m", "edge_agent", "doctor", "--config", str(config), "--json", "--lang", "en"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **env})
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)["findings"]
    return {each["code"]: each["verdict"] for each in found if each["part"] == "sound"}


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[Pulse]:
    server = Pulse(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.mark.system
def test_a_card_that_is_there_one_that_is_not_and_none_at_all(config: Path, pulse: Pulse, tmp_path: Path) -> None:
    found = on_this_sound(config, pulse.env, "")
    assert found.pop("card") == "well"
    assert set(found) <= {"flows", "underruns"}
    config.write_text(config.read_text().replace('device = ""', 'device = "horn 7"'))
    words = [sys.executable, "-m", "edge_agent", "doctor", "--config", str(config)]
    env = {**os.environ, **pulse.env}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=env)
    assert "✗ Âm thanh  Không có card “horn 7”. Có: " in done.stdout


@pytest.mark.system
def test_while_the_agent_runs_its_connection_and_its_card_are_left_alone(
    site: Site, box: Box, mosquitto: Mosquitto
) -> None:
    site.introduce()
    box.start()
    wait_until(lambda: any(status.keys_version for status in site.statuses), 20, "the box is up and has the keys")
    findings = list(examine(box.config, CLOCK))
    codes = told(findings)
    assert codes["list"] is Verdict.WELL
    assert codes["agent_runs"] is Verdict.DOUBT
    assert {"log_in", "flows"}.isdisjoint(codes)
    assert any(finding.values.get("pid") == str(box.pid) for finding in findings)
    assert all(status.online for status in site.statuses)
    assert box.terminate() == 0
    settings = load(box.config)
    assert told(broker_checks.check(settings.broker, settings.speaker, ""))["topics"] is Verdict.WELL
    assert told(keys.check(settings))["list"] is Verdict.WELL
    assert not told(sound.check(NOWHERE, CLOCK, "")).keys() <= {"null"}


def test_every_sentence_is_there_in_both_languages_with_the_same_values() -> None:
    found = 0
    for module in pkgutil.walk_packages(edge_agent.__path__, "edge_agent."):
        for name, sentence in vars(importlib.import_module(module.name)).items():
            if isinstance(sentence, Sentence):
                found += 1
                assert sentence.vi.strip(), name
                assert sentence.en.strip(), name
                assert fields(sentence.vi) <= fields(sentence.en) | {"advice"}, name
                assert fields(sentence.en) <= fields(sentence.vi) | {"advice"}, name
    assert found > 60


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_becomes_the_user_whose_folder_it_is(tmp_path: Path) -> None:
    os.chown(tmp_path, 65_534, 65_534)
    code = (
        "import os; from pathlib import Path; from edge_agent.owner import become_owner;"
        f"become_owner(Path({str(tmp_path)!r}) / 'data' / 'not-there'); print(os.geteuid(), os.getegid())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == ["65534", "65534"]
