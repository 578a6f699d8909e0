"""Inviting somebody, what they may then do, taking it back; one's own account: by pages and by the API."""

import re
from html import unescape
from pathlib import Path

import httpx
import pytest

from controller.desk.accounts import Ledger
from controller.desk.people import RESET_MS
from controller.desk.second_factor import STEP_MS, code_at
from controller.rights import Grant, Role
from schedules.units import AreaId, UtcMs
from tests.controller.web.conftest import Site, Visitor, made, served
from tests.controller.world import CHEAP, COMMUNE, DISTRICT, PASSWORD, TOWN, world

NEW = "một mật khẩu mới"


def link_in(page: str) -> str:
    found = re.search(r"/moi/[\w-]+", page)
    assert found
    return found[0]


def test_a_new_person_comes_by_a_link(site: Site) -> None:
    asked = {"display_name": "Bà  Lan", "role": "editor", "area": TOWN}
    answer = site.client.post("/nguoi-dung/moi", data=asked)
    assert answer.status_code == 200
    link = link_in(answer.text)
    assert "Bà Lan" in site.client.get("/nguoi-dung").text
    lan = site.stranger
    page = lan.get(link)
    assert "Biên tập viên – thị trấn Đầm Hà" in unescape(page.text)
    assert "không giống nhau" in lan.post(link, data={"username": "lan", "new": NEW, "again": "x"}).text
    assert 'value="Lan!"' in lan.post(link, data={"username": "Lan!", "new": NEW, "again": NEW}).text
    came = lan.post(link, data={"username": "Nguyen.Lan", "new": NEW, "again": NEW})
    assert (came.status_code, came.headers["location"]) == (303, "/")
    assert lan.get("/").status_code == 200
    assert lan.get("/api/v1/session").json()["display_name"] == "Bà Lan"
    assert site.stranger.get(link).status_code == 410, "it opens once"
    assert site.stranger.sign_in("nguyen.lan", NEW).is_success


def test_a_name_that_is_taken_and_nothing_is_lost(site: Site) -> None:
    site.as_(Role.EDITOR, TOWN, "lan")
    link = link_in(site.client.post("/nguoi-dung/moi", data={"display_name": "L", "role": "viewer", "area": "*"}).text)
    for name in ("lan", "oidc"):  # The audit says "oidc" of what the organisation's provider does.
        taken = site.stranger.post(link, data={"username": name, "new": NEW, "again": NEW})
        assert taken.status_code == 422
        assert "đã có người dùng" in taken.text
    assert site.stranger.post(link, data={"username": "lan2", "new": NEW, "again": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"display_name": "", "role": "editor", "area": TOWN}, "display_name"),
        ({"display_name": "Lan"}, "grants"),
        ({"display_name": "Lan", "role": "editor"}, "area"),
        ({"display_name": "Lan", "role": "king", "area": TOWN}, "role"),
        ({"display_name": "Lan", "role": "editor", "area": "nowhere"}, "area"),
    ],
)
def test_what_cannot_be_invited(shared_site: Site, form: dict[str, str], field: str) -> None:
    answer = shared_site.client.post("/nguoi-dung/moi", data=form)
    assert answer.status_code in (422,)
    assert f'data-field="{field}"' in answer.text
    assert f'value="{form["display_name"]}"' in answer.text


def test_an_administrator_of_a_place_gives_only_there(site: Site) -> None:
    chief = site.as_(Role.ADMINISTRATOR, TOWN)
    refused = chief.post("/nguoi-dung/moi", data={"display_name": "Lan", "role": "editor", "area": COMMUNE})
    assert refused.status_code == 403
    assert chief.post("/nguoi-dung/moi", data={"display_name": "Lan", "role": "viewer", "area": "*"}).status_code == 403
    form = chief.get("/nguoi-dung/moi").text
    assert f'value="{TOWN}"' in form
    assert f'value="{COMMUNE}"' not in form
    assert 'value="*"' not in form
    assert chief.post("/nguoi-dung/moi", data={"display_name": "L", "role": "editor", "area": TOWN}).status_code == 200


def test_nobody_takes_over_who_holds_more(site: Site) -> None:
    chief = site.as_(Role.ADMINISTRATOR, TOWN)
    higher = site.world.person(Role.APPROVER, DISTRICT, "cao")
    assert chief.get(f"/nguoi-dung/{higher.id}").status_code == 403
    both = site.world.person(Role.EDITOR, TOWN, "hai")
    site.world.person(Role.EDITOR, COMMUNE, "hai")
    page = chief.get(f"/nguoi-dung/{both.id}")
    assert page.status_code == 200
    assert "quyền ở nơi khác" in page.text
    for deed in ("dat-lai", "khoa", "ngat", "bo-hai-buoc", "ten"):
        assert chief.post(f"/nguoi-dung/{both.id}/{deed}", data={"display_name": "X"}).status_code == 403
    kept = {"grant": f"editor@{COMMUNE}", "role": "technician", "area": TOWN}
    assert chief.post(f"/nguoi-dung/{both.id}/quyen", data=kept).status_code == 303
    with site.world.store.read() as unit:
        assert set(unit.people.grants(both.id)) == {Grant(Role.EDITOR, COMMUNE), Grant(Role.TECHNICIAN, TOWN)}
    lost = chief.post(f"/nguoi-dung/{both.id}/quyen", data={"grant": f"technician@{TOWN}"})
    assert lost.status_code == 403, "what they hold elsewhere is not theirs to take"
    listed = [each["username"] for each in chief.get("/api/v1/people").json()]
    assert "hai" in listed
    assert "cao" not in listed


def test_rights_are_taken_at_once(site: Site) -> None:
    lan = site.as_(Role.EDITOR, TOWN, "lan")
    assert lan.get("/ban-tin/moi").status_code == 200
    person = site.client.get(f"/nguoi-dung/{lan.person.id}")
    assert "Biên tập viên" in person.text
    changed = {"role": "viewer", "area": TOWN}
    assert site.client.post(f"/nguoi-dung/{lan.person.id}/quyen", data=changed).status_code == 303
    assert lan.get("/ban-tin/moi").status_code == 403
    assert "/ban-tin/moi" not in lan.get("/ban-tin").text
    none = site.client.post(f"/nguoi-dung/{lan.person.id}/quyen", data={})
    assert none.status_code == 422
    assert "ít nhất một vai trò" in none.text


def test_a_disabled_account_opens_nothing(site: Site) -> None:
    lan = site.as_(Role.EDITOR, TOWN, "lan")
    assert site.client.post(f"/nguoi-dung/{lan.person.id}/khoa").status_code == 303
    assert lan.get("/api/v1/session").status_code == 401
    assert site.stranger.sign_in("lan").json()["code"] == "wrong-credentials"
    assert site.client.post(f"/nguoi-dung/{lan.person.id}/mo").status_code == 303
    assert site.stranger.sign_in("lan").is_success


def test_the_last_administrator_stays(site: Site) -> None:
    client = site.client
    me = client.person.id
    assert client.post(f"/api/v1/people/{me}/disable").json()["code"] == "last-administrator"
    to_viewer = {"grants": [{"role": "viewer", "area": ""}]}
    assert client.put(f"/api/v1/people/{me}/grants", json=to_viewer).json()["code"] == "last-administrator"
    site.world.person(Role.ADMINISTRATOR, name="second")
    assert client.put(f"/api/v1/people/{me}/grants", json=to_viewer).is_success
    assert client.get("/api/v1/people").status_code == 403


def test_a_forgotten_password(site: Site) -> None:
    lan = site.as_(Role.EDITOR, TOWN, "lan")
    first = link_in(site.client.post(f"/nguoi-dung/{lan.person.id}/dat-lai").text)
    link = link_in(site.client.post(f"/nguoi-dung/{lan.person.id}/dat-lai").text)
    assert site.stranger.get(first).status_code == 410, "the older one opens nothing any more"
    visitor = site.stranger
    assert "<strong>lan</strong>" in visitor.get(link).text
    assert visitor.post(link, data={"new": NEW, "again": NEW}).headers["location"] == "/"
    assert visitor.get("/api/v1/session").json()["username"] == "lan"
    assert lan.get("/api/v1/session").status_code == 401
    assert site.stranger.sign_in("lan", NEW).is_success
    late = link_in(site.client.post(f"/nguoi-dung/{lan.person.id}/dat-lai").text)
    site.world.now = UtcMs(site.world.now + RESET_MS)
    assert site.stranger.get(late).status_code == 410


def test_an_invitation_ends_with_the_right_of_who_made_it(site: Site) -> None:
    chief = site.as_(Role.ADMINISTRATOR, TOWN)
    link = link_in(chief.post("/nguoi-dung/moi", data={"display_name": "L", "role": "editor", "area": TOWN}).text)
    again = link_in(chief.post("/nguoi-dung/moi", data={"display_name": "M", "role": "editor", "area": TOWN}).text)
    waiting = site.client.get("/api/v1/invitations").json()
    assert [each["display_name"] for each in waiting] == ["L", "M"] or len(waiting) == 2
    which = next(each["id"] for each in waiting if each["display_name"] == "M")
    assert chief.post(f"/nguoi-dung/loi-moi/{which}/thu-lai").status_code == 303
    assert site.stranger.get(again).status_code == 410
    site.client.post(f"/nguoi-dung/{chief.person.id}/khoa")
    assert site.stranger.post(link, data={"username": "lan", "new": NEW, "again": NEW}).status_code == 410


def test_one_sees_and_ends_ones_sessions(site: Site) -> None:
    lan = site.as_(Role.EDITOR, TOWN, "lan")
    phone = site.stranger
    phone.headers["User-Agent"] = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0"
    phone.sign_in("lan")
    page = lan.get("/tai-khoan").text
    assert "Firefox · Android" in page
    assert "127.0.0.1" in page
    (other,) = [each for each in lan.get("/api/v1/account/sessions").json() if not each["current"]]
    assert lan.post(f"/tai-khoan/phien/{other['id']}/ket-thuc").status_code == 303
    assert phone.get("/api/v1/session").status_code == 401
    assert lan.post(f"/tai-khoan/phien/{other['id']}/ket-thuc").status_code == 404
    stranger = site.as_(Role.VIEWER, TOWN)
    mine = lan.get("/api/v1/account/sessions").json()[0]["id"]
    assert stranger.delete(f"/api/v1/account/sessions/{mine}").status_code == 404, "only one's own"
    phone.sign_in("lan")
    assert lan.post("/tai-khoan/phien-khac/ket-thuc").status_code == 303
    assert phone.get("/api/v1/session").status_code == 401


def test_the_second_factor_by_pages(site: Site) -> None:
    lan = site.as_(Role.EDITOR, TOWN, "lan")
    page = lan.get("/tai-khoan/hai-buoc").text
    secret = re.search(r'<code class="secret">(\w+)', page)
    assert secret
    picture = lan.get("/tai-khoan/hai-buoc/ma.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert b" style=" not in picture.content
    assert lan.post("/tai-khoan/hai-buoc", data={"code": "0"}).status_code == 422
    shown = lan.post("/tai-khoan/hai-buoc", data={"code": code_at(secret[1], site.world.now)}).text
    codes = re.findall(r"<li><code>([\w-]+)</code>", shown)
    assert len(codes) == 10
    site.world.now = UtcMs(site.world.now + STEP_MS)
    visitor = site.stranger
    half = visitor.post("/dang-nhap", data={"username": "lan", "password": PASSWORD, "tiep": "/cum-loa"})
    assert half.headers["location"] == "/dang-nhap/ma?tiep=/cum-loa"
    assert visitor.get("/cum-loa").headers["location"].startswith("/dang-nhap")
    assert visitor.get(half.headers["location"]).status_code == 200
    assert visitor.post("/dang-nhap/ma", data={"code": "nothing"}).status_code == 401
    whole = visitor.post("/dang-nhap/ma", data={"code": code_at(secret[1], site.world.now), "tiep": "/cum-loa"})
    assert whole.headers["location"] == "/cum-loa"
    assert visitor.get("/cum-loa").status_code == 200
    asked = site.stranger.sign_in("lan")
    assert (asked.status_code, asked.json()["code"]) == (401, "second-factor-needed")
    body = {"username": "lan", "password": PASSWORD, "code": codes[0]}
    assert site.stranger.post("/api/v1/session", json=body).is_success
    assert lan.post("/tai-khoan/hai-buoc/ma-du-phong", data={"code": codes[0]}).status_code == 422
    assert lan.post("/tai-khoan/hai-buoc/ma-du-phong", data={"code": codes[1]}).status_code == 200
    fresh = site.client.post(f"/nguoi-dung/{lan.person.id}/bo-hai-buoc")
    assert fresh.status_code == 303
    assert site.stranger.sign_in("lan").is_success


def test_a_reset_link_leaves_the_second_factor_on(site: Site) -> None:
    lan = site.as_(Role.EDITOR, TOWN, "lan")
    secret = lan.post("/api/v1/account/second-factor").json()["secret"]
    lan.put("/api/v1/account/second-factor", json={"code": code_at(secret, site.world.now)})
    link = link_in(site.client.post(f"/nguoi-dung/{lan.person.id}/dat-lai").text)
    visitor = site.stranger
    assert visitor.post(link, data={"new": NEW, "again": NEW}).headers["location"] == "/dang-nhap"
    assert visitor.get("/api/v1/session").status_code == 401


def test_what_is_done_with_people_is_in_the_audit(site: Site) -> None:
    client = site.client
    link = client.post(
        "/api/v1/invitations", json={"display_name": "Lan", "grants": [{"role": "editor", "area": TOWN}]}
    )
    path = link.json()["path"]
    site.stranger.post(path, data={"username": "lan", "new": NEW, "again": NEW})
    lan = next(each for each in client.get("/api/v1/people").json() if each["username"] == "lan")
    client.put(f"/api/v1/people/{lan['id']}/grants", json={"grants": [{"role": "viewer", "area": TOWN}]})
    client.post(f"/api/v1/people/{lan['id']}/disable")
    client.post(f"/api/v1/people/{lan['id']}/enable")
    with site.world.store.read() as unit:
        entries = [
            (each.who, each.action, each.source) for each in unit.audit.walk() if each.action.startswith("person")
        ]
        text = "".join(each.after + each.before for each in unit.audit.walk())
    assert entries == [
        ("admin", "person.invite", "127.0.0.1"),
        ("lan", "person.join", "127.0.0.1"),
        ("admin", "person.grants", "127.0.0.1"),
        ("admin", "person.disable", "127.0.0.1"),
        ("admin", "person.enable", "127.0.0.1"),
    ]
    assert path.rpartition("/")[2] not in text
    assert NEW not in text


def test_scripts_in_names_stay_text(site: Site) -> None:
    name = '<script>alert("x")</script>'
    client: Visitor = site.client
    page = client.post("/nguoi-dung/moi", data={"display_name": name, "role": "viewer", "area": TOWN}).text
    assert "<script>alert" not in page
    assert "<script>alert" not in client.get("/nguoi-dung").text
    assert "<script>alert" not in httpx.get(site.base + link_in(page)).text


def test_a_grant_in_a_place_that_ended_is_without_effect(site: Site) -> None:
    lan = site.as_(Role.EDITOR, AreaId("gone"), "lan")
    assert lan.get("/api/v1/areas").json() == []
    assert lan.get("/api/v1/bulletins").json() == []
    assert "đã kết thúc" in lan.get("/tai-khoan").text


@pytest.mark.parametrize(
    ("trusted", "told", "source"),
    [
        ("", "198.51.100.7", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.0/8, 10.0.0.0/8", "203.0.113.66, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7", "127.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_says_who_speaks(tmp_path: Path, trusted: str, told: str, source: str) -> None:
    with world(tmp_path) as behind:
        behind.person(Role.EDITOR, TOWN, "lan")
        app = made(behind.desk, Ledger(behind.store, lambda: behind.now, CHEAP), behind, tmp_path / "incoming")
        with served(app, trusted_proxies=trusted) as (base, _, _), Visitor(base_url=base, timeout=20) as visitor:
            visitor.headers["X-Forwarded-For"] = told
            assert visitor.sign_in("lan").is_success
        with behind.store.read() as unit:
            assert [each.source for each in unit.audit.walk() if each.action == "session.open"] == [source]
