"""A programme in a real browser: from a template, put in order by the keyboard and by dragging, prepared and heard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from audio.parts import Bed, Part, PartKind, Programme
from controller.desk.recordings import take
from controller.desk.templates import Templates
from controller.rights import Role
from controller.store.values import RecordingKind
from tests.audio import sounds
from tests.browser.eyes import DESK, PHONE
from tests.browser.office import StaffOffice, staff_office
from tests.browser.steps import FIRST_SOUND_MS
from tests.controller.world import TOWN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[StaffOffice]:
    """With an ident and music in the library, and the template of an afternoon."""
    folder = tmp_path_factory.mktemp("office")
    with staff_office(folder, chromium) as office:
        editor = office.world.person(Role.EDITOR, TOWN)
        kept = {}
        wanted = ((RecordingKind.IDENT, "Nhạc hiệu đài xã", 660), (RecordingKind.MUSIC, "Nhạc nền êm", 330))
        for kind, title, hertz in wanted:
            file = sounds.write(folder / kind, [sounds.tone(2.0, hertz)], sounds.RATE, "flac")
            kept[kind] = take(office.world.room, Path(file), f"{kind}.flac", editor, title=title, kind=kind)
        parts = (
            Part(PartKind.IDENT, recording=kept[RecordingKind.IDENT]),
            Part(PartKind.CHIME),
            Part(PartKind.TEXT, bed=True, language="vi"),
            Part(PartKind.CLOSING),
        )
        Templates(office.world.room).keep("Bản tin chiều", Programme(parts, Bed(kept[RecordingKind.MUSIC])), editor)
        yield office


def kinds(page: Page) -> list[str]:
    return page.locator(".part-what > strong").all_inner_texts()


def test_a_programme_from_a_template_is_ordered_by_keyboard_prepared_and_heard(office: StaffOffice) -> None:
    watched = office.window(Role.EDITOR, TOWN, PHONE, bypass_csp=True)
    page = watched.page
    page.goto("/ban-tin/moi")
    page.get_by_role("link", name="Soạn chương trình nhiều phần, hoặc từ mẫu").click()
    page.get_by_label("Tiêu đề").fill("Bản tin chiều thứ hai")
    page.get_by_label("Bắt đầu từ").select_option("Bản tin chiều")
    watched.look("mau-chuong-trinh")
    assert not watched.violations()
    page.get_by_role("button", name="Soạn", exact=True).click()
    page.wait_for_url("**/chuong-trinh")
    assert kinds(page) == ["Nhạc hiệu đài", "Chuông mở đầu", "Văn bản", "Chuông kết thúc"]
    page.get_by_role("button", name="Tạo âm thanh và nghe thử").click()
    expect(page.get_by_role("alert")).to_contain_text("Phần 3 chưa có văn bản")

    page.get_by_text("Sửa phần 3").click()
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill("Kính mời bà con họp thôn lúc 19h30.")
    page.get_by_role("button", name="Lưu phần 3").click()
    expect(page.locator("#part-3 .part-text")).to_contain_text("Kính mời bà con")
    page.get_by_role("button", name="+ Văn bản").click()
    page.locator("#part-4").get_by_label("Văn bản sẽ được đọc thành tiếng").fill("Phần tiếng Dao sau đây.")
    page.locator("#part-4").get_by_label("Ngôn ngữ").select_option("Tiếng Dao")
    page.get_by_role("button", name="Lưu phần 4").click()
    expect(page.locator("#part-4 .part-text")).to_contain_text("Phần tiếng Dao")
    page.get_by_role("button", name="+ Khoảng lặng").click()
    page.get_by_label("Dài bao nhiêu giây").fill("1,5")
    page.get_by_role("button", name="Lưu phần 5").click()
    expect(page.locator("#part-5 .part-length")).to_contain_text("2 giây")
    expect(page.locator("#part-5 details")).not_to_have_attribute("open", "")

    up = page.get_by_role("button", name="Chuyển phần 5 lên")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Chuyển phần 4 lên")).to_be_focused()
    assert kinds(page)[2:5] == ["Văn bản", "Khoảng lặng", "Văn bản"]
    expect(page.locator("#part-5")).to_contain_text("Tiếng Dao")
    expect(page.locator(".whole-length")).to_contain_text("khoảng")
    watched.look("chuong-trinh")
    assert not watched.violations()

    page.get_by_role("button", name="Tạo âm thanh và nghe thử").click()
    player = page.get_by_label("Nghe bản tin đúng như loa sẽ phát")
    player.wait_for(timeout=FIRST_SOUND_MS)
    page.reload()
    expect(page.locator(".whole-length")).not_to_contain_text("khoảng")
    heard = page.evaluate(
        """async () => { const player = document.querySelector("#prepared audio");
        player.muted = true; await player.play();
        await new Promise((done) => player.addEventListener("timeupdate", done, {once: true}));
        return [player.currentTime > 0, player.duration]; }"""
    )
    assert heard[0]
    assert heard[1] > 10
    watched.look("chuong-trinh-xong")


def test_parts_are_dragged_and_the_library_says_where_a_recording_is_used(office: StaffOffice) -> None:
    watched = office.window(Role.EDITOR, TOWN, DESK, bypass_csp=True)
    page = watched.page
    page.goto("/mau-chuong-trinh")
    page.get_by_label("Tiêu đề").fill("Bản tin kéo thả")
    page.get_by_label("Bắt đầu từ").select_option("Bản tin chiều")
    page.get_by_role("button", name="Soạn", exact=True).click()
    page.wait_for_url("**/chuong-trinh")
    grip, target = page.locator("#part-1 .grip").bounding_box(), page.locator("#part-3").bounding_box()
    assert grip is not None
    assert target is not None
    page.mouse.move(grip["x"] + 4, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + target["height"] - 4, steps=6)
    page.mouse.up()
    expect(page.locator(".part-what > strong").nth(2)).to_have_text("Nhạc hiệu đài")
    assert kinds(page) == ["Chuông mở đầu", "Văn bản", "Nhạc hiệu đài", "Chuông kết thúc"]
    watched.look("chuong-trinh-keo")

    page.goto("/thu-vien/ban-ghi?tim=nhac+hieu")
    expect(page.locator("#results")).to_contain_text("Bản tin kéo thả")
    watched.look("ban-ghi")
    assert not watched.violations()
    page.get_by_role("link", name="Nhạc hiệu đài xã").click()
    page.get_by_label("Nhãn, cách nhau bằng dấu phẩy").fill("đài, nhạc hiệu")
    page.get_by_label("Dùng được đến hết ngày (để trống: mãi mãi)").fill("2020-01-31")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator(".notice-bad")).to_contain_text("31/01/2020")
    watched.look("mot-ban-ghi")
    assert not watched.violations()
