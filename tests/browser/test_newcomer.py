"""The way of a newcomer: from a text to speakers that played it, and the pages that show it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from deploy.demo.station import Station
from tests.browser.conftest import SPEAKERS
from tests.browser.eyes import DESK, PHONE, Watched
from tests.browser.steps import FIRST_SOUND_MS, compose, player, send_now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

Window = Callable[..., Watched]
TEXT = "Kính mời bà con đến UBND xã lúc 7 giờ 30 ngày 25/11 để tiêm phòng."
LONG = " ".join([TEXT] * 12)
ALL_CONFIRMED = f"{SPEAKERS} trên {SPEAKERS} cụm loa đã xác nhận"
ALL_ONLINE = f"{SPEAKERS} trên {SPEAKERS} cụm loa đang kết nối"


def test_from_a_text_to_every_speaker(window: Window) -> None:
    watched = window(PHONE)
    page = watched.page
    page.goto("/")
    expect(page.get_by_text(ALL_ONLINE)).to_be_visible()
    page.goto("/ban-tin/moi")
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").type("Kính mời UBND")
    expect(page.locator("#spoken")).to_contain_text("Ủy ban nhân dân", ignore_case=True)
    watched.look("ban-tin-moi")
    compose(page, "Lịch tiêm phòng cho đàn gia súc", TEXT)
    player(page).wait_for(timeout=FIRST_SOUND_MS)
    heard = player(page).evaluate(
        """sound => new Promise((done, failed) => {
            sound.onerror = () => failed(new Error("the sound does not load"));
            sound.ondurationchange = () => done(sound.duration);
            if (sound.readyState > 0) done(sound.duration);
            sound.load();
        })"""
    )
    assert heard > 3
    page.get_by_role("checkbox", name="huyện Đầm Hà").check()
    assert page.locator(".tree input:checked").count() == 10
    page.get_by_role("checkbox", name="xã Quảng Lâm").uncheck()
    assert page.locator(".tree input:checked").count() == 8
    page.get_by_role("checkbox", name="xã Quảng Lâm").check()
    assert page.locator(".tree input:checked").count() == 10
    expect(page.locator("#understood")).to_contain_text("Hệ thống hiểu:")
    watched.look("ban-tin")
    send_now(page)
    expect(page.locator(".rows tbody tr")).to_have_count(SPEAKERS)
    expect(page.locator(".badge.tone-on").first).to_be_visible(timeout=30_000)
    watched.look("luot-phat-dang-phat")
    expect(page.locator(".rows .badge", has_text="Đã phát")).to_have_count(SPEAKERS, timeout=40_000)
    expect(page.locator(".rows")).to_contain_text("dBFS")
    assert len(re.findall(r"\d+,\d ms", page.locator(".rows").inner_text())) == SPEAKERS
    watched.look("luot-phat")
    page.get_by_role("link", name="Hôm nay").click()
    expect(page.locator("#over-title")).to_be_visible()
    watched.look("hom-nay")
    page.get_by_role("link", name="Cụm loa", exact=True).click()
    expect(page.locator(".speaker")).to_have_count(SPEAKERS)
    watched.look("cum-loa")


def test_an_emergency_names_its_places_first(window: Window) -> None:
    watched = window(DESK)
    page = watched.page
    compose(page, "Cảnh báo lũ quét", "Nước lên nhanh. Bà con sơ tán ngay.")
    page.get_by_role("radio", name="Phát ngay").check()
    page.get_by_role("checkbox", name="xã Quảng An").check()
    page.get_by_role("radio", name="Khẩn cấp").check()
    confirm = page.get_by_role("checkbox", name="Tôi xác nhận phát KHẨN CẤP")
    expect(page.locator(".confirm")).to_contain_text("xã Quảng An")
    page.locator("#send").click(timeout=FIRST_SOUND_MS)
    expect(page.locator("#confirmed:invalid")).to_be_focused()
    watched.look("khan-cap")
    confirm.check()
    page.locator("#send").click()
    page.wait_for_url("**/luot-phat/*")
    expect(page.locator(".tag-1")).to_have_text("Khẩn cấp")
    expect(page.locator(".rows tbody tr")).to_have_count(1)


def test_stop_works_at_once_and_every_speaker_confirms(window: Window) -> None:
    watched = window(DESK)
    page = watched.page
    compose(page, "Bản tin dài", LONG)
    send_now(page)
    page.get_by_role("button", name="Dừng phát").click(timeout=30_000)
    expect(page.get_by_text(ALL_CONFIRMED)).to_be_visible()
    expect(page.locator(".rows .badge", has_text="Phát dở")).to_have_count(SPEAKERS)
    expect(page.locator(".rows")).to_contain_text("được dừng theo lệnh")
    watched.look("luot-phat-da-dung")


def test_cancel_before_it_plays(window: Window) -> None:
    watched = window(DESK)
    page = watched.page
    compose(page, "Bản tin sẽ hủy", "Bản tin này sẽ được hủy trước giờ phát.")
    page.get_by_role("checkbox", name="huyện Đầm Hà").check()
    page.get_by_role("radio", name="Một lần").check()
    page.get_by_role("textbox", name=re.compile("^Ngày phát")).fill(page.evaluate(TOMORROW))
    page.get_by_label("Giờ phát", exact=True).fill("17:00")
    expect(page.locator("#understood")).to_contain_text("17:00")
    page.get_by_role("button", name="Gửi tới loa").click(timeout=FIRST_SOUND_MS)
    page.wait_for_url("**/luot-phat/*")
    expect(page.locator(".times .big")).to_have_text("17:00")
    expect(page.locator(".rows .badge", has_text="Sẵn sàng")).to_have_count(SPEAKERS, timeout=30_000)
    watched.look("luot-phat-san-sang")
    page.get_by_role("button", name="Hủy lượt phát").click()
    expect(page.locator(".rows .badge", has_text="Đã hủy")).to_have_count(SPEAKERS)
    expect(page.get_by_text(ALL_CONFIRMED)).to_be_visible()


TOMORROW = """() => new Intl.DateTimeFormat("en-CA", {timeZone: "Asia/Ho_Chi_Minh"})
    .format(new Date(Date.now() + 86400000))"""


def test_without_javascript(window: Window) -> None:
    page = window(PHONE, java_script_enabled=False).page
    page.goto("/ban-tin/moi")
    page.get_by_label("Tiêu đề").fill("Không cần JavaScript")
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill("Họp tại UBND.")
    page.get_by_role("button", name="Xem cách đọc").click()
    expect(page.locator("#spoken")).to_contain_text("Ủy ban nhân dân", ignore_case=True)
    page.get_by_role("button", name="Tạo âm thanh và nghe thử").click()
    page.wait_for_url(re.compile(r"/ban-tin/(?!moi)"))
    for _ in range(100):
        if page.locator("audio").count():
            break
        page.get_by_role("link", name="Xem lại tiến độ").click()
    page.get_by_role("radio", name="Phát ngay").check()
    page.get_by_role("checkbox", name="xã Quảng Lâm").check()
    page.get_by_role("button", name="Xem hệ thống hiểu thế nào").click()
    expect(page.locator(".sentence")).to_contain_text("xã Quảng Lâm")
    assert page.get_by_role("checkbox", name="xã Quảng Lâm").is_checked()
    page.get_by_role("button", name="Gửi tới loa").click()
    page.wait_for_url("**/luot-phat/*")
    expect(page.locator(".rows tbody tr")).to_have_count(1)


def test_an_upload_that_is_no_sound_is_told_in_words(window: Window, station: Station) -> None:
    watched = window(PHONE)
    page = watched.page
    page.goto("/ban-tin/moi")
    page.get_by_label("Tiêu đề").fill("Không phải âm thanh")
    page.get_by_role("radio", name="Tải tệp âm thanh").check()
    page.locator("#file").set_input_files({"name": "x.mp3", "mimeType": "audio/mpeg", "buffer": b"not a sound" * 999})
    watched.look("tai-tep")
    page.get_by_role("button", name="Tạo âm thanh và nghe thử").click()
    expect(page.locator(".notice-bad")).to_be_visible(timeout=FIRST_SOUND_MS)
    watched.look("tai-tep-hong")


def test_a_lost_server_is_said_and_found_again(window: Window, station: Station) -> None:
    watched = window(PHONE)
    page = watched.page
    page.goto("/cum-loa")
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator(".speaker")).to_have_count(SPEAKERS)
    station.controller.stop()
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#stale-since")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    watched.look("mat-ket-noi")
    station.controller.start()
    station.controller.wait_for_words("LoaXã ready:", 60)
    expect(page.locator("#stale")).to_be_hidden(timeout=30_000)
    expect(page.get_by_text(ALL_ONLINE)).to_be_visible(timeout=30_000)
    watched.complaints.clear()
