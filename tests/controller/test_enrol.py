"""`speaker add` writes a folder from which a box can start, wherever it reaches the broker from."""

from datetime import date
from pathlib import Path

import pytest

from controller.cli import BAD_INPUT, main
from controller.enrol import NewSpeaker, add_speaker
from controller.link import BrokerAddress
from edge_agent.settings import load
from tests.controller.world import ADMIN, TOWN, ZONE, World, when_daily


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "controller"
    assert main(["seed", "dam-ha", "--data", str(folder)]) == 0
    return folder


def add(data: Path, out: Path, area: str = "06895") -> int:
    return main(["speaker", "add", "--data", str(data), "--area", area, "--name", "Cụm loa", "--out", str(out)])


def test_a_box_elsewhere_gets_the_public_broker_and_its_authority(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\n")
    monkeypatch.setenv("LOAXA_BROKER_URL", "mqtt://broker:1883")
    monkeypatch.setenv("LOAXA_BROKER_PUBLIC_URL", "mqtts://loa.example:8884")
    monkeypatch.setenv("LOAXA_BROKER_PUBLIC_CA_FILE", str(authority))
    assert add(data, tmp_path / "box") == 0
    broker = load(tmp_path / "box" / "agent.toml").broker
    assert (broker.host, broker.port, broker.tls) == ("loa.example", 8884, True)
    assert broker.ca_file is not None
    assert Path(broker.ca_file).read_text() == authority.read_text()


def test_without_a_public_address_it_gets_the_controllers_own(data: Path, tmp_path: Path) -> None:
    assert add(data, tmp_path / "box") == 0
    broker = load(tmp_path / "box" / "agent.toml").broker
    assert (broker.host, broker.port, broker.tls) == ("127.0.0.1", 1883, False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LOAXA_BROKER_PUBLIC_URL", "http://loa.example"), ("LOAXA_BROKER_PUBLIC_CA_FILE", "/nowhere/ca.crt")],
)
def test_a_wrong_setting_is_named_and_nothing_is_written(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    assert add(data, tmp_path / "box") == BAD_INPUT
    assert variable in capsys.readouterr().err
    assert not (tmp_path / "box").exists()


def test_an_unknown_area_names_the_known_ones(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(data, tmp_path / "box", area="Hà Nội") == BAD_INPUT
    assert "06895 (thị trấn Đầm Hà)" in capsys.readouterr().err
    assert not (tmp_path / "box").exists()


def test_the_key_of_another_box_is_never_overwritten(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(data, tmp_path / "box") == 0
    key = (tmp_path / "box" / "agent.key").read_text()
    assert add(data, tmp_path / "box") == BAD_INPUT
    assert "another speaker" in capsys.readouterr().err
    assert (tmp_path / "box" / "agent.key").read_text() == key


def test_a_new_speaker_is_counted_in_what_its_area_will_hear(station: World) -> None:
    station.add_speaker("s-1")
    broadcast = station.schedule(when_daily(date(2026, 12, 8)))[0]
    broker = BrokerAddress("127.0.0.1", 1883, "", "")
    new = add_speaker(
        station.store, station.signer, NewSpeaker(TOWN, "Mới"), broker, station.folder / "box", station.now, ZONE
    )
    assert new in {playback.speaker for playback in station.desk.broadcast(broadcast, ADMIN).playbacks}


@pytest.mark.parametrize("url", ["mysql://x", "no url", "postgresql://loaxa:secret@127.0.0.1:1/x"])
def test_a_database_that_cannot_be_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert main(["db", "upgrade", "--data", str(tmp_path), "--database-url", url]) == BAD_INPUT
    told = capsys.readouterr().err
    assert told.startswith("loaxa: LOAXA_DATABASE_URL: ")
    assert "secret" not in told
    assert told.count("\n") == 1
