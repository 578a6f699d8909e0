"""Sound is made in the background; what ran at a crash begins again; what is no sound is refused in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.desk.values import NewBulletin, PreparationState
from controller.preparation import Preparer
from tests.controller.world import ADMIN, World
from tests.rig.broker import wait_until


@pytest.fixture
def preparer(station: World) -> Iterator[Preparer]:
    made = Preparer(station.store, station.clips, station.folder / "work", station.folder / "uploads")
    yield made
    made.stop()


def test_a_job_that_ran_at_a_crash_begins_again(station: World, preparer: Preparer) -> None:
    bulletin = station.desk.bulletin_from_text(NewBulletin("A"), "Kính mời bà con.", ADMIN)
    with station.store.write() as unit:
        unit.bulletins.move_job(bulletin, state="running", step="…", percent=40)
    told: list[str] = []
    station.desk.on_change(told.append)
    preparer.start()
    state = PreparationState.DONE
    wait_until(lambda: station.desk.bulletin(bulletin).preparation.state is state, "the sound is ready", 50)
    view = station.desk.bulletin(bulletin)
    assert view.clips[0].size_bytes == station.desk.clip_file(view.clips[0].id).stat().st_size
    assert f"bulletin:{bulletin}" in told


def test_an_upload_that_is_no_sound_is_refused_in_words(station: World, preparer: Preparer, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"this is not a sound\n" * 500)
    preparer.start()
    bulletin = station.desk.bulletin_from_audio(NewBulletin("A"), upload, "a.mp3", ADMIN)
    state = PreparationState.FAILED
    wait_until(lambda: station.desk.bulletin(bulletin).preparation.state is state, "it is refused", 50)
    preparation = station.desk.bulletin(bulletin).preparation
    assert preparation.error_code == "not-audio"
    assert preparation.error.endswith(".")
    wait_until(lambda: list((station.folder / "uploads").iterdir()) == [], "the refused file is not kept")
