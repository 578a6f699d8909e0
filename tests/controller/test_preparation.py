"""Sound is made in the background; what ran at a crash begins again; what is no sound is refused in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.parts import Part, PartKind, simple
from audio.prepare import PreparationFailed
from controller.adopting import adopt_uploads
from controller.desk.readings import ReadingTable
from controller.desk.values import NewBulletin, PreparationState
from controller.preparation import Preparer, is_disk_full
from schedules.units import BulletinId
from tests.controller.world import ADMIN, TOWN, World
from tests.rig.broker import wait_until


@pytest.fixture
def preparer(station: World) -> Iterator[Preparer]:
    made = Preparer(station.store, station.clips, station.folder / "work", station.room.recordings)
    yield made
    made.stop()


def test_a_job_that_ran_at_a_crash_begins_again(station: World, preparer: Preparer) -> None:
    bulletin = station.desk.bulletin_from_text(NewBulletin("A", area=TOWN), "Kính mời bà con QZX.", ADMIN)
    ReadingTable(station.room).remember(TOWN, "QZX", "quê xa", ADMIN)
    with station.store.write() as unit:
        unit.bulletins.move_job(bulletin, state="running", step="…", percent=40)
    told: list[str] = []
    station.desk.on_change(told.append)
    preparer.start()
    state = PreparationState.DONE
    wait_until(lambda: station.desk.bulletin(bulletin, ADMIN).preparation.state is state, "the sound is ready", 50)
    view = station.desk.bulletin(bulletin, ADMIN)
    assert view.clips[0].size_bytes == station.desk.clip_file(view.clips[0].id, ADMIN).stat().st_size
    assert f"bulletin:{bulletin}" in told
    assert view.spoken == "Kính mời bà con quê xa.", "by the readings that hold when the sound is made"


def test_an_upload_that_is_no_sound_is_refused_in_words(station: World, preparer: Preparer, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"this is not a sound\n" * 500)
    preparer.start()
    bulletin = station.desk.bulletin_from_audio(NewBulletin("A"), upload, "a.mp3", ADMIN)
    state = PreparationState.FAILED
    wait_until(lambda: station.desk.bulletin(bulletin, ADMIN).preparation.state is state, "it is refused", 50)
    preparation = station.desk.bulletin(bulletin, ADMIN).preparation
    assert preparation.error_code == "not-audio"
    assert preparation.error.endswith(".")
    with station.store.read() as unit:
        (recording,) = unit.parts.of(bulletin).recordings
    assert station.room.recordings.path(recording).read_bytes().startswith(b"this is"), "what came is kept"


def test_what_a_crash_left_behind_is_removed(station: World, preparer: Preparer) -> None:
    half = station.folder / "work" / "prepare-x"
    half.mkdir(parents=True)
    (half / "raw.pcm").write_bytes(b"raw")
    preparer.start()
    assert not half.exists()


def test_an_upload_of_a_version_of_before_becomes_a_recording(station: World, tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    (uploads / "up-1").write_bytes(b"a sound of before")
    (uploads / "up-orphan").write_bytes(b"nobody's")
    bulletin = station.bulletin()
    with station.store.write() as unit:
        unit.parts.put(bulletin, simple(Part(PartKind.RECORDING)))
        unit.bulletins.move_job(bulletin, state="waiting", upload="up-1")
    adopt_uploads(station.store, station.room.recordings, uploads, station.now)
    with station.store.read() as unit:
        (recording,) = unit.parts.of(bulletin).recordings
        kept = unit.recordings.get(recording)
        job = unit.bulletins.job(bulletin)
    assert kept is not None
    assert (kept.title, kept.made_by, kept.size_bytes) == ("Thông báo", "admin", 17)
    assert station.room.recordings.path(recording).read_bytes() == b"a sound of before"
    assert job is not None
    assert (job.state, job.upload) == ("waiting", "")
    assert not uploads.exists()
    adopt_uploads(station.store, station.room.recordings, uploads, station.now)


def test_a_failure_of_ours_is_told_and_does_not_hold_up_the_next(station: World, tmp_path: Path) -> None:
    """The folder for the work is a file: nothing can be made there."""
    work = tmp_path / "work"
    work.write_text("")
    preparer = Preparer(station.store, station.clips, work, station.room.recordings)
    upload = tmp_path / "upload"
    upload.write_bytes(b"sound")
    bulletins = [
        station.desk.bulletin_from_audio(NewBulletin("A"), upload, "a.mp3", ADMIN),
        station.desk.bulletin_from_text(NewBulletin("B"), "Kính mời bà con.", ADMIN),
    ]
    preparer.start()
    for bulletin in bulletins:
        wait_until(lambda b=bulletin: _failed(station, b), "it is told", 30)  # type: ignore[misc]
    preparer.stop()


def _failed(station: World, bulletin: BulletinId) -> bool:
    return station.desk.bulletin(bulletin, ADMIN).preparation.error_code == "preparation-failed"


def test_a_full_disk_is_known_here_and_in_the_child() -> None:
    """/dev/full is a disk on which every write finds no room (null(4))."""
    with pytest.raises(OSError, match="space") as found, open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    assert is_disk_full(found.value)
    assert is_disk_full(PreparationFailed(f"OSError: {found.value}"))
    assert not is_disk_full(PreparationFailed("the child ended with -9"))
