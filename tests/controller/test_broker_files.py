"""Mosquitto's files follow the store by themselves, also when the disk refuses at first."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.broker import files
from controller.broker.files import BROKER_USERS, BrokerFiles
from controller.settings import Settings
from schedules.units import SpeakerId
from tests.controller.world import World
from tests.rig.broker import add_broker_user, wait_until


def test_they_are_written_after_the_commit_and_again_when_the_disk_refused(
    station: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "RETRY_SECONDS", 0.05)
    folder = tmp_path / "broker"
    settings = replace(Settings(), broker_files=str(folder), broker_password="ours")
    station.store.on_commit(BrokerFiles(station.store, settings).heard)
    speaker = station.add_speaker("one")
    add_broker_user(station.store, speaker)
    assert not folder.exists()
    with station.store.write() as unit:
        unit.changed(BROKER_USERS)
    assert "one:$7$" in (folder / "passwd").read_text()
    (folder / "passwd.new").mkdir()
    with station.store.write() as unit:
        unit.places.revoke(SpeakerId(speaker))
        unit.changed(BROKER_USERS)
    assert "one:$7$" in (folder / "passwd").read_text()
    (folder / "passwd.new").rmdir()
    wait_until(lambda: "one:" not in (folder / "passwd").read_text(), "the file is written again")
