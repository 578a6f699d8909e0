"""Cutting a recorded part, without scripts and by the API: the rest is heard, and nobody is overtaken."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from audio.parts import Part
from controller.rights import Role
from schedules.units import BulletinId
from tests.browser.tones import write_tones
from tests.controller.web.conftest import Site, running
from tests.controller.world import COMMUNE, TOWN
from tests.rig.broker import wait_until


@dataclass
class Recorded:
    """A bulletin of one recording, 3 s long, whose copy is made."""

    site: Site
    bulletin: str

    @property
    def api(self) -> str:
        return f"/api/v1/bulletins/{self.bulletin}/parts/2"

    @property
    def page(self) -> str:
        return f"/ban-tin/{self.bulletin}/phan/2/cat"

    @property
    def part(self) -> Part:
        with self.site.world.store.read() as unit:
            return unit.parts.of(BulletinId(self.bulletin)).parts[1]

    @property
    def version(self) -> int:
        with self.site.world.store.read() as unit:
            bulletin = unit.bulletins.get(BulletinId(self.bulletin))
        assert bulletin is not None
        return bulletin.version

    def form(self, *rows: tuple[str, str], version: int | None = None) -> dict[str, object]:
        columns = {"from": [row[0] for row in rows], "to": [row[1] for row in rows]}
        return columns | {"version": str(self.version if version is None else version)}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder: Path = tmp_path_factory.mktemp("site")
    with running(folder) as site:
        sound = write_tones(folder / "a.wav", [(600, 3)]).read_bytes()
        editor = site.as_(Role.EDITOR, TOWN, "bien-tap")
        made = editor.post("/api/v1/bulletins/audio", data={"title": "Ghi âm"}, files={"file": ("a.wav", sound)})
        recorded = Recorded(site, made.json()["id"])
        wait_until(lambda: editor.get(recorded.api + "/waveform").json()["state"] != "working", "it is read", 60)
        yield recorded


def test_times_are_typed_and_the_rest_is_heard(recorded: Recorded) -> None:
    editor = recorded.site.as_(Role.EDITOR, TOWN, "bien-tap")
    before = recorded.version
    answer = editor.post(
        recorded.page, data=recorded.form(("", "0:00,5"), ("", ""), ("1,25", "2"), ("0:01,9", "0:02,1"))
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/ban-tin/{recorded.bulletin}")
    assert recorded.part.cuts == ((500, 1_250), (2_100, 3_000))
    assert recorded.version == before + 1
    assert editor.get(f"/api/v1/bulletins/{recorded.bulletin}").json()["preparation"]["state"] in ("waiting", "running")
    page = editor.get(recorded.page)
    assert 'value="0:01,25"' in page.text
    assert 'value="0:02,10"' in page.text
    assert "'nonce-" in page.headers["Content-Security-Policy"]
    audit = recorded.site.as_(Role.ADMINISTRATOR).get("/nhat-ky").text
    assert "cắt bản ghi" in audit
    assert editor.post(recorded.page, data=recorded.form(("", ""))).status_code == 303
    assert not recorded.part.cuts, "nothing cut is all of it"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("x", "1")], "không phải là thời điểm"),
        ([("2", "1")], "không nằm trong bản ghi"),
        ([("1", "9")], "không nằm trong bản ghi"),
        ([("", "")], None),
        ([("", "2"), ("1,9", "")], "không còn gì để nghe"),
        ([("0,1", "")], "không còn gì để nghe"),
    ],
)
def test_what_cannot_be_cut_is_said_and_what_was_typed_stays(
    recorded: Recorded, rows: list[tuple[str, str]], code: str | None
) -> None:
    editor = recorded.site.as_(Role.EDITOR, TOWN, "bien-tap")
    answer = editor.post(recorded.page, data=recorded.form(*rows))
    assert answer.status_code == (422 if code else 303)
    assert (code or "") in answer.text
    if code:
        assert all(f'value="{text}"' in answer.text for row in rows for text in row if text)
    assert recorded.part.cuts == ()


def test_the_api_cuts_what_was_looked_at(recorded: Recorded) -> None:
    editor = recorded.site.as_(Role.EDITOR, TOWN, "bien-tap")
    seen = editor.get(recorded.api + "/waveform").json()
    assert (seen["state"], seen["length_ms"], seen["step_ms"], len(seen["peaks"])) == ("ready", 3_000, 10, 300)
    sound = editor.get(recorded.api + "/recording")
    assert (sound.headers["content-type"], sound.content[:4]) == ("audio/ogg", b"OggS")
    version = recorded.version
    given = {"version": version, "kept": [{"start_ms": 100, "until_ms": 900}]}
    assert editor.put(recorded.api + "/cuts", json=given).json()["id"] == recorded.bulletin
    assert recorded.part.cuts == ((100, 900),)
    late = editor.put(recorded.api + "/cuts", json={"version": version, "kept": []})
    assert (late.status_code, late.json()["code"]) == (409, "edited-meanwhile")
    assert editor.post(recorded.page, data=recorded.form(version=version)).status_code == 409
    for kept in ([(5, 5)], [(0, 500), (400, 900)], [(0, 100)]):
        ranges = [{"start_ms": start, "until_ms": until} for start, until in kept]
        wrong = editor.put(recorded.api + "/cuts", json={"version": recorded.version, "kept": ranges})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "bad-cuts")
    assert recorded.part.cuts == ((100, 900),)
    assert editor.put(recorded.api + "/cuts", json={"version": recorded.version, "kept": []}).is_success
    for part in ("1", "9", "0", "-1"):
        missing = editor.get(f"/api/v1/bulletins/{recorded.bulletin}/parts/{part}/waveform")
        assert (missing.status_code, missing.json()["code"]) == (404, "no-recording")


def test_the_recording_of_one_place_is_not_anothers(recorded: Recorded) -> None:
    other = recorded.site.as_(Role.EDITOR, COMMUNE, "xa-khac")
    for path in (recorded.page, recorded.api + "/waveform", recorded.api + "/recording"):
        assert other.get(path).status_code in (403, 404)
    assert other.put(recorded.api + "/cuts", json={"version": 1, "kept": []}).status_code in (403, 404)
    assert recorded.site.as_(Role.VIEWER, TOWN).get(recorded.page).status_code == 403
