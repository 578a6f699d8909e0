"""A station that has no places yet: the first bulletins are written all the same."""

from pathlib import Path

from audio.clips import ClipStore, RecordingStore
from controller import clock
from controller.desk.office import Office
from controller.desk.room import Room
from controller.desk.values import NewBulletin
from controller.founding import open_site
from controller.planning import Planner
from controller.settings import Settings
from tests.controller.world import ADMIN


def test_a_text_and_a_recording_become_bulletins_of_no_place(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    founded = open_site(settings)
    planner = Planner(founded.signer, settings.time_zone, settings.horizon_days)
    clips, recordings = ClipStore(tmp_path / "clips"), RecordingStore(tmp_path / "recordings")
    desk = Office(Room(founded.store, planner, clips, recordings, lambda _topic, _payload: False, clock.now_ms))
    upload = tmp_path / "upload"
    upload.write_bytes(b"sound")
    try:
        text = desk.bulletin_from_text(NewBulletin("Họp thôn"), "Kính mời bà con.", ADMIN)
        recorded = desk.bulletin_from_audio(NewBulletin("Ghi âm"), upload, "a.mp3", ADMIN)
        assert [each.id for each in desk.bulletins(ADMIN)] == [recorded, text]
    finally:
        founded.store.close()
