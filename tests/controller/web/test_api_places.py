"""API v1 over areas, speakers, groups and holidays."""

from collections.abc import Mapping

import pytest

from controller.rights import Role
from tests.controller.web.conftest import Site
from tests.controller.world import COMMUNE, DISTRICT, TOWN

DAY = "2026-12-10"


def test_decisions_are_previewed_and_carried_out(site: Site) -> None:
    site.world.add_speaker("one", TOWN)
    merge = {
        "deed": "merge", "parts": [TOWN, COMMUNE], "named": {"name": "Đầm Hà", "kind": "phường"}, "parent": DISTRICT,
        "day": DAY,
    }  # fmt: skip
    told = site.client.post("/api/v1/area-reforms/preview", json=merge).json()
    assert told["moving"] == ["one"]
    assert told["ended"] == ["thị trấn Đầm Hà", "xã Đầm Hà"]
    done = site.client.post("/api/v1/area-reforms", json=merge)
    assert done.status_code == 201
    assert done.json()["configs"] == 1
    new = done.json()["area"]
    seen = site.client.get(f"/api/v1/areas/{new}", params={"day": DAY}).json()
    assert seen["speakers"] == ["one"]
    assert {each["area"] for each in seen["came_from"]} == {TOWN, COMMUNE}
    old = site.client.get(f"/api/v1/areas/{TOWN}", params={"day": DAY}).json()
    assert not old["there"]
    assert [each["area"] for each in old["became"]] == [new]


@pytest.mark.parametrize(
    "wish",
    [
        {"deed": "make", "name": "Phố 1", "kind": "khu phố", "parent": TOWN},
        {"deed": "rename", "area": TOWN, "name": "Mới", "kind": "phường"},
        {"deed": "move", "area": TOWN, "parent": None},
        {"deed": "end", "area": COMMUNE},
        {"deed": "split", "area": COMMUNE, "pieces": [{"name": "A"}, {"name": "B"}]},
        {"deed": "merge", "parts": [COMMUNE], "into": TOWN},
        {
            "deed": "limit",
            "area": TOWN,
            "settings": {
                "quiet_hours": [{"begin": "21:00", "end": "05:00"}],
                "daily_cap_ms": 60_000,
                "weekdays": [0],
                "volume_hours": [{"begin": "20:00", "end": "06:00", "most": 40}],
            },
        },
    ],
)
def test_every_deed(site: Site, wish: Mapping[str, object]) -> None:
    answer = site.client.post("/api/v1/area-reforms", json={**wish, "day": DAY})
    assert answer.status_code == 201, answer.text
    detail = site.client.get(f"/api/v1/areas/{answer.json()['area']}", params={"day": DAY})
    assert detail.status_code == 200
    if wish["deed"] == "limit":
        assert detail.json()["held"]["quiet_hours"] == [{"begin": "21:00:00", "end": "05:00:00"}]
        assert detail.json()["said_by"]["time_zone"] == DISTRICT


def test_what_cannot_be_says_so(site: Site) -> None:
    for wish in (
        {"deed": "end", "area": "nowhere", "day": DAY},
        {"deed": "end", "area": TOWN, "day": "2026-02-30"},
        {"deed": "end", "area": TOWN, "day": "9999-12-31"},
        {"deed": "merge", "parts": [TOWN, COMMUNE], "day": DAY},
        {"deed": "dance", "area": TOWN, "day": DAY},
        {"deed": "limit", "area": TOWN, "day": DAY, "settings": {"weekdays": []}},
        {"deed": "rename", "area": TOWN, "day": DAY, "name": "a\x00b"},
    ):
        for path in ("/api/v1/area-reforms", "/api/v1/area-reforms/preview"):
            answer = site.client.post(path, json=wish)
            assert answer.status_code == 422, wish
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_tables(site: Site) -> None:
    given = {"content": "Mã;Tên\n70001;Mới\n70002;=1\n", "parent": DISTRICT, "day": DAY, "save": True}
    answer = site.client.post("/api/v1/area-tables", json=given).json()
    assert not answer["saved"]
    assert [(each["row"], each["column"], each["code"]) for each in answer["faults"]] == [(3, "B", "formula")]
    answer = site.client.post("/api/v1/area-tables", json={**given, "content": "Mã;Tên\n70001;Mới\n"}).json()
    assert answer["saved"]
    assert "70001,,Mới" in site.client.get("/api/v1/area-tables", params={"day": DAY}).text


def test_speakers_groups_and_holidays(site: Site) -> None:
    site.world.add_speaker("one", TOWN)
    technician = site.as_(Role.TECHNICIAN, DISTRICT)
    assert technician.patch("/api/v1/speakers/one", json={"name": "Loa chợ"}).json()["name"] == "Loa chợ"
    group = technician.post("/api/v1/groups", json={"name": "G", "area": TOWN, "speakers": ["one"]}).json()["group"]
    assert technician.put(f"/api/v1/groups/{group}", json={"name": "H", "speakers": ["one"]}).status_code == 204
    assert [each["name"] for each in technician.get("/api/v1/groups").json()] == ["H"]
    assert technician.get("/api/v1/speakers/one").json()["groups"] == [group]
    assert technician.delete(f"/api/v1/groups/{group}").status_code == 204
    moved = technician.post("/api/v1/speakers/one/move", json={"area": COMMUNE, "day": DAY})
    assert moved.json()["configs"] == 1
    assert len(technician.get("/api/v1/speakers/one").json()["stays"]) == 2
    assert technician.post("/api/v1/speakers/one/retire").status_code == 204
    assert technician.get("/api/v1/speakers/one").status_code == 403, "it stands nowhere any more"
    url = f"/api/v1/areas/{TOWN}/holidays"
    assert site.client.put(f"{url}/{DAY}", json={"name": "Hội"}).status_code == 204
    assert {"day": DAY, "name": "Hội", "area": "thị trấn Đầm Hà", "own": True} in site.client.get(
        url, params={"year": 2026}
    ).json()
    assert site.client.delete(f"{url}/{DAY}").status_code == 204
    assert site.client.delete(f"{url}/{DAY}").status_code == 404
    assert technician.put(f"{url}/{DAY}", json={"name": "Hội"}).status_code == 403


def test_an_area_that_is_none_is_told_so(shared_site: Site) -> None:
    for method, path in (
        ("GET", "/holidays?year=2026"),
        ("PUT", "/holidays/2026-12-09"),
        ("DELETE", "/holidays/2026-12-09"),
    ):
        body = {"name": "Ngày hội"} if method == "PUT" else None
        answer = shared_site.client.request(method, f"/api/v1/areas/0{path}", json=body)
        assert answer.status_code == 404, (method, path)
        assert "Hãy" in answer.json()["detail"]
