"""Over the real desk: every bad input gets a clear Vietnamese answer and changes nothing."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from audio.clips import ClipStore, RecordingStore
from controller import clock
from controller.desk.accounts import FIRST_USER, Ledger
from controller.desk.office import Office
from controller.desk.room import Room
from controller.enrol import NewSpeaker, add_speaker
from controller.founding import open_site
from controller.link import BrokerAddress
from controller.planning import Planner
from controller.preparation import Preparer
from controller.seed import seed_dam_ha
from controller.settings import Settings
from controller.web.app import create_app
from tests.audio.inspected import scaled, speech_at_48k, stereo, write_channels
from tests.audio.sounds import decoded
from tests.controller.web.conftest import served

QUANG_LAM, TAN_BINH = "dam-ha-06898", "dam-ha-06904"
LATER = {"kind": "once", "day": "2099-01-01", "at": "17:00"}


@dataclass
class Real:
    """A signed-in client of a real desk, and a bulletin whose sound is ready."""

    client: httpx.Client
    bulletin: str = ""

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.client.post(f"/api/v1/{path}", json=body)

    def ready(self, bulletin: str) -> dict[str, Any]:
        """The bulletin when its preparation has ended."""
        for _ in range(1500):
            view: dict[str, Any] = self.client.get(f"/api/v1/bulletins/{bulletin}").json()
            if view["preparation"]["state"] in ("done", "failed"):
                return view
            threading.Event().wait(0.02)
        raise AssertionError(view)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    folder = tmp_path_factory.mktemp("site")
    settings = Settings(data=folder)
    founded = open_site(settings)
    seed_dam_ha(founded.store, True, clock.now_ms())
    broker = BrokerAddress("127.0.0.1", 1883, "nobody", "nothing")
    speaker = NewSpeaker(QUANG_LAM, "Cụm loa 1")
    add_speaker(founded.store, founded.signer, speaker, broker, folder / "box", clock.now_ms(), settings.time_zone)
    clips, recordings = ClipStore(folder / "clips"), RecordingStore(folder / "recordings")
    planner = Planner(founded.signer, settings.time_zone, settings.horizon_days)
    desk = Office(Room(founded.store, planner, clips, recordings, lambda _topic, _payload: False, clock.now_ms))
    accounts = Ledger(founded.store, clock.now_ms)
    password = accounts.found()
    app = create_app(desk, accounts, desk.room, secure_cookies=False, upload_dir=folder / "incoming", now=clock.now_ms)
    preparer = Preparer(founded.store, clips, folder / "work", recordings)
    preparer.start()
    try:
        with served(app) as (base, _, _), httpx.Client(base_url=base, timeout=20) as client:
            yield _signed_in(client, str(password))
    finally:
        preparer.stop()
        founded.store.close()


def _signed_in(client: httpx.Client, password: str) -> Real:
    answer = client.post("/api/v1/session", json={"username": FIRST_USER, "password": password}).json()
    assert answer["must_change_password"] is True
    client.headers["X-CSRF-Token"] = answer["csrf_token"]
    changed = client.put("/api/v1/session/password", json={"old": password, "new": "một câu dài dễ nhớ"})
    assert changed.json()["must_change_password"] is False
    client.headers["X-CSRF-Token"] = changed.json()["csrf_token"]
    real = Real(client)
    real.bulletin = real.post("bulletins", {"title": "Thử", "text": "Kính mời bà con."}).json()["id"]
    assert real.ready(real.bulletin)["preparation"]["state"] == "done"
    return real


def refused(answer: httpx.Response, status: int, code: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert any(letter in problem["detail"].lower() for letter in "ãạảấầậẩẫắặằẳẵéèẹẻẽếềệểễíìịỉĩóòọỏõốồộổỗớờợởỡ")


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty-text"), (" \n\t ", "empty-text"), ("chữ " * 25_000, "text-too-long")]
)
def test_texts(real: Real, text: str, code: str) -> None:
    refused(real.post("bulletins", {"title": "Thử", "text": text}), 422, code)


@pytest.mark.parametrize("field", ["username", "password"])
def test_half_a_character_is_the_senders_mistake(real: Real, field: str) -> None:
    body = {"username": "admin", "password": "x", field: "\ud800"}
    answer = real.client.post(
        "/api/v1/session", content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    refused(answer, 422, "invalid")


def test_no_title(real: Real) -> None:
    refused(real.post("bulletins", {"title": " ", "text": "Kính mời"}), 422, "no-title")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"areas": []}, "no-target"),
        ({"areas": ["nowhere"]}, "unknown-area"),
        ({"speakers": ["nobody"]}, "unknown-speaker"),
        ({"areas": [TAN_BINH]}, "no-speaker"),
    ],
)
def test_places(real: Real, change: dict[str, Any], code: str) -> None:
    order = {"bulletin": real.bulletin, "when": LATER, "areas": [], **change}
    refused(real.post("schedules", order), 422, code)
    refused(real.post("schedules/preview", order), 422, code)


@pytest.mark.parametrize(
    ("when", "field"),
    [
        ({"kind": "once", "day": "2020-01-01", "at": "17:00"}, "at"),
        ({"kind": "once", "day": "2099-01-01"}, "at"),
        ({"kind": "once", "at": "17:00"}, "day"),
        ({"kind": "weekly", "day": "2099-01-01", "at": "17:00", "weekdays": []}, "weekdays"),
    ],
)
def test_times(real: Real, when: dict[str, Any], field: str) -> None:
    answer = real.post("schedules", {"bulletin": real.bulletin, "when": when, "areas": [QUANG_LAM]})
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
    assert real.client.get("/api/v1/broadcasts", params={"day": "2020-01-01"}).json() == []


def test_an_emergency_is_confirmed_by_its_places(real: Real) -> None:
    order = {"bulletin": real.bulletin, "when": LATER, "areas": [QUANG_LAM], "priority": 1}
    refused(real.post("schedules", order), 422, "not-confirmed")
    understood = real.post("schedules/preview", order).json()
    assert understood["needs_confirmation"] is True
    assert understood["places_sentence"] == "xã Quảng Lâm"
    assert understood["starts"] == ["2099-01-01T17:00:00+07:00"]
    assert real.post("schedules", order | {"confirmed_places": "xã Quảng Lâm"}).status_code == 201


def test_cancelled_before_it_plays(real: Real) -> None:
    order = {"bulletin": real.bulletin, "when": {"kind": "now"}, "areas": [QUANG_LAM]}
    broadcast = real.post("schedules", order).json()["broadcasts"][0]
    assert [one["state"] for one in real.client.get(f"/api/v1/broadcasts/{broadcast}").json()["playbacks"]] == [
        "pending"
    ]
    for _ in range(2):
        assert real.post(f"broadcasts/{broadcast}/cancel", {}).json()["cancelled"] is True


def test_an_unknown_bulletin(real: Real) -> None:
    refused(
        real.post("schedules", {"bulletin": "nothing", "when": LATER, "areas": ["dam-ha"]}), 404, "unknown-bulletin"
    )


@pytest.mark.parametrize("content", [b"this is not a sound" * 500, b"RIFF" + bytes(5000), b"ID3\x04" + bytes(3000)])
def test_a_file_that_is_no_sound(real: Real, content: bytes) -> None:
    answer = real.client.post("/api/v1/bulletins/audio", data={"title": "Ghi âm"}, files={"file": ("a.mp3", content)})
    assert answer.status_code == 201
    made = real.ready(answer.json()["id"])["preparation"]
    assert made["state"] == "failed"
    assert made["error_code"]
    assert made["error"].endswith(".")


def test_an_empty_file(real: Real) -> None:
    answer = real.client.post("/api/v1/bulletins/audio", data={"title": "Ghi âm"}, files={"file": ("a.mp3", b"")})
    refused(answer, 422, "empty-file")


def test_guessing_is_slowed_down(real: Real) -> None:
    with httpx.Client(base_url=real.client.base_url, timeout=20) as guesser:
        tries = [guesser.post("/api/v1/session", json={"username": "guess", "password": "x"}) for _ in range(5)]
    assert [answer.status_code for answer in tries[:3]] == [401] * 3
    assert tries[-1].status_code == 429


def test_nothing_unknown_is_found(real: Real) -> None:
    for path in ("bulletins/nothing", "broadcasts/nothing", f"clips/{'0' * 64}/audio", "clips/..%2f..%2fx/audio"):
        assert real.client.get(f"/api/v1/{path}").status_code == 404


def test_the_clip_sounds_as_prepared(real: Real) -> None:
    clip = real.client.get(f"/api/v1/bulletins/{real.bulletin}").json()["clips"][0]
    sound = real.client.get(clip["audio"])
    assert len(sound.content) == clip["size_bytes"]
    assert sound.content.startswith(b"OggS")


def test_a_recording_is_checked_and_can_be_compared(real: Real, tmp_path: Path) -> None:
    speech = scaled(speech_at_48k(), 0.5)
    pcm = stereo(bytes(96_000 * 2) + speech, bytes(96_000 * 2 + len(speech)))
    file = write_channels(tmp_path / "hop.flac", [pcm], "flac")
    with file.open("rb") as sound:
        made = real.client.post(
            "/api/v1/bulletins/audio", data={"title": "Họp dân"}, files={"file": ("hop.flac", sound, "audio/flac")}
        ).json()
    view = real.ready(made["id"])
    (check,) = view["checks"]
    found = {finding["code"]: finding for finding in check["findings"]}
    assert set(found) == {"right-dead", "silence-at-start", "trimmed-start"}
    assert found["right-dead"]["severity"] == "note"
    assert found["trimmed-start"]["sentence"] == "Đã cắt 1,9 giây im lặng ở đầu."
    page = real.client.get(f"/ban-tin/{made['id']}", headers={"Accept": "text/html"}).text
    assert "Kênh phải không có tiếng; đã chỉ dùng kênh trái." in page
    clip = view["clips"][0]["id"]
    for path in (f"/am-thanh/{clip}/loa-nen.ogg", f"/ban-tin/{made['id']}/phan/{check['part']}/truoc.ogg"):
        assert path in page
        answer = real.client.get(path)
        assert answer.headers["content-type"] == "audio/ogg"
        (tmp_path / "heard.ogg").write_bytes(answer.content)
        assert len(decoded(tmp_path / "heard.ogg")) > len(speech)
        assert real.client.get(path).content == answer.content
    assert real.client.get(f"/ban-tin/{made['id']}/phan/99/truoc.ogg").status_code == 404


def test_what_is_no_sound_is_told_of_the_recording_too(real: Real) -> None:
    sound = ("a.mp3", b"this is not a sound\n" * 500, "audio/mpeg")
    made = real.client.post("/api/v1/bulletins/audio", data={"title": "Hỏng"}, files={"file": sound}).json()
    (check,) = real.ready(made["id"])["checks"]
    assert [(found["code"], found["severity"]) for found in check["findings"]] == [("not-audio", "refuse")]
