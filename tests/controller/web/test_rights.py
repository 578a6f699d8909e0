"""Every route × every role: what a role may not do answers 403, and nobody reaches into somebody else's place."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from controller.desk.values import NewBulletin
from controller.rights import MEANINGS, TABLE, Operation, Role
from controller.web.app import API_PREFIX, API_ROUTERS, PAGE_ROUTERS
from controller.web.session import Needs, NeedsSignIn
from schedules.units import AreaId
from tests.controller.web.conftest import Site, Visitor, running
from tests.controller.web.test_access import FREE
from tests.controller.world import COMMUNE, TOWN

Walked = tuple[str, str, Operation]
LEAVING = {("POST", "/dang-xuat"), ("DELETE", "/api/v1/session")}
EVENTS = {"/su-kien", "/api/v1/events"}
"""Streams that do not end."""


def routes() -> Iterator[tuple[str, str, APIRoute]]:
    for prefix, routers in (("", PAGE_ROUTERS), (API_PREFIX, API_ROUTERS)):
        for router in routers:
            for route in router.routes:
                assert isinstance(route, APIRoute)
                yield from ((method, prefix + route.path, route) for method in sorted(route.methods or ()))


def operations_of(route: APIRoute) -> list[Operation]:
    asked = [each.dependency for each in route.dependencies]
    return [each.operation for each in asked if isinstance(each, Needs | NeedsSignIn)]


ALL = [(method, path, operations_of(route)) for method, path, route in routes() if (method, path) not in FREE]
WALKED: list[Walked] = [(method, path, needed[0]) for method, path, needed in ALL if needed]


def test_every_route_names_one_operation() -> None:
    unnamed = [(method, path) for method, path, needed in ALL if len(needed) != 1]
    assert not unnamed
    assert len(ALL) > 80


def filled(path: str) -> str:
    """With identifiers of nothing."""
    return re.sub(r"\{[^}]+\}", "nothing-1", path)


@pytest.mark.parametrize("role", Role)
def test_a_role_does_only_what_the_table_says(shared_site: Site, role: Role) -> None:
    """With the role everywhere, so that the place is no hindrance."""
    visitor = shared_site.as_(role)
    wrong = []
    for method, path, operation in WALKED:
        if (method, path) in LEAVING or path in EVENTS:
            continue
        answer = visitor.request(method, filled(path), data={} if method != "GET" else None)
        forbidden = answer.status_code == 403
        if forbidden is (operation in TABLE[role]):
            wrong.append((method, path, operation, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_not_do_is_not_shown(shared_site: Site, role: Role) -> None:
    """No link and no form of any page leads where the role gets a 403."""
    visitor = shared_site.as_(role)
    broken = []
    for path in ("/", "/ban-tin", "/cum-loa", "/lich", "/thu-vien", "/tai-khoan"):
        page = visitor.get(path)
        assert page.status_code == 200, path
        for verb, to in led_to(page.text):
            found = next((walked for walked in WALKED if walked[0] == verb and fits(walked[1], to)), None)
            if found and found[2] not in TABLE[role]:
                broken.append((path, verb, to))
    assert not broken


def led_to(page: str) -> Iterator[tuple[str, str]]:
    for to in re.findall(r'<a [^>]*href="(/[^"#?]*)', page):
        yield "GET", to
    for to in re.findall(r'<form [^>]*method="post" [^>]*action="(/[^"#?]*)', page):
        yield "POST", to


def fits(path: str, to: str) -> bool:
    return re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", path), to) is not None


@pytest.fixture(scope="module")
def two_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Visitor, dict[str, str]]]:
    """Things of the commune, and somebody who has every role but in the town."""
    with running(tmp_path_factory.mktemp("site")) as site:
        for role in Role:
            visitor = site.as_(role, TOWN, "neighbour")
        yield site, visitor, of_the_commune(site)


def of_the_commune(site: Site) -> dict[str, str]:
    """Identifiers by the name of the path's parameter."""
    station = site.world
    station.add_speaker("s-town", TOWN)
    speaker = station.add_speaker("s-commune", COMMUNE)
    broadcast = station.tomorrow_at_five(COMMUNE)
    editor = station.person(Role.EDITOR, COMMUNE, "theirs")
    station.desk.bulletin_from_text(NewBulletin("Riêng của xã"), "Kính mời", editor)
    with station.store.read() as unit:
        planned = unit.broadcasts.get(broadcast)
        assert planned is not None
        bulletin, clip = planned.bulletin, station.clip_of(planned.bulletin)
        changes = [str(row.id) for row in unit.connection.exec_driver_sql("SELECT id FROM changes")]
    with station.store.write() as unit:
        kept = unit.bulletins.get(bulletin)
        assert kept is not None
        unit.connection.exec_driver_sql(f"UPDATE bulletins SET area = '{COMMUNE}' WHERE id = '{bulletin}'")
    return {
        "bulletin": bulletin,
        "broadcast": broadcast,
        "schedule": planned.schedule,
        "clip": clip,
        "speaker": speaker,
        "area": COMMUNE,
        "person": editor.id,
        "change": changes[0] if changes else "",
    }


def test_nobody_reaches_into_another_place(two_places: tuple[Site, Visitor, dict[str, str]]) -> None:
    site, visitor, things = two_places
    reached, walked = [], 0
    openapi = visitor.get("/api/v1/openapi.json").json()
    for method, path, operation in WALKED:
        names = re.findall(r"\{([^}:]+)[^}]*\}", path)
        if not names or not all(things.get(name) for name in names) or operation is Operation.OWN:
            continue
        to = path
        for name in names:
            to = re.sub(r"\{" + name + r"[^}]*\}", things[name], to)
        before = snapshot(site)
        answer = asked(visitor, method, to, body_of(openapi, path, method, things))
        walked += 1
        # What is refused for another reason than the place has told nothing and changed nothing.
        if answer.status_code not in (403, 404, *((409, 422) if method != "GET" else ())):
            reached.append((method, to, answer.status_code))
        assert snapshot(site) == before, (method, to)
    assert walked > 15
    assert not reached


def asked(visitor: Visitor, method: str, path: str, body: object) -> httpx.Response:
    """With a body of the right shape, where the API says one."""
    if method == "GET":
        return visitor.get(path, params={"year": "2026", "day": "2026-12-08"})
    return visitor.request(method, path, json=body) if body is not None else visitor.request(method, path, data={})


def body_of(openapi: Mapping[str, Any], path: str, method: str, things: Mapping[str, str]) -> object:
    """The least that the document asks for; None where it asks for nothing."""
    operation = openapi["paths"].get(path, {}).get(method.lower(), {})
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return None if schema is None else example(openapi, schema, "", things)


def example(openapi: Mapping[str, Any], schema: Mapping[str, Any], name: str, things: Mapping[str, str]) -> object:
    if "$ref" in schema:
        return example(openapi, openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name, things)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(openapi, schema[choice][0], name, things)
    if "enum" in schema or "const" in schema:
        return schema["enum"][0] if "enum" in schema else schema["const"]
    match schema.get("type"):
        case "object":
            properties, wanted = schema.get("properties", {}), schema.get("required", ())
            return {key: example(openapi, properties[key], key, things) for key in wanted}
        case "array":
            return [example(openapi, schema["items"], name.rstrip("s"), things)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return {"date": "2026-12-09", "date-time": "2026-12-09T05:00:00", "time": "05:00:00"}.get(
        schema.get("format", ""), things.get(name, "x")
    )


def snapshot(site: Site) -> tuple[int, ...]:
    """How much there is of what people change."""
    tables = ("audit", "changes", "schedules", "bulletins", "grants", "holidays", "area_periods", "memberships")
    with site.world.store.read() as unit:
        counts = (unit.connection.exec_driver_sql(f"SELECT count(*) FROM {each}") for each in tables)
        return tuple(int(each.scalar_one()) for each in counts)


def test_lists_show_nothing_of_another_place(two_places: tuple[Site, Visitor, dict[str, str]]) -> None:
    _, visitor, things = two_places
    shown, walked = [], 0
    for method, path, operation in WALKED:
        if method != "GET" or "{" in path or path in EVENTS or operation is Operation.OWN:
            continue
        answer = visitor.get(path, params={"ngay": "2026-12-08", "day": "2026-12-08"})
        walked += 1
        assert answer.status_code < 500, path
        text = answer.text
        ids = [
            name for name in ("bulletin", "broadcast", "schedule", "clip", "speaker", "person") if things[name] in text
        ]
        if ids or "Riêng của xã" in text:
            shown.append((path, ids))
    assert walked > 15
    assert not shown


def test_the_neighbour_sees_what_is_heard_in_both(two_places: tuple[Site, Visitor, dict[str, str]]) -> None:
    """What the district plays belongs to the town too; but one town cannot take it back for all."""
    site, visitor, _ = two_places
    broadcast = site.world.tomorrow_at_five(AreaId("dam-ha"))
    view = visitor.get(f"/api/v1/broadcasts/{broadcast}").json()
    assert {each["speaker"] for each in view["playbacks"]} == {"s-town"}
    assert visitor.post(f"/api/v1/broadcasts/{broadcast}/cancel").status_code == 403


def test_the_table_in_the_docs_is_the_table_in_the_code(repository: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "controller.rights"], cwd=repository, capture_output=True, text=True, check=True
    ).stdout
    assert (repository / "docs" / "rights.md").read_text(encoding="utf-8") == told
    for role in Role:
        assert f"`{role}`" in told
    assert set(MEANINGS) == set(Operation)
