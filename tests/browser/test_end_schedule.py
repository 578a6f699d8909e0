"""A recurring schedule is ended: asked once more, without JavaScript too, and told at once on every open page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SPEAKERS
from tests.browser.eyes import DESK, PHONE, Watched
from tests.browser.steps import FIRST_SOUND_MS, compose

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_a_schedule_is_ended_and_every_speaker_confirms(window: Callable[..., Watched]) -> None:
    watched = window(DESK, bypass_csp=True)
    page = watched.page
    compose(page, "Thể dục buổi sáng", "Mời bà con tập thể dục.")
    page.get_by_role("checkbox", name="huyện Đầm Hà").check()
    page.get_by_role("radio", name="Hàng ngày").check()
    page.get_by_role("button", name="Gửi tới loa").click(timeout=FIRST_SOUND_MS)
    page.wait_for_url("**/luot-phat/*")
    expect(page.get_by_text("Lịch: hàng ngày lúc 17:00")).to_be_visible()
    expect(page.locator(".rows .badge", has_text="Sẵn sàng")).to_have_count(SPEAKERS, timeout=30_000)
    watched.look("luot-phat-lich")
    plain = window(PHONE, java_script_enabled=False).page
    plain.goto(page.url)
    page.get_by_role("link", name="Kết thúc lịch này").click()
    expect(page.get_by_role("heading", name="Kết thúc lịch này?")).to_be_visible()
    assert watched.violations() == []
    watched.look("ket-thuc-lich")
    page.get_by_role("link", name="Quay lại").click()
    expect(page.get_by_role("button", name="Hủy lượt phát")).to_be_visible()
    plain.get_by_role("link", name="Kết thúc lịch này").click()
    plain.get_by_role("button", name="Kết thúc lịch").click()
    expect(plain.get_by_text("Lịch đã kết thúc")).to_be_visible()
    expect(page.get_by_text("Lịch đã kết thúc")).to_be_visible()
    expect(page.locator(".rows .badge", has_text="Đã hủy")).to_have_count(SPEAKERS)
    expect(page.get_by_text(f"{SPEAKERS} trên {SPEAKERS} cụm loa đã xác nhận")).to_be_visible()
    assert watched.violations() == []
    watched.look("lich-da-ket-thuc")
