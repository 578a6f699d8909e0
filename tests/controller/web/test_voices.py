"""Voices by form and by API: chosen, kept with the bulletin, remembered by a station, heard before it is saved."""

from pathlib import Path

import pytest

from audio.sources import VoiceChoice
from controller.desk.previews import KEPT, MOST_A_MINUTE, Previews
from controller.desk.refusal import Refusal
from controller.rights import Role
from schedules.units import BulletinId, UtcMs
from tests.controller.web.conftest import Site, Visitor
from tests.controller.world import COMMUNE, TOWN

TEXT = "Kính mời bà con.\n\nXin cảm ơn."


def editor(site: Site, name: str = "") -> Visitor:
    return site.as_(Role.EDITOR, COMMUNE, name)


def read_by(site: Site, bulletin: str) -> tuple[str, str, int, int]:
    with site.world.store.read() as unit:
        body = unit.parts.of(BulletinId(bulletin)).simple
    assert body is not None
    return body.voice, body.second_voice, body.rate, body.pitch


def test_the_table_names_each_voice_with_its_language_and_engine(shared_site: Site) -> None:
    voices = editor(shared_site).get("/api/v1/voices").json()
    assert [(each["name"], each["engine"], each["language"], each["available"]) for each in voices] == [
        ("vi", "espeak", "vi", True),
        ("vi-central", "espeak", "vi", True),
        ("vi-south", "espeak", "vi", True),
    ]


def test_a_bulletin_keeps_the_voice_that_was_chosen_else_the_usual_one(site: Site) -> None:
    visitor = editor(site)
    usual = {"voice": "vi-south", "second_voice": "vi", "rate": 85, "pitch": 100}
    assert visitor.put("/api/v1/voices/usual", json=usual).json() == usual
    assert visitor.get("/api/v1/voices/usual").json() == usual
    plain = visitor.post("/api/v1/bulletins", json={"title": "A", "text": TEXT}).json()["id"]
    chosen = {"title": "B", "text": TEXT, "voice": "vi-central", "rate": 120, "pitch": 115}
    other = visitor.post("/api/v1/bulletins", json=chosen).json()["id"]
    assert read_by(site, plain) == ("vi-south", "vi", 85, 100)
    assert read_by(site, other) == ("vi-central", "", 120, 115)
    acts = site.client.get("/api/v1/audit", params={"action": "area.voice"}).text
    assert acts.count("area.voice") == 1


def test_a_form_chooses_by_words_and_remembers_when_it_is_asked_to(site: Site) -> None:
    visitor = editor(site)
    form = {"csrf_token": visitor.csrf, "title": "A", "content": "text", "text": TEXT, "field": "1"}
    form |= {"voice": "vi-south", "second_voice": "", "rate": "fast", "pitch": "low", "remember_voice": "1"}
    made = visitor.post("/ban-tin/moi", files={name: (None, value) for name, value in form.items()})
    assert read_by(site, made.headers["Location"].rpartition("/")[2]) == ("vi-south", "", 120, 85)
    assert visitor.get("/api/v1/voices/usual").json()["rate"] == 120
    with site.world.store.read() as unit:
        assert unit.voices.of(COMMUNE) == VoiceChoice("vi-south", "", 120, 85)
        assert unit.voices.of(TOWN) is None


def test_an_edit_may_change_only_the_voice(site: Site) -> None:
    visitor = editor(site)
    bulletin = visitor.post("/api/v1/bulletins", json={"title": "A", "text": TEXT}).json()["id"]
    form = {"csrf_token": visitor.csrf, "title": "A", "text": TEXT, "field": "1", "version": "1"}
    form |= {"voice": "vi", "second_voice": "vi-south", "rate": "normal", "pitch": "normal"}
    assert visitor.post(f"/ban-tin/{bulletin}/sua", data=form).status_code == 303
    assert read_by(site, bulletin) == ("vi", "vi-south", 100, 100)
    page = visitor.get(f"/ban-tin/{bulletin}/sua").text
    assert '<option value="vi-south" selected>' in page
    assert visitor.post(f"/ban-tin/{bulletin}/sua", data=form | {"version": "2"}).status_code == 303
    assert visitor.get(f"/api/v1/bulletins/{bulletin}").json()["version"] == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"voice": "vi-west"}, "unknown-voice"),
        ({"voice": "vi", "second_voice": "x" * 500}, "unknown-voice"),
    ],
)
def test_a_voice_that_is_not_in_the_table_is_refused(shared_site: Site, wrong: dict[str, str], code: str) -> None:
    visitor = editor(shared_site)
    for method, path, more in (
        ("POST", "/api/v1/bulletins", {"title": "A", "text": TEXT}),
        ("PUT", "/api/v1/voices/usual", {}),
        ("POST", "/api/v1/speech", {"text": TEXT}),
    ):
        answer = visitor.request(method, path, json=more | wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_manner_beyond_the_limits_is_refused(shared_site: Site) -> None:
    visitor = editor(shared_site)
    for wrong in ({"rate": 1_000}, {"pitch": 10}):
        body = {"title": "A", "text": TEXT, "voice": "vi"} | wrong
        assert visitor.post("/api/v1/bulletins", json=body).status_code == 422
    form = {"csrf_token": visitor.csrf, "text": TEXT, "hear": "0", "voice": "vi", "rate": "9999", "pitch": "normal"}
    answer = visitor.post("/ban-tin/nghe-doan", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "từ 70 đến 140 %" in answer.text


def test_nobody_chooses_for_a_place_that_is_not_theirs(shared_site: Site) -> None:
    visitor = editor(shared_site)
    body = {"voice": "vi-south", "area": str(TOWN)}
    assert visitor.put("/api/v1/voices/usual", json=body).status_code == 403
    assert visitor.get("/api/v1/voices/usual", params={"area": str(TOWN)}).status_code == 403


def test_a_paragraph_is_heard_and_kept_for_who_asked(shared_site: Site) -> None:
    one, other = editor(shared_site, "một"), editor(shared_site, "hai")
    sound = one.post("/api/v1/speech", json={"text": TEXT, "paragraph": 1, "voice": "vi-south"})
    assert sound.headers["Content-Type"] == "audio/ogg"
    assert sound.content.startswith(b"OggS")
    form = {"csrf_token": one.csrf, "text": TEXT, "hear": "1", "voice": "vi-south", "rate": "100", "pitch": "100"}
    part = one.post("/ban-tin/nghe-doan", data=form).text
    address = part.partition('src="')[2].partition('"')[0]
    heard = one.get(address, headers={"Range": "bytes=0-99"})
    assert (heard.status_code, len(heard.content)) == (206, 100)
    assert one.get(address).content == sound.content
    assert other.get(address).status_code == 404
    assert one.post("/api/v1/speech", json={"text": TEXT, "paragraph": 2}).json()["code"] == "no-paragraph"
    assert one.post("/api/v1/speech", json={"text": "😀"}).json()["code"] == "no-paragraph"


def test_who_asks_too_often_waits_and_what_is_kept_is_bounded(tmp_path: Path) -> None:
    previews, now = Previews(tmp_path / "previews"), UtcMs(1_000_000)
    for number in range(MOST_A_MINUTE):
        previews.made(f"{number}", "a", now, lambda: (b"OggS", ""))
    previews.made("0", "a", now, lambda: pytest.fail("it is kept"))
    with pytest.raises(Refusal) as caught:
        previews.made("more", "a", now, lambda: (b"OggS", ""))
    assert caught.value.params == {"seconds": 60}
    previews.made("more", "b", now, lambda: (b"OggS", ""))
    later = UtcMs(now + 60_000)
    for person in "cdef":
        for number in range(MOST_A_MINUTE):
            previews.made(f"{number}", person, later, lambda: (b"OggS", ""))
    previews.made("more", "a", later, lambda: (b"OggS", ""))
    assert len(list((tmp_path / "previews").iterdir())) == KEPT
    assert Previews(tmp_path / "previews").get("x", "a") is None
    assert list((tmp_path / "previews").iterdir()) == []
