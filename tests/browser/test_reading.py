"""Written beside read: what is not understood is seen, corrected on the spot and remembered, on a phone and a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from controller.rights import Role
from tests.browser.eyes import DESK, PHONE
from tests.browser.office import StaffOffice, staff_office
from tests.controller.world import COMMUNE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TEXT = "UBND xã mời họp tại KDTM lúc 7h30 ngày 12/9 😀.\n\nGiá vé 12/3/4."
OLD = "ñy ban nh©n d©n x· th«ng b¸o lÞch tiªm phßng"


@pytest.fixture(scope="module")
def office(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffOffice]:
    with staff_office(tmp_path_factory.mktemp("reading"), chromium) as running:
        yield running


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_reading_is_corrected_where_it_is_seen(office: StaffOffice, width: int) -> None:
    watched = office.window(Role.EDITOR, COMMUNE, width, bypass_csp=True)
    page = watched.page
    page.goto("/ban-tin/moi")
    word = "KDTMA" if width == PHONE else "KDTMB"
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill(TEXT.replace("KDTM", word))
    preview = page.locator("#spoken")
    expect(preview).to_contain_text("2 chỗ chưa rõ cách đọc")
    expect(preview.locator("mark.unsure").first).to_contain_text(word)
    assert watched.violations() == []
    watched.look("doc-la")
    field = page.get_by_label(f"{word} đọc là")
    field.fill("khu du lịch 9")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("không số")
    field = page.get_by_label(f"{word} đọc là")
    field.fill("khu du lịch tuần mã")
    field.press("Enter")
    expect(preview).to_contain_text(f"Đã nhớ cách đọc “{word}”")
    expect(preview).to_contain_text("mời họp tại khu du lịch tuần mã lúc bảy giờ ba mươi phút")
    expect(preview).to_contain_text("1 chỗ chưa rõ cách đọc")
    watched.look("doc-la-da-nho")
    page.goto("/cach-doc")
    expect(page.get_by_role("row", name=word)).to_contain_text("khu du lịch tuần mã")
    assert watched.violations() == []
    watched.look("cach-doc")
    with office.world.store.read() as unit:
        assert unit.bulletins.newest(5) == (), "Enter in a reading makes no bulletin"


def test_a_text_of_an_old_font_becomes_readable_by_one_press(office: StaffOffice) -> None:
    watched = office.window(Role.EDITOR, COMMUNE, PHONE, bypass_csp=True)
    page = watched.page
    page.goto("/ban-tin/moi")
    text = page.get_by_label("Văn bản sẽ được đọc thành tiếng")
    text.fill(OLD)
    expect(page.locator("#spoken")).to_contain_text("bảng mã cũ (TCVN3)")
    assert watched.violations() == []
    watched.look("bang-ma-cu")
    page.get_by_role("button", name="Chuyển sang Unicode").click()
    expect(text).to_have_value("ủy ban nhân dân xã thông báo lịch tiêm phòng")
    expect(page.locator("#spoken .legacy")).to_have_count(0)
    text.fill("UBND xã")
    expect(page.locator("#spoken")).to_contain_text("ủy ban nhân dân xã")
