"""API v1: the shapes that scripts rely on, and problems for everything that goes wrong."""

from pathlib import Path

import pytest

from controller.web.app import API_PREFIX
from schedules.states import PlaybackState
from tests.controller.web.conftest import Plain

ORDER: dict[str, object] = {
    "bulletin": "n-1",
    "when": {"kind": "once", "day": "2026-11-23", "at": "17:00:30"},
    "areas": ["a-1", "a-2"],
}


def test_from_text_to_broadcast(plain: Plain) -> None:
    made = plain.client.post(
        "/api/v1/bulletins", json={"title": "Thử", "text": "Kính mời UBND", "priority": 3}, headers=plain.guarded
    )
    assert made.status_code == 201
    bulletin = plain.client.get(made.headers["location"]).json()
    done = {"state": "done", "step": "", "percent": 100, "error": "", "error_code": "", "replaced": []}
    assert bulletin["preparation"] == done
    assert bulletin["spoken"] == "Kính mời Ủy ban nhân dân"
    assert bulletin["duration_ms"] == 31_400
    clip = plain.client.get(bulletin["clips"][0]["audio"])
    assert (clip.status_code, clip.headers["content-type"]) == (200, "audio/ogg")
    understood = plain.client.post("/api/v1/schedules/preview", json=ORDER, headers=plain.guarded).json()
    assert understood["starts"] == ["2026-11-23T17:00:30+07:00"]
    assert understood["needs_confirmation"] is False
    sent = plain.client.post("/api/v1/schedules", json=ORDER, headers=plain.guarded)
    assert (sent.status_code, sent.json()["schedule"], sent.json()["broadcasts"]) == (201, "h-1", ["b-1"])
    assert sent.json()["state"] == "approved"


def test_one_broadcast(plain: Plain) -> None:
    view = plain.client.get("/api/v1/broadcasts/b-1").json()
    assert view["start_ms"] < view["latest_start_ms"] < view["hard_end_ms"]
    assert [playback["state"] for playback in view["playbacks"][:12]] == [state.value for state in PlaybackState]
    played = next(playback for playback in view["playbacks"] if playback["state"] == "played")
    assert (played["start_error_ms"], played["level_dbfs"]) == (-0.412, -23.1)
    assert (played["heard_ms"], played["content_ms"], played["holds_newest"]) == (31_400, 31_400, True)
    silent = next(playback for playback in view["playbacks"] if playback["state"] == "missed")
    assert (silent["start_error_ms"], silent["level_dbfs"], silent["reason"]) == (None, None, "late")


@pytest.mark.parametrize(("verb", "flag"), [("cancel", "cancelled"), ("stop", "stopped")])
def test_end_a_broadcast(plain: Plain, verb: str, flag: str) -> None:
    answer = plain.client.post(f"/api/v1/broadcasts/b-1/{verb}", headers=plain.guarded)
    assert answer.status_code == 200
    assert answer.json()[flag] is True
    assert plain.desk.orders == [(verb, "b-1")]


def test_end_a_schedule(plain: Plain) -> None:
    plain.desk.recurring = True
    view = plain.client.get("/api/v1/schedules/h-1").json()
    assert (view["recurring"], view["ended_ms"], view["starts"]) == (True, None, ["2026-11-25T17:00:00+07:00"])
    assert view["words"].startswith("thứ 2, 4, 6 hàng tuần lúc 17:00")
    assert plain.client.post("/api/v1/schedules/h-1/end").status_code == 403, "without the token"
    answer = plain.client.post("/api/v1/schedules/h-1/end", headers=plain.guarded)
    assert (answer.status_code, answer.json()["starts"], answer.json()["ended_by"]) == (200, [], "admin")
    assert plain.desk.orders == [("end", "h-1")]
    unknown = plain.client.post("/api/v1/schedules/h-99/end", headers=plain.guarded)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-schedule")


def test_lists(plain: Plain) -> None:
    areas = plain.client.get("/api/v1/areas").json()
    assert areas[0]["full_name"] == "huyện Đầm Hà"
    assert [child["id"] for child in areas[0]["children"]] == ["a-1", "a-2", "a-3", "a-4", "a-5"]
    speakers = plain.client.get("/api/v1/speakers").json()
    assert [speaker["online"] for speaker in speakers] == [True, False, True, True, True]
    told = [
        (each["clock"], each["clock_source"], each["clock_error_ms"], each["clock_system_ms"]) for each in speakers[:1]
    ]
    assert told == [("synced", "answer", 12, -3_600_000)]
    lines = plain.client.get("/api/v1/broadcasts", params={"day": "2026-11-23"}).json()
    assert lines[0]["counts"] == {"playing": 4, "ready": 1}
    tone = plain.client.post("/api/v1/speakers/s-1/test-tone", headers=plain.guarded)
    assert tone.status_code == 202
    spoken = plain.client.post("/api/v1/bulletins/spoken", json={"text": "UBND"}, headers=plain.guarded)
    assert spoken.json() == {
        "spoken": "ủy ban nhân dân",
        "unknown": [],
        "dropped": [],
        "segments": [{"written": "UBND", "read": "ủy ban nhân dân", "kind": "abbreviation"}],
        "legacy": None,
    }


def test_an_emergency_names_its_places(plain: Plain) -> None:
    emergency = ORDER | {"priority": "emergency"}
    refused = plain.client.post("/api/v1/schedules", json=emergency, headers=plain.guarded)
    assert (refused.status_code, refused.json()["code"]) == (422, "not-confirmed")
    understood = plain.client.post("/api/v1/schedules/preview", json=emergency, headers=plain.guarded).json()
    confirmed = emergency | {"confirmed_places": understood["places_sentence"]}
    assert plain.client.post("/api/v1/schedules", json=confirmed, headers=plain.guarded).status_code == 201


BAD_ORDERS: dict[str, tuple[dict[str, object], str]] = {
    "no place": ({"areas": []}, "no-place"),
    "unknown area": ({"areas": ["a-99"]}, "unknown-area"),
    "in the past": ({"when": {"kind": "once", "day": "2020-01-01", "at": "17:00"}}, "past"),
    "no such hour": ({"when": {"kind": "once", "day": "2026-11-23", "at": "25:00"}}, "bad-time"),
    "no such day": ({"when": {"kind": "once", "day": "2026-02-30", "at": "17:00"}}, "invalid"),
    "no such kind": ({"when": {"kind": "sometimes"}}, "invalid"),
    "no such weekday": ({"when": {"kind": "weekly", "day": "2026-11-23", "at": "17:00", "weekdays": [7]}}, "invalid"),
    "too loud": ({"volume": 101}, "invalid"),
    "no such priority": ({"priority": 4}, "invalid"),
    "misspelt": ({"volum": 50}, "invalid"),
}


@pytest.mark.parametrize("case", BAD_ORDERS)
def test_bad_orders(shared: Plain, case: str) -> None:
    change, code = BAD_ORDERS[case]
    answer = shared.client.post("/api/v1/schedules", json=ORDER | change, headers=shared.guarded)
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == code
    assert problem["status"] == 422
    assert problem["detail"]
    assert not shared.desk.orders


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("GET", "/api/nothing", 404, "not-found"),
        ("GET", "/api/v1/bulletins/n-99", 404, "unknown-bulletin"),
        ("GET", "/api/v1/broadcasts/b-99", 404, "unknown-broadcast"),
        ("GET", "/api/v1/schedules/h-99", 404, "unknown-schedule"),
        ("PUT", "/api/v1/bulletins", 405, "method-not-allowed"),
        ("GET", "/api/v1/broadcasts?day=tomorrow", 422, "invalid"),
    ],
)
def test_problems(shared: Plain, method: str, path: str, status: int, code: str) -> None:
    answer = shared.client.request(method, path, headers=shared.guarded)
    problem = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "about:blank"
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["title"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"title": "x"}', b"\xff\xfe"])
def test_bodies_that_are_no_bulletin(shared: Plain, body: bytes) -> None:
    headers = {"Content-Type": "application/json", **shared.guarded}
    answer = shared.client.post("/api/v1/bulletins", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("bad-request", "invalid")


def test_empty_text(plain: Plain) -> None:
    answer = plain.client.post("/api/v1/bulletins", json={"title": "x", "text": " \n"}, headers=plain.guarded)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "empty-text", "text")


def test_a_crash_is_a_problem_too(plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(plain.desk, "areas", crash)
    answer = plain.client.get("/api/v1/areas")
    assert (answer.status_code, answer.json()["code"]) == (500, "server-error")
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_operation_is_documented(plain: Plain, repository: Path) -> None:
    paths = plain.client.get("/api/v1/openapi.json").json()["paths"]
    written = (repository / "docs" / "api.md").read_text()
    for path, operations in paths.items():
        for method in operations:
            assert f"| {method.upper()} | `{path.removeprefix(API_PREFIX)}` |" in written, (method, path)


def test_half_a_character_is_the_senders_mistake(plain: Plain) -> None:
    body = {"headers": plain.guarded | {"Content-Type": "application/json"}, "content": b'{"text": "\\ud800"}'}
    answer = plain.client.post("/api/v1/bulletins/spoken", **body)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
