"""A new box in the browser: it appears by itself, is compared, placed, and later put out; axe on every page."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from controller.rights import Role
from tests.browser.eyes import DESK, PHONE
from tests.browser.office import StaffOffice, staff_office
from tests.controller.world import TOWN
from tests.rig.knocking import NewBox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def office(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffOffice]:
    with staff_office(tmp_path_factory.mktemp("office"), chromium) as office:
        yield office


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_box_appears_is_placed_and_put_out(office: StaffOffice, width: int) -> None:
    watched = office.window(Role.TECHNICIAN, TOWN, width, bypass_csp=True)
    page = watched.page
    page.goto("/cum-loa/moi")
    expect(page.get_by_text("Chưa có hộp loa nào xin vào")).to_be_visible()
    assert watched.violations() == []
    with httpx.Client(base_url=office.address, timeout=20) as client:
        box = NewBox(client, hostname="loa-cho-dam-ha").waits()
        spaced = f"{box.code[:4]} {box.code[4:]}"
        link = page.get_by_role("link", name=spaced)
        expect(link).to_be_visible()
        assert watched.violations() == []
        watched.look("loa-moi")
        link.click()
        page.get_by_label("Tên cụm loa").fill(f"Cụm loa chợ {width}")
        page.get_by_label("Đặt ở địa bàn").select_option(TOWN)
        page.get_by_role("checkbox", name="Mã đúng").first.check()
        assert watched.violations() == []
        watched.look("hop-loa-moi")
        page.get_by_role("button", name="Nhận hộp loa").click()
        expect(page.get_by_role("status").filter(has_text="Đã nhận hộp loa")).to_be_visible()
        speaker = box.grant().speaker
    assert re.search(rf"/cum-loa/{speaker}", page.url)
    page.get_by_role("checkbox", name="Tôi chắc chắn thu hồi").check()
    page.get_by_role("button", name="Thu hồi hộp loa").click()
    expect(page.get_by_text("Hộp của cụm loa này đã bị thu hồi")).to_be_visible()
    assert watched.violations() == []
    watched.look("da-thu-hoi")
