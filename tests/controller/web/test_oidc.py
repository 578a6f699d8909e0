"""Sign-in by the organisation's provider, over a small real one: what is believed, and which rights come of it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from controller.desk.accounts import Ledger
from controller.oidc import BadMapping, provider_of, read_mapping
from controller.rights import EVERYWHERE, Grant, Role
from controller.settings import BadSetting, Settings
from controller.web.app import create_app
from schedules.units import UtcMs
from tests.controller.web.conftest import Visitor, served
from tests.controller.world import CHEAP, COMMUNE, TOWN, World, world
from tests.rig.oidc import (
    CLIENT,
    SECRET,
    OidcProvider,
    oidc_provider,
    signed_by_another,
    signed_by_nobody,
    signed_with_the_public_key_as_a_secret,
)
from tests.rig.ports import free_port

ROLES = f"staff=editor@{TOWN}; chiefs=approver@{TOWN}; chiefs=approver@{COMMUNE}; it=administrator@*"


@dataclass
class Organisation:
    provider: OidcProvider
    world: World
    base: str
    closing: ExitStack

    def browser(self) -> Visitor:
        return self.closing.enter_context(Visitor(base_url=self.base, timeout=20))

    def enter(self, browser: Visitor, wanted: str = "/cum-loa") -> httpx.Response:
        """To the provider and back, as a browser goes."""
        there = browser.get("/dang-nhap/co-quan", params={"tiep": wanted})
        assert there.status_code == 303, there.text
        back = httpx.get(there.headers["location"])
        assert back.status_code == 302, back.text
        return browser.get(back.headers["location"])

    def grants(self, username: str) -> set[Grant]:
        with self.world.store.read() as unit:
            user = unit.people.by_username(username)
            return set(unit.people.grants(user.id)) if user else set()


@pytest.fixture
def organisation(tmp_path: Path) -> Iterator[Organisation]:
    with world(tmp_path) as behind, oidc_provider(lambda: behind.now // 1000) as provider:
        settings = Settings(
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_claim="realm_access.roles",
            oidc_roles=ROLES,
            oidc_name="Tỉnh",
            public_url=f"http://127.0.0.1:{free_port()}",
        )
        app = create_app(
            behind.desk,
            Ledger(behind.store, lambda: behind.now, CHEAP),
            behind.room,
            secure_cookies=False,
            upload_dir=tmp_path / "incoming",
            now=lambda: behind.now,
            public_url=settings.public_url,
            oidc=provider_of(settings, lambda: behind.now),
        )
        behind.person(Role.ADMINISTRATOR, name="admin")
        with served(app, int(settings.public_url.rpartition(":")[2])) as (base, _, _), ExitStack() as closing:
            yield Organisation(provider, behind, base, closing)


def someone(*roles: str, **more: Any) -> dict[str, Any]:
    return {"sub": "p-1", "preferred_username": "Lan.Đỗ@tinh.vn", "name": "Đỗ Lan", **more} | {
        "realm_access": {"roles": list(roles)}
    }


def test_the_first_sign_in_makes_the_account(organisation: Organisation) -> None:
    organisation.provider.person = someone("staff", "others")
    browser = organisation.browser()
    assert "Đăng nhập bằng Tỉnh" in browser.get("/dang-nhap").text
    came = organisation.enter(browser)
    assert (came.status_code, came.headers["location"]) == (303, "/cum-loa")
    session = browser.get("/api/v1/session").json()
    assert (session["username"], session["display_name"]) == ("lan.do", "Đỗ Lan")
    assert organisation.grants("lan.do") == {Grant(Role.EDITOR, TOWN)}
    assert browser.get("/ban-tin/moi").status_code == 200
    assert browser.get("/nguoi-dung").status_code == 403
    assert "/doi-mat-khau" not in browser.get("/tai-khoan").text, "the password is the organisation's affair"


def test_roles_follow_the_claims_at_every_sign_in(organisation: Organisation) -> None:
    for roles, grants in (
        (("staff",), {Grant(Role.EDITOR, TOWN)}),
        (
            ("chiefs", "it"),
            {Grant(Role.APPROVER, TOWN), Grant(Role.APPROVER, COMMUNE), Grant(Role.ADMINISTRATOR, EVERYWHERE)},
        ),
        (("staff",), {Grant(Role.EDITOR, TOWN)}),
    ):
        organisation.provider.person = someone(*roles)
        assert organisation.enter(organisation.browser()).status_code == 303
        assert organisation.grants("lan.do") == grants
    with organisation.world.store.read() as unit:
        assert [each.action for each in unit.audit.walk()].count("person.grants") == 3
    organisation.provider.person = someone("others")
    refused = organisation.enter(organisation.browser())
    assert refused.status_code == 403
    assert "chưa giao cho bạn vai trò nào" in refused.text
    assert organisation.grants("lan.do") == set()


def test_nobody_becomes_who_is_here_already(organisation: Organisation) -> None:
    organisation.provider.person = someone("staff", preferred_username="admin")
    browser = organisation.browser()
    organisation.enter(browser)
    assert browser.get("/api/v1/session").json()["username"] == "admin-2"
    organisation.provider.person = someone("staff", sub="p-2", preferred_username="admin")
    other = organisation.browser()
    organisation.enter(other)
    assert other.get("/api/v1/session").json()["username"] == "admin-3"
    assert browser.sign_in("admin-2", "").status_code == 401, "an account of the provider has no password"


def test_who_was_disabled_here_stays_out(organisation: Organisation) -> None:
    organisation.provider.person = someone("staff")
    organisation.enter(organisation.browser())
    with organisation.world.store.write() as unit:
        user = unit.people.by_username("lan.do")
        assert user is not None
        unit.people.set_disabled(user.id, True)
    assert organisation.enter(organisation.browser()).status_code == 403


def test_what_is_not_believed(organisation: Organisation) -> None:
    """Tokens for another attempt, client or time, and tokens that the provider did not sign."""
    provider, browser = organisation.provider, organisation.browser()
    provider.person = someone("it")
    for spoil in (
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://another.example"},
        {"exp": 1},
        {"sub": None},
    ):
        provider.spoil = spoil
        assert organisation.enter(browser).status_code == 502, spoil
    provider.spoil = {}
    for signing in (signed_by_another, signed_by_nobody, signed_with_the_public_key_as_a_secret):
        provider.signing = signing
        assert organisation.enter(browser).status_code == 502, signing
    assert browser.get("/api/v1/session").status_code == 401
    provider.signing = None
    assert organisation.enter(browser).status_code == 303, "and otherwise it would have been"


def test_the_provider_changes_its_keys(organisation: Organisation) -> None:
    organisation.provider.person = someone("staff")
    assert organisation.enter(organisation.browser()).status_code == 303
    organisation.provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert organisation.enter(organisation.browser()).status_code == 303


def test_the_way_back_is_for_the_browser_that_left(organisation: Organisation) -> None:
    organisation.provider.person = someone("it")
    mine, other = organisation.browser(), organisation.browser()
    there = mine.get("/dang-nhap/co-quan").headers["location"]
    back = httpx.get(there).headers["location"]
    assert other.get(back).status_code == 502
    assert mine.get(back).status_code == 502, "an attempt is tried once"
    assert mine.get("/dang-nhap/co-quan/ve", params={"error": "access_denied"}).status_code == 502
    odd = httpx.get(other.get("/dang-nhap/co-quan").headers["location"]).headers["location"]
    assert httpx.get(odd, headers=[(b"Cookie", b"loaxa_oidc=\xe9")]).status_code == 502
    late = httpx.get(mine.get("/dang-nhap/co-quan").headers["location"]).headers["location"]
    organisation.world.now = UtcMs(organisation.world.now + 600_001)
    assert mine.get(late).status_code == 502


def test_never_to_another_site(organisation: Organisation) -> None:
    organisation.provider.person = someone("staff")
    assert organisation.enter(organisation.browser(), "//evil.example").headers["location"] == "/"
    asked = parse_qs(urlsplit(organisation.browser().get("/dang-nhap/co-quan").headers["location"]).query)
    assert asked["redirect_uri"] == [f"{organisation.base}/dang-nhap/co-quan/ve"]
    assert asked["code_challenge_method"] == ["S256"]
    assert "code_verifier" not in asked


def test_a_provider_that_says_it_is_another(organisation: Organisation) -> None:
    organisation.provider.described_as = "https://another.example"
    answer = organisation.browser().get("/dang-nhap/co-quan")
    assert answer.status_code == 502
    assert "không thành công" in answer.text


def test_the_mapping() -> None:
    found = read_mapping("a=editor@x; b c=viewer@*;a=approver@y;")
    assert found == {
        "a": (Grant(Role.EDITOR, TOWN.__class__("x")), Grant(Role.APPROVER, TOWN.__class__("y"))),
        "b c": (Grant(Role.VIEWER, EVERYWHERE),),
    }
    for wrong in ("a", "a=editor", "a=king@x", "=editor@x", "a=editor@"):
        with pytest.raises(BadMapping):
            read_mapping(wrong)


@pytest.mark.parametrize(
    "settings",
    [
        {
            "oidc_issuer": "http://far.example",
            "oidc_client_id": "x",
            "public_url": "https://x",
            "oidc_roles": "a=viewer@*",
        },
        {"oidc_issuer": "https://far.example", "public_url": "https://x", "oidc_roles": "a=viewer@*"},
        {"oidc_issuer": "https://far.example", "oidc_client_id": "x", "oidc_roles": "a=viewer@*"},
        {"oidc_issuer": "https://far.example", "oidc_client_id": "x", "public_url": "https://x"},
        {"oidc_issuer": "https://far.example", "oidc_client_id": "x", "public_url": "https://x", "oidc_roles": "a"},
    ],
)
def test_half_a_configuration_does_not_start(settings: dict[str, str]) -> None:
    with pytest.raises(BadSetting):
        provider_of(Settings(**settings), lambda: UtcMs(0))  # type: ignore[arg-type]
    assert provider_of(Settings(), lambda: UtcMs(0)) is None
