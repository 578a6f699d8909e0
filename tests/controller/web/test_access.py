"""Who may come in: every route without sign-in, without the CSRF token, with a one-time password."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import Response
from fastapi.routing import APIRoute

from controller.desk.accounts import FIRST_USER
from controller.rights import Role
from controller.web.app import API_PREFIX, API_ROUTERS, PAGE_ROUTERS
from controller.web.session import set_cookie
from tests.controller.web.conftest import HTMX, Site, Visitor
from tests.controller.world import ADMIN, PASSWORD

NEW_PASSWORD = "một mật khẩu mới"
UPLOADS = {
    "/ban-tin/moi",
    "/api/v1/bulletins/audio",
    "/dia-ban/nhap",
    "/lich/nhap",
    "/thu-vien/ban-ghi",
    "/api/v1/recordings",
}
FREE = {
    ("POST", "/ngon-ngu"),
    ("GET", "/dang-nhap"),
    ("POST", "/dang-nhap"),
    ("GET", "/dang-nhap/ma"),
    ("POST", "/dang-nhap/ma"),
    ("GET", "/dang-nhap/co-quan"),
    ("GET", "/dang-nhap/co-quan/ve"),
    ("GET", "/moi/{token}"),
    ("POST", "/moi/{token}"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/enrolments"),
    ("POST", "/api/v1/enrolments/{enrolment}/reveal"),
}
"""Open to whoever comes: to choose a language, to sign in, to accept an invitation; to a box that enrols."""


def _routes() -> list[tuple[str, str]]:
    found = []
    for prefix, routers in (("", PAGE_ROUTERS), (API_PREFIX, API_ROUTERS)):
        for router in routers:
            for route in router.routes:
                assert isinstance(route, APIRoute)
                path = prefix + route.path.replace("{bulletin}", "n-1").replace("{broadcast}", "b-1")
                path = path.replace("{speaker}", "s-1").replace("{clip}", "a" * 64)
                found += [(method, path) for method in route.methods or ()]
    return sorted(set(found) - FREE)


ROUTES = _routes()
UNSAFE = [(method, path) for method, path in ROUTES if method not in ("GET", "HEAD", "OPTIONS")]


def test_there_are_routes_to_test() -> None:
    assert len(ROUTES) > 30
    assert len(UNSAFE) > 12


@pytest.fixture(scope="module")
def tokenless(shared_site: Site) -> httpx.Client:
    """Signed in, but without the token that the pages carry."""
    visitor = shared_site.stranger
    shared_site.world.person(Role.ADMINISTRATOR, name="admin")
    visitor.sign_in("admin")
    del visitor.headers["X-CSRF-Token"]
    return visitor


def test_a_stranger_gets_nothing(shared_site: Site) -> None:
    stranger, wrong = shared_site.stranger, []
    for method, path in ROUTES:
        answer = stranger.request(method, path)
        if path.startswith("/api/"):
            problem = answer.headers["content-type"] == "application/problem+json"
            # The answer to HEAD has no body.
            code = answer.json()["code"] if problem and method != "HEAD" else "not-signed-in"
            refused = problem and (answer.status_code, code) == (401, "not-signed-in")
        else:
            refused = answer.status_code == 303 and answer.headers["location"].startswith("/dang-nhap")
        if not refused:
            wrong.append((method, path, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("token", [None, "", "csrf-of-somebody-else"])
def test_unsafe_without_the_token_is_refused(shared_site: Site, tokenless: httpx.Client, token: str | None) -> None:
    headers, wrong = {} if token is None else {"X-CSRF-Token": token}, []
    for method, path in UNSAFE:
        body: dict[str, Any] = {"data": {"title": "x"}}
        if path in UPLOADS:
            body["files"] = {"file": ("a.wav", b"RIFF")}
        answer = tokenless.request(method, path, headers=headers, **body)
        if answer.status_code != 403 or "Hãy tải lại trang" not in answer.text:
            wrong.append((method, path, answer.status_code))
    assert not wrong
    assert not list(shared_site.uploads.glob("*"))
    assert tokenless.get("/api/v1/session").status_code == 200


def test_htmx_is_sent_to_the_sign_in(site: Site) -> None:
    answer = site.stranger.get("/", headers=HTMX)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/dang-nhap"


@pytest.fixture
def newcomer(site: Site) -> tuple[Visitor, str]:
    """Who has just signed in with the one-time password of the first start."""
    password = site.accounts.found()
    assert password
    visitor = site.stranger
    assert visitor.sign_in(FIRST_USER, password).json()["must_change_password"] is True
    return visitor, password


def test_a_one_time_password_must_be_changed_first(newcomer: tuple[Visitor, str]) -> None:
    visitor, password = newcomer
    assert visitor.get("/").headers["location"] == "/doi-mat-khau"
    assert visitor.get("/api/v1/areas").json()["code"] == "must-change-password"
    assert visitor.get("/api/v1/session").json()["must_change_password"] is True
    fields = {"old": password, "new": NEW_PASSWORD, "again": "another"}
    wrong = visitor.post("/doi-mat-khau", data=fields)
    assert wrong.status_code == 422
    assert "không giống nhau" in wrong.text
    answer = visitor.post("/doi-mat-khau", data=fields | {"again": NEW_PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert visitor.get("/").status_code == 200


def test_password_by_api(newcomer: tuple[Visitor, str]) -> None:
    visitor, password = newcomer
    wrong = visitor.put("/api/v1/session/password", json={"old": "no", "new": NEW_PASSWORD})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "old")
    answer = visitor.put("/api/v1/session/password", json={"old": password, "new": NEW_PASSWORD})
    assert answer.json()["must_change_password"] is False


def test_sign_in_with_and_without_htmx(site: Site) -> None:
    site.world.person(Role.ADMINISTRATOR, name="admin")
    stranger = site.stranger
    wrong = {"username": "admin", "password": "guess", "tiep": "/cum-loa"}
    page = stranger.post("/dang-nhap", data=wrong)
    assert page.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in page.text
    assert 'value="admin"' in page.text
    assert "guess" not in page.text
    notice = stranger.post("/dang-nhap", data=wrong, headers=HTMX)
    assert notice.status_code == 401
    assert notice.headers["HX-Retarget"] == "#notices"
    assert "<html" not in notice.text
    right = wrong | {"password": PASSWORD}
    answer = stranger.post("/dang-nhap", data=right)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cum-loa")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert stranger.get("/cum-loa").status_code == 200


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example"])
def test_sign_in_never_leads_to_another_site(site: Site, elsewhere: str) -> None:
    data = {"username": "admin", "password": PASSWORD, "tiep": elsewhere}
    site.world.person(Role.ADMINISTRATOR, name="admin")
    assert site.stranger.post("/dang-nhap", data=data).headers["location"] == "/"


def test_sign_in_from_another_site_is_refused(site: Site) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    data = {"username": "admin", "password": PASSWORD}
    assert site.stranger.post("/dang-nhap", data=data, headers=headers).status_code == 403
    assert site.stranger.post("/api/v1/session", json=data, headers=headers).json()["code"] == "csrf"


def test_sign_out(site: Site) -> None:
    client = site.client
    assert client.post("/dang-xuat").headers["location"] == "/dang-nhap"
    assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize("path", ["/", "/khong-co", "/static/app.css", "/api/v1/session", "/api/v1/nothing"])
def test_headers_of_every_answer(site: Site, path: str) -> None:
    headers = site.client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_what_may_be_kept(site: Site) -> None:
    assert site.client.get("/").headers["cache-control"] == "no-store"
    assert "immutable" in site.client.get("/static/app.css?v=1").headers["cache-control"]
    assert site.client.get("/static/nothing.css?v=1").headers["cache-control"] == "no-store"


def test_no_inline_script_or_style_on_any_page(site: Site) -> None:
    site.world.add_speaker("s-1")
    broadcast = site.world.tomorrow_at_five()
    bulletin = site.world.desk.broadcast(broadcast, ADMIN).bulletin
    paths = ("/", "/ban-tin/moi", "/ban-tin", f"/ban-tin/{bulletin}", f"/luot-phat/{broadcast}", "/cum-loa")
    for path in (*paths, "/khong-co"):
        answer = site.client.get(path)
        assert answer.status_code == (404 if path == "/khong-co" else 200)
        page = answer.text
        assert "<style" not in page
        assert " style=" not in page
        assert "javascript:" not in page
        assert " onclick" not in page
        assert "<script>" not in page


def test_secure_cookies_when_the_site_is_https(site: Site) -> None:
    response = Response()
    set_cookie(response, "token", replace(site.services, secure_cookies=True))
    assert "Secure" in response.headers["set-cookie"]
