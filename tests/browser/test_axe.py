"""Every page has nothing that axe finds wrong, and nothing that sticks out in a telephone's width or a desk's."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.station import Station
from tests.browser.conftest import opened
from tests.browser.eyes import PHONE, Watched
from tests.browser.steps import FIRST_SOUND_MS, compose, player, send_now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_pages_of_the_signed_in(window: Callable[..., Watched]) -> None:
    watched = window(PHONE, bypass_csp=True)
    page = watched.page
    compose(page, "Mời họp thôn", "Kính mời bà con họp thôn lúc 19 giờ.")
    send_now(page)
    assert watched.violations() == [], "a broadcast on its way"
    page.goto("/ban-tin")
    expect(page.get_by_role("heading", name="Bản tin", exact=True)).to_be_visible()
    watched.look_both("cac-ban-tin")
    links = page.locator(".cover").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    page.goto("/")
    watched.look_both("hom-nay")
    links += page.locator(".line > a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    for path in ("/", "/ban-tin", "/ban-tin/moi", "/cum-loa", "/doi-mat-khau", "/khong-co", *links[:2], *links[-2:]):
        page.goto(path)
        assert watched.violations() == [], path


def test_the_plan_with_everything_open(window: Callable[..., Watched]) -> None:
    watched = window(PHONE, bypass_csp=True)
    page = watched.page
    compose(page, "Lịch thu gom rác", "Thu gom rác vào thứ Hai hàng tuần.")
    player(page).wait_for(timeout=FIRST_SOUND_MS)
    page.get_by_role("radio", name="Hàng tuần").check()
    page.get_by_role("radio", name="Khẩn cấp").check()
    page.get_by_role("checkbox", name="huyện Đầm Hà").check()
    page.get_by_label("Thứ Hai").check()
    expect(page.locator(".confirm")).to_be_visible()
    assert watched.violations() == []
    watched.look_both("ke-hoach")


def test_the_sign_in(chromium: Browser, station: Station) -> None:
    with opened(chromium, station, None, PHONE, bypass_csp=True) as watched:
        watched.page.goto("/dang-nhap")
        assert watched.violations() == []
