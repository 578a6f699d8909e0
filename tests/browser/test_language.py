"""The switch between the languages: on every page, with and without JavaScript, by keyboard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.station import Station
from tests.browser.conftest import opened
from tests.browser.eyes import PHONE, Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

PAGES = {
    "/": "Today",
    "/ban-tin/moi": "New bulletin",
    "/lich": "Schedules",
    "/cum-loa": "Speakers",
    "/nhat-ky": "Audit",
}


@contextmanager
def in_english(page: Page, path: str) -> Iterator[None]:
    """The choice goes with the person, whom other tests share: it is taken back at the end."""
    page.goto(path)
    page.get_by_role("button", name="English").click()
    try:
        yield
    finally:
        page.get_by_role("button", name="Tiếng Việt").click()
        expect(page.locator("html")).to_have_attribute("lang", "vi")


@pytest.mark.parametrize("script", [True, False])
def test_the_pages_in_english(window: Callable[..., Watched], script: bool) -> None:
    watched = window(PHONE, java_script_enabled=script, bypass_csp=True)
    page = watched.page
    with in_english(page, "/cum-loa"):
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert page.url.endswith("/cum-loa"), "where the switch was pressed"
        for path, heading in PAGES.items():
            page.goto(path)
            expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
            if script:
                watched.look(f"english{path.replace('/', '-')}")
        assert not script or watched.violations() == [], "the audit"


def test_by_keyboard_and_signed_out(chromium: Browser, station: Station) -> None:
    with opened(chromium, station, None, PHONE, bypass_csp=True) as watched:
        page = watched.page
        page.goto("/dang-nhap")
        expect(page.get_by_role("button", name="Tiếng Việt")).to_have_attribute("aria-current", "true")
        page.get_by_role("button", name="Đăng nhập").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="English")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        watched.look("sign-in")
        assert watched.violations() == []
        page.reload()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_chosen_day_is_said_in_words(window: Callable[..., Watched]) -> None:
    page = window(PHONE).page
    page.goto("/nhat-ky?tu=2026-12-07")
    field = page.locator("label", has=page.locator("[name=tu]"))
    expect(field).to_have_attribute("data-echo", "Thứ Hai, 07/12/2026")
    page.locator("[name=tu]").fill("2028-02-29")
    expect(field).to_have_attribute("data-echo", "Thứ Ba, 29/02/2028")
    page.locator("[name=tu]").fill("")
    expect(field).not_to_have_attribute("data-echo", "Thứ Ba, 29/02/2028")
