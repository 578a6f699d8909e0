"""Areas, speakers and groups in the browser: axe on every page, which fits both widths; an area made and ended."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.eyes import PHONE, Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

PAGES = (
    "/dia-ban",
    "/dia-ban?ngay=2021-01-01",
    "/dia-ban/moi",
    "/dia-ban/gop",
    "/dia-ban/nhap",
    "/dia-ban/dam-ha",
    "/dia-ban/dam-ha-06895",
    "/dia-ban/dam-ha-06895/gioi-han",
    "/dia-ban/dam-ha-06895/tach",
    "/dia-ban/dam-ha-06895/chuyen",
    "/dia-ban/dam-ha-06895/ket-thuc",
    "/dia-ban/dam-ha-06895/ngay-nghi",
    "/cum-loa/nhom",
    "/cum-loa/nhom/moi",
)


def test_the_pages_of_places(window: Callable[..., Watched]) -> None:
    watched = window(PHONE, bypass_csp=True)
    page = watched.page
    page.goto("/cum-loa")
    speaker = page.locator(".speaker h2 a").first.get_attribute("href")
    for path in (*PAGES, speaker or ""):
        page.goto(path)
        assert watched.violations() == [], path
        watched.look_both("noi-" + path.strip("/").replace("/", "-").replace("?", "-"))


@pytest.mark.parametrize("script", [True, False])
def test_an_area_is_made_and_ended(window: Callable[..., Watched], script: bool) -> None:
    page = window(PHONE, java_script_enabled=script).page
    name = f"Bản {'có' if script else 'không'} kịch bản"
    page.goto("/dia-ban/moi")
    page.get_by_label("Tên", exact=True).fill(name)
    page.get_by_label("Loại").fill("thôn")
    page.get_by_label("Nằm trong").select_option(label="– xã Đại Bình")
    page.get_by_label("Từ ngày").fill("2026-01-01")
    page.get_by_label("Tên", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="sẽ thay đổi")).to_be_visible()
    page.get_by_role("button", name="Lưu thay đổi").press("Enter")
    expect(page.get_by_role("heading", name=f"thôn {name}")).to_be_visible()
    page.get_by_role("link", name="Kết thúc").click()
    page.get_by_role("button", name="Xem sẽ thay đổi gì").click()
    expect(page.get_by_text(f"Địa bàn kết thúc: thôn {name}")).to_be_visible()
    page.get_by_role("button", name="Lưu thay đổi").click()
    expect(page.get_by_role("status").filter(has_text="địa bàn này không có")).to_be_visible()
