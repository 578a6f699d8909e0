"""Inviting, joining by the link, one's own account and second factor in the browser, with a telephone's width."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from controller.desk.second_factor import code_at
from controller.rights import EVERYWHERE, Role
from tests.browser.eyes import DESK, PHONE
from tests.browser.office import StaffOffice, now_ms, staff_office
from tests.controller.world import PASSWORD, TOWN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

NEW = "một mật khẩu mới"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[StaffOffice]:
    with staff_office(tmp_path_factory.mktemp("office"), chromium) as made:
        yield made


@pytest.mark.parametrize("script", [True, False])
def test_a_new_editor_comes_by_the_link(office: StaffOffice, chromium: Browser, script: bool) -> None:
    chief = office.window(Role.ADMINISTRATOR, EVERYWHERE, DESK, "chief", java_script_enabled=script).page
    chief.goto("/nguoi-dung")
    chief.get_by_role("link", name="Mời người mới").click()
    chief.get_by_label("Họ và tên").fill("Nguyễn Thị Lan")
    chief.locator("select[name=role]").select_option(label="Biên tập viên")
    chief.locator("select[name=area]").select_option(TOWN)
    chief.get_by_role("button", name="Tạo lời mời").click()
    link = chief.get_by_label("Đường dẫn").input_value()
    assert link.startswith(office.address)
    context = chromium.new_context(viewport={"width": PHONE, "height": 844}, locale="vi-VN", java_script_enabled=script)
    try:
        lan = context.new_page()
        lan.goto(link)
        expect(lan.get_by_text("Biên tập viên – thị trấn Đầm Hà")).to_be_visible()
        username = "lan" if script else "lan.khong-script"
        lan.get_by_label("Tên đăng nhập").fill(username)
        lan.get_by_label("Mật khẩu mới", exact=True).fill(NEW)
        lan.get_by_label("Gõ lại mật khẩu mới").fill(NEW)
        lan.get_by_role("button", name="Tiếp tục").click()
        lan.get_by_role("heading", name="Hôm nay").wait_for()
        expect(lan.get_by_role("link", name="Quản trị")).to_have_count(0)
        lan.get_by_role("link", name="Nguyễn Thị Lan").click()
        expect(lan.get_by_role("heading", name="Tài khoản của tôi")).to_be_visible()
        expect(lan.get_by_text("phiên này")).to_be_visible()
    finally:
        context.close()


def test_the_second_factor_is_switched_on_and_asked_for(office: StaffOffice) -> None:
    watched = office.window(Role.APPROVER, TOWN, PHONE, "leader")
    page = watched.page
    page.goto("/tai-khoan")
    page.get_by_role("link", name="Bật xác minh hai bước").click()
    picture = page.get_by_role("img", name="Mã QR")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 50")
    secret = page.locator(".secret").inner_text()
    watched.look("hai-buoc")
    page.get_by_label("Nhập mã 6 số").fill(code_at(secret, now_ms()))
    page.get_by_role("button", name="Bật xác minh hai bước").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    watched.look("ma-du-phong")
    code = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="Đã chép xong").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.get_by_label("Tên đăng nhập").fill("leader")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(re.compile("/dang-nhap/ma"))
    watched.look("nhap-ma")
    page.get_by_label("Mã xác minh").fill("123")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_text("Mã xác minh không đúng")).to_be_visible()
    page.get_by_label("Mã xác minh").fill(code)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Hôm nay").wait_for()


def test_axe_finds_nothing(office: StaffOffice) -> None:
    editor = office.world.person(Role.EDITOR, TOWN, "lan-2")
    watched = office.window(Role.ADMINISTRATOR, EVERYWHERE, PHONE, "chief-2", bypass_csp=True)
    page = watched.page
    paths = ("/nguoi-dung", "/nguoi-dung/moi", f"/nguoi-dung/{editor.id}", "/tai-khoan", "/tai-khoan/hai-buoc")
    for path in paths:
        page.goto(path)
        assert watched.violations() == [], path
        watched.look_both("nguoi-" + path.strip("/").replace("/", "-").replace(editor.id, "mot"))
    page.goto(f"/nguoi-dung/{editor.id}")
    page.get_by_role("button", name="Tạo đường dẫn đặt mật khẩu mới").click()
    assert watched.violations() == [], "the link"
    link = page.get_by_label("Đường dẫn").input_value()
    watched.look_both("duong-dan")
    page.goto(link)
    assert watched.violations() == [], "joining"
    watched.look_both("dat-mat-khau")
