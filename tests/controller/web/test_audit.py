"""The audit as people read it: by place, by filters, exported; and that nothing in it is alive."""

import ast
import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from starlette.routing import Match

from controller.chain import check, read_head
from controller.csvs import csv_file, safe_cell
from controller.desk.reforms import Wish
from controller.rights import EVERYWHERE, Role
from controller.store.audit import Entry
from controller.web import deeds
from schedules.units import UtcMs
from tests.controller.web.conftest import Site, Visitor
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, World

ACTION = re.compile(rf"({'|'.join(deeds.THINGS)})\.(?!html)[a-z]+([_-][a-z]+)*")


def tell(
    world: World,
    subject: str,
    who: str = "lan",
    action: str = "area.rename",
    before: object = "cũ",
    after: object = "mới",
) -> int:
    with world.store.write() as unit:
        by = replace(ADMIN, username=who, source="192.0.2.7")
        world.room.record(unit, by, action, subject, {"name": before}, {"name": after})
        return unit.audit.head()[0]


def numbers(visitor: Visitor, **query: object) -> list[int]:
    answer = visitor.get("/api/v1/audit", params={key: str(value) for key, value in query.items()})
    assert answer.status_code == 200, answer.text
    return [entry["n"] for entry in answer.json()["entries"]]


def test_who_may_read_what(site: Site) -> None:
    world = site.world
    world.add_speaker("loa1", TOWN)
    bulletin = world.bulletin()
    world.now = UtcMs(world.now + 60_000)
    clerk = site.as_(Role.APPROVER, TOWN)
    town, commune = tell(world, f"area:{TOWN}"), tell(world, f"area:{COMMUNE}")
    speaker, site_wide = tell(world, "speaker:loa1"), tell(world, "site:loaxa")
    own, of_a_colleague = (
        tell(world, "site:loaxa", clerk.person.username),
        tell(world, f"person:{clerk.person.username}"),
    )
    nonsense = [
        tell(world, subject)
        for subject in ("speaker:none", "change:none", "broadcast:x", "odd", f"bulletin:{bulletin}x")
    ]
    everything = sorted([town, commune, speaker, site_wide, own, of_a_colleague, *nonsense], reverse=True)
    assert [n for n in numbers(site.client, limit=500) if n in everything] == everything
    mine = [n for n in numbers(clerk, limit=500) if n in everything]
    assert mine == sorted([town, speaker, own, of_a_colleague], reverse=True)
    above = site.as_(Role.APPROVER, DISTRICT, "huyen")
    assert set(numbers(above, limit=500)) >= {town, commune, speaker}
    for role in (Role.EDITOR, Role.TECHNICIAN, Role.VIEWER):
        other = site.as_(role, EVERYWHERE)
        assert {other.get(path).status_code for path in ("/nhat-ky", "/nhat-ky.csv", "/api/v1/audit")} == {403}


def test_pages_and_filters(site: Site) -> None:
    world = site.world
    numbered = [tell(world, f"area:{TOWN}", who=f"p{n}", after=f"tên {n}") for n in range(60)]
    page = site.client.get("/nhat-ky", params={"muc": f"area:{TOWN}"}).text
    assert page.count('<li class="card deed">') == 50
    assert "tên 59" in page
    assert "tên 9<" not in page
    older = site.client.get("/nhat-ky", params={"muc": f"area:{TOWN}", "truoc": numbered[10]}).text
    assert older.count('<li class="card deed">') == 10
    assert "Các việc cũ hơn" not in older
    assert numbers(site.client, who="p1", subject=TOWN) == [
        numbered[n] for n in (19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1)
    ]
    assert "tên 7<" in site.client.get("/nhat-ky", params={"ai": "p7", "tu": "2026-12-07", "den": "2026-12-07"}).text
    assert "Không có dòng" in site.client.get("/nhat-ky", params={"ai": "p7", "den": "2026-12-06"}).text
    fragment = site.client.get("/nhat-ky", headers={"HX-Request": "true", "HX-Target": "audit"}).text
    assert fragment.startswith('<div id="audit">')


@pytest.mark.parametrize(
    "query", ["tu=2026-13-01", "den=x", "truoc=0", "truoc=99999999999999999999", "truoc=a", "tu=9999-12-31"]
)
def test_filters_that_mean_nothing(shared_site: Site, query: str) -> None:
    assert shared_site.client.get(f"/nhat-ky?{query}").status_code == 422


def test_scripts_and_formulas_stay_text(site: Site) -> None:
    evil = '=HYPERLINK("http://evil.example";"x")'
    tell(site.world, "area:<script>alert(1)</script>", who=evil, before="<img src=x onerror=1>", after=evil)
    page = site.client.get("/nhat-ky").text
    assert "<script>alert" not in page
    assert "<img" not in page
    table = site.client.get("/nhat-ky.csv", params={"muc": "script"})
    assert table.headers["Content-Disposition"] == 'attachment; filename="nhat-ky.csv"'
    (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert row["who"] == f"'{evil}"
    assert all(not value.startswith(("=", "+", "-", "@")) for value in row.values())


def test_cells() -> None:
    given = (None, "", "Lan", -5, "+84", "-1.5", "-1+2", "@a", "\t=1", "=1", "+", "-")
    safe = ["", "", "Lan", "-5", "+84", "-1.5", "'-1+2", "'@a", "'\t'=1", "'=1", "'+", "'-"]
    assert [safe_cell(value) for value in given] == safe
    parted = ("họp;=1+1", 'họp;"=1"', "a; -b", "một; hai", "x\n@y")
    assert [safe_cell(value) for value in parted] == ["họp;'=1+1", 'họp;"\'=1"', "a; '-b", "một; hai", "x\n'@y"]
    assert csv_file(["a", "b"], [["1,2", '"']]) == b'\xef\xbb\xbfa,b\r\n"1,2",""""\r\n'


def test_the_export_is_the_whole_chain(site: Site) -> None:
    """Who has the JSON file and a head can check it without us."""
    for n in range(12):
        tell(site.world, f"area:{TOWN}", after=n)
    kept = read_head(site.client.get("/nhat-ky/dau.json").text)
    assert site.client.get("/api/v1/audit/head").json()["hash"] == kept.hash
    exported = json.loads(site.client.get("/nhat-ky.json").text)
    entries = [Entry(**row) for row in reversed(exported)]
    assert check(entries, kept).faults == ()
    assert entries[-1].action == "audit.export", "the export tells of itself"
    assert json.loads(site.client.get("/nhat-ky.json", params={"ai": "nobody at all"}).text) == []
    area = site.as_(Role.APPROVER, TOWN)
    assert {area.get(path).status_code for path in ("/nhat-ky/dau.json", "/api/v1/audit/head")} == {403}
    assert "dau.json" not in area.get("/nhat-ky").text


def test_paging_over_what_one_may_not_read(site: Site) -> None:
    """A few rows of one's own among many others are still found, each once."""
    clerk = site.as_(Role.APPROVER, TOWN)
    mine = []
    for n in range(40):
        number = tell(site.world, f"area:{TOWN if n % 4 == 0 else COMMUNE}")
        mine += [number] if n % 4 == 0 else []
    seen: list[int] = []
    before: int | None = None
    while True:
        query: dict[str, str | int] = {"limit": 3, "subject": "area:"}
        query |= {"before": before} if before else {}
        answer = clerk.get("/api/v1/audit", params=query).json()
        seen += [entry["n"] for entry in answer["entries"]]
        before = answer["older"]
        if before is None:
            break
    assert [n for n in seen if n >= mine[0]] == mine[::-1]


def test_names_of_subjects(site: Site) -> None:
    world = site.world
    world.add_speaker("loa1", TOWN)
    bulletin = world.bulletin(title="Họp <thôn>")
    clerk = site.as_(Role.APPROVER, TOWN)
    for subject in (
        f"bulletin:{bulletin}",
        "speaker:loa1",
        f"area:{TOWN}",
        f"person:{clerk.person.username}",
        "area:gone",
    ):
        tell(world, subject)
    page = site.client.get("/nhat-ky").text
    assert f'<a href="/ban-tin/{bulletin}">Họp &lt;thôn&gt;</a>' in page
    assert f'<a href="/dia-ban/{TOWN}">thị trấn Đầm Hà</a>' in page
    assert '<a href="/dong-thoi-gian/loa1">Cụm loa loa1</a>' in page
    assert clerk.person.display_name in page


def recorded_actions() -> set[str]:
    """Every `thing.verb` that stands in the program, things being those that the words know."""
    found = {f"area.{wish.__name__.lower()}" for wish in get_args(Wish)}
    for path in Path(deeds.__file__).parents[1].rglob("*.py"):
        if path.name != "deeds.py":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACTION.fullmatch(node.value):
                    found.add(node.value)
    return found


def test_every_action_has_words() -> None:
    actions = recorded_actions()
    assert len(actions) > 20
    assert actions - deeds.ACTIONS.keys() == set()
    assert deeds.ACTIONS.keys() - actions == set(), "these are recorded nowhere"


def test_things_lead_to_their_pages(shared_site: Site) -> None:
    routes = shared_site.server.config.app.routes  # type: ignore[union-attr]
    for thing in deeds.PAGES:
        scope = {"type": "http", "method": "GET", "path": deeds.page_of(f"{thing}:x"), "root_path": ""}
        assert any(route.matches(scope)[0] is Match.FULL for route in routes), thing
    assert [deeds.page_of(subject) for subject in ("person:lan", "area:", "odd")] == ["", "", ""]


def test_words() -> None:
    assert deeds.action_words("person.language") == "đổi ngôn ngữ"
    assert deeds.action_words("odd.thing") == "odd.thing"
    assert deeds.thing_words("person.language") == "Người dùng"
    assert deeds.name_words("items.1.title") == "lịch · 1 · tiêu đề"
    assert [deeds.value_words("night", value) for value in ("true", "false", "05:00")] == ["có", "không", "05:00"]
    assert [deeds.value_words("series.gap", value) for value in ("90000", "", "x")] == ["1 phút 30 giây", "", "x"]
