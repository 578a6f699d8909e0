"""What is looked at, in a real browser: the calendar and its grid, paper, a speaker's day, the library."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from controller.desk.values import NewSchedule, When, WhenKind
from controller.rights import Role
from schedules.model import Targets
from schedules.units import DurationMs
from tests.browser.eyes import DESK, PHONE, Watched
from tests.controller.web.conftest import Site, running
from tests.controller.world import ADMIN, TOWN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

MORNING, TITLE, WAITS = "Bản tin sáng của thị trấn", "Họp thôn Trại Khe", "Tiêm chủng mở rộng"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Monday noon; a daily series from Tuesday, one broadcast this evening."""
    with running(tmp_path_factory.mktemp("site")) as site:
        site.world.add_speaker("s-1")
        for title, when in (
            (MORNING, When(WhenKind.DAILY, date(2026, 12, 8), time(6))),
            (TITLE, When(WhenKind.ONCE, date(2026, 12, 7), time(17))),
        ):
            bulletin = site.world.bulletin(title.encode() * 3_000, title)
            again = {"repeats": 2, "gap": DurationMs(3_570_000)} if title == TITLE else {}
            site.world.desk.schedule(NewSchedule(bulletin, when, Targets((TOWN,)), **again), ADMIN)  # type: ignore[arg-type]
        editor = site.world.person(Role.EDITOR, TOWN)
        bulletin = site.world.bulletin(b"waits" * 3_000, WAITS, editor)
        noon = When(WhenKind.ONCE, date(2026, 12, 9), time(11))
        site.world.desk.schedule(NewSchedule(bulletin, noon, Targets((TOWN,))), editor)
        yield site


@pytest.fixture
def look(chromium: Browser, site: Site) -> Iterator[Callable[..., Watched]]:
    """Open windows of an administrator far away; at the end no browser had anything to complain of."""
    seen: list[Watched] = []
    with ExitStack() as closing:

        def open_one(width: int, **options: Any) -> Watched:
            context = chromium.new_context(
                base_url=site.base,
                viewport={"width": width, "height": 844 if width == PHONE else 1200},
                locale="vi-VN",
                timezone_id="America/New_York",
                **options,
            )
            closing.callback(context.close)
            context.add_cookies(
                [
                    {"name": cookie.name, "value": str(cookie.value), "url": site.base}
                    for cookie in site.client.cookies.jar
                ]
            )
            seen.append(Watched(context.new_page(), width))
            return seen[-1]

        yield open_one
    assert [complaint for watched in seen for complaint in watched.complaints] == []


def drag(page: Page, down_px: int, title: str = MORNING, number: int = 0) -> None:
    event = page.locator(".ec-event", has_text=title).nth(number)
    event.evaluate("element => element.scrollIntoView({ block: 'center' })")
    box = event.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + down_px / 2, steps=4)
    page.mouse.move(x, y + down_px, steps=4)
    page.mouse.up()


def test_drag_asks_says_what_changes_and_moves(look: Callable[..., Watched]) -> None:
    watched = look(DESK)
    page = watched.page
    page.goto("/lich?dang=luoi")
    page.locator("#grid[data-ready]").wait_for()
    watched.look("lich-luoi")
    first = page.locator(".ec-event", has_text=MORNING).first
    expect(first).to_contain_text("06:00")
    hour = 2 * 24
    drag(page, hour)
    expect(page.locator("#effect")).to_contain_text("1 lượt đổi giờ")
    watched.look("lich-keo")
    page.get_by_role("button", name="Giữ nguyên").click()
    expect(page.locator("#move")).to_be_hidden()
    expect(first).to_contain_text("06:00")
    drag(page, hour)
    page.get_by_label("Cả lịch").check()
    expect(page.locator("#effect")).not_to_contain_text("1 lượt đổi giờ")
    page.get_by_role("button", name="Lưu thay đổi").click()
    expect(first).to_contain_text("07:00")
    expect(page.locator(".day time", has_text="07:00")).to_have_count(6)
    drag(page, -hour * 2)
    expect(page.locator("#move")).to_contain_text("05:00")
    page.keyboard.press("Escape")
    expect(first).to_contain_text("07:00")


def test_a_later_repeat_takes_its_occurrence_along_and_what_waits_stays_and_says_so(
    look: Callable[..., Watched],
) -> None:
    page = look(DESK).page
    page.goto("/lich?dang=luoi")
    page.locator("#grid[data-ready]").wait_for()
    expect(page.locator(".ec-event", has_text=TITLE).nth(1)).to_contain_text("18:00")
    drag(page, 2 * 24, TITLE, 1)
    expect(page.locator("#move-how")).to_contain_text("19:00")
    expect(page.locator("#effect")).to_contain_text("1 lượt đổi giờ")
    expect(page.locator("#move-form [name=at]")).to_have_value("18:00:00")
    page.get_by_role("button", name="Lưu thay đổi").click()
    expect(page.locator(".ec-event", has_text=TITLE).nth(0)).to_contain_text("18:00")
    expect(page.locator(".ec-event", has_text=TITLE).nth(1)).to_contain_text("19:00")
    waiting = page.locator(".ec-event.is-waiting")
    expect(waiting).to_contain_text(f"chờ duyệt: {WAITS}")
    drag(page, 2 * 24, WAITS)
    expect(page.locator("#move")).to_be_hidden()
    expect(waiting).to_contain_text("11:00")


def test_nothing_that_axe_finds_wrong(look: Callable[..., Watched]) -> None:
    watched = look(PHONE, bypass_csp=True)
    page = watched.page
    for path in ("/", "/lich", "/lich?dang=luoi", "/lich?ngay=2026-12-07", "/dong-thoi-gian", "/dong-thoi-gian/s-1"):
        page.goto(path)
        if "luoi" in path:
            page.locator("#grid[data-ready]").wait_for()
        assert watched.violations() == [], path
        watched.look_both(path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "hom-nay-trong")
    for path in ("/thu-vien", "/thu-vien?tim=khong", "/thu-vien/am-thanh"):
        page.goto(path)
        assert watched.violations() == [], path
        watched.look_both(path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-"))
    page.goto("/thu-vien")
    page.get_by_role("link", name="Dùng ở đâu?").first.click()
    page.get_by_role("heading", name="Lượt phát gần đây và sắp tới").wait_for()
    assert watched.violations() == []


def test_the_library_while_typing_and_without_scripts(look: Callable[..., Watched]) -> None:
    page = look(DESK).page
    page.goto("/thu-vien")
    page.get_by_label("Tìm trong tiêu đề").press_sequentially("hop thon")
    expect(page.locator("#results .card")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/thu-vien\?tim=hop(\+|%20)thon"))
    expect(page.get_by_label("Tìm trong tiêu đề")).to_be_focused()
    plain = look(PHONE, java_script_enabled=False).page
    plain.goto("/thu-vien")
    plain.get_by_label("Tìm trong tiêu đề").fill("sáng")
    plain.get_by_role("button", name="Tìm").click()
    expect(plain.locator("#results")).to_contain_text(MORNING)
    expect(plain.locator("#results")).not_to_contain_text(TITLE)
    plain.goto("/lich?dang=luoi")
    expect(plain.locator("noscript p", has_text="Lưới giờ cần JavaScript")).to_be_visible()
    plain.get_by_role("link", name=re.compile(f"Đổi.*{MORNING}")).first.click()
    expect(plain.get_by_role("heading", name="Làm gì với lượt này?")).to_be_visible()


def test_the_days_programme_on_paper(look: Callable[..., Watched]) -> None:
    watched = look(DESK)
    page = watched.page
    page.goto("/lich?ngay=2026-12-08")
    expect(page.get_by_role("button", name="In")).to_be_visible()
    page.emulate_media(media="print")
    for gone in (".tabs", ".filters", ".days", ".beside", ".who", ".tongues"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.get_by_role("heading", name="Chương trình trong ngày")).to_be_visible()
    expect(page.locator(".day .line-title", has_text=MORNING)).to_be_visible()
    watched.look("chuong-trinh-in")
