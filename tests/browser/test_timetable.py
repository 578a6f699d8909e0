"""A culture officer's week: a time said in words, a conflict solved by one press, one occurrence moved, all edited."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from controller.rights import EVERYWHERE, Role
from tests.browser.eyes import DESK, PHONE, Watched
from tests.browser.office import StaffOffice, staff_office
from tests.controller.world import TOWN, ZONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def office(tmp_path: Path, chromium: Browser) -> Iterator[StaffOffice]:
    """A one-person station with one speaker and two bulletins that are ready."""
    with staff_office(tmp_path, chromium) as office:
        office.world.add_speaker("s-1")
        office.world.rule(TOWN, one_person_station=True)
        yield office


def tomorrow() -> date:
    return datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=1)


def say(page: Page, words: str) -> None:
    page.get_by_role("checkbox", name="thị trấn Đầm Hà").check()
    page.get_by_role("radio", name="Bằng lời").check()
    page.get_by_label("Gõ bằng lời").fill(words)


def sound(watched: Watched, name: str) -> None:
    watched.look(name)
    assert watched.violations() == []


def test_a_week_is_planned_and_changed(office: StaffOffice) -> None:
    desk = office.window(Role.ADMINISTRATOR, EVERYWHERE, DESK, name="officer", bypass_csp=True)
    page = desk.page
    page.goto(f"/ban-tin/{office.world.bulletin(title='Thể dục buổi sáng')}")
    say(page, "hàng ngày lúc 05:30 và 17:30")
    expect(page.locator("#understood")).to_contain_text("hàng ngày lúc 05:30 và 17:30")
    expect(page.locator("#understood")).to_contain_text("tối nay")
    sound(desk, "lich-bang-loi")
    page.get_by_role("button", name="Điền vào biểu mẫu").click()
    expect(page.get_by_role("radio", name="Hàng ngày")).to_be_checked()
    expect(page.locator("[name=at]")).to_have_value("05:30")
    page.locator("#send").click()
    page.wait_for_url("**/luot-phat/*")

    page.goto(f"/ban-tin/{office.world.bulletin(b'other' * 9_000, title='Tiêm chủng')}")
    page.get_by_role("checkbox", name="thị trấn Đầm Hà").check()
    page.locator("[name=day]").fill(tomorrow().isoformat())
    page.locator("[name=at]").fill("17:30")
    expect(page.locator(".clash")).to_contain_text("“Thể dục buổi sáng”")
    sound(desk, "lich-trung-gio")
    page.get_by_role("button", name="Chuyển “Tiêm chủng” sang 17:31").click()
    expect(page.locator("[name=at]")).to_have_value("17:31")
    expect(page.locator("#understood .sentence")).to_contain_text("17:31")
    expect(page.locator(".clash")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="thị trấn Đầm Hà")).to_be_checked()
    page.locator("#send").click()
    page.wait_for_url("**/luot-phat/*")


def test_one_is_moved_and_all_are_edited_on_a_phone(office: StaffOffice) -> None:
    phone = office.window(Role.ADMINISTRATOR, EVERYWHERE, PHONE, name="officer", bypass_csp=True)
    page = phone.page
    page.goto(f"/ban-tin/{office.world.bulletin(title='Thể dục buổi sáng')}")
    say(page, "hàng ngày lúc 17:30")
    page.locator("#send").click()
    page.wait_for_url("**/luot-phat/*")
    page.get_by_role("link", name="Xem và sửa cả lịch").click()
    expect(page.get_by_role("heading", name="Thể dục buổi sáng")).to_be_visible()
    sound(phone, "lich-mot")

    page.get_by_role("link", name="Bỏ, dời, thay").nth(1).click()
    page.get_by_role("radio", name="Dời giờ").check()
    page.get_by_label("Giờ mới").fill("18:15")
    expect(page.locator("#effect")).to_contain_text("1 lượt đổi giờ")
    sound(phone, "lich-mot-luot")
    page.get_by_role("button", name="Lưu thay đổi").click()
    expect(page.get_by_text("Đã dời giờ")).to_be_visible()

    page.get_by_role("link", name="Sửa lịch", exact=True).click()
    page.locator("[name=at]").fill("16:45")
    expect(page.locator("#effect")).to_contain_text("lượt đổi giờ")
    sound(phone, "lich-sua")
    page.get_by_role("button", name="Lưu thay đổi").click()
    expect(page.get_by_text("hàng ngày lúc 16:45")).to_be_visible()
    expect(page.get_by_text("Đã dời giờ")).to_be_visible()


def test_without_javascript_by_the_same_forms(office: StaffOffice) -> None:
    plain = office.window(Role.ADMINISTRATOR, EVERYWHERE, PHONE, name="officer", java_script_enabled=False)
    page = plain.page
    page.goto(f"/ban-tin/{office.world.bulletin(title='Thể dục buổi sáng')}")
    say(page, "hàng ngày lúc 17:30")
    page.get_by_role("button", name="Xem hệ thống hiểu thế nào").click()
    page.get_by_role("button", name="Gửi tới loa").click()
    page.get_by_role("link", name="Xem và sửa cả lịch").click()
    page.get_by_role("link", name="Bỏ, dời, thay").first.click()
    page.get_by_role("button", name="Xem những gì sẽ thay đổi").click()
    expect(page.locator("#effect")).to_contain_text("1 lượt không phát nữa")
    page.get_by_role("button", name="Lưu thay đổi").click()
    expect(page.get_by_text("Không phát", exact=True)).to_be_visible()
    page.get_by_role("link", name="Kết thúc lịch này").click()
    page.get_by_role("button", name="Kết thúc lịch").click()
    expect(page.get_by_text("Lịch đã kết thúc")).to_be_visible()
