"""An editor writes and submits, the leader listens on a phone and approves, the speaker's evening shows it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from controller.rights import Role
from tests.browser.eyes import DESK, PHONE
from tests.browser.office import StaffOffice, staff_office
from tests.browser.steps import FIRST_SOUND_MS, compose, player
from tests.controller.world import TOWN, ZONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def office(tmp_path: Path, chromium: Browser) -> Iterator[StaffOffice]:
    """The town has a speaker and is no one-person station."""
    with staff_office(tmp_path, chromium) as office:
        office.world.add_speaker("s-1")
        office.world.rule(TOWN, one_person_station=False)
        yield office


def plan(page: Page, at: str) -> None:
    """Tomorrow at `at` in the town, on the page of a bulletin."""
    tomorrow = datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=1)
    player(page).wait_for(timeout=FIRST_SOUND_MS)
    page.locator("#kind-once").check()
    page.locator("[name=day]").fill(tomorrow.isoformat())
    page.locator("[name=at]").fill(at)
    page.get_by_role("checkbox", name="thị trấn Đầm Hà").check()


def hear(page: Page) -> None:
    """Play all of it, as fast as players here go."""
    page.locator("audio").first.evaluate("audio => { audio.playbackRate = 2; return audio.play(); }")
    expect(page.get_by_text("Đã nghe xong")).to_be_visible(timeout=60_000)


def test_from_the_editor_over_the_leader_to_the_speaker(office: StaffOffice) -> None:
    desk = office.window(Role.EDITOR, TOWN, DESK, bypass_csp=True)
    compose(desk.page, "Mời họp thôn", "Mời bà con họp thôn.")
    plan(desk.page, "17:30")
    desk.page.locator("#send").click()
    expect(desk.page.locator("#standing")).to_contain_text("Chờ duyệt")
    desk.look("ban-tin-cho-duyet")
    assert desk.violations() == []

    phone = office.window(Role.APPROVER, TOWN, PHONE, bypass_csp=True)
    page = phone.page
    page.get_by_role("link", name=re.compile("^Duyệt")).click()
    phone.look("duyet")
    assert phone.violations() == []
    page.get_by_role("link", name="Mời họp thôn").click()
    expect(page.get_by_role("heading", name="Mời họp thôn").first).to_be_visible()
    phone.look("duyet-mot")
    assert phone.violations() == []
    page.get_by_role("button", name="Duyệt phát").click()
    expect(page.locator("#notices")).to_contain_text("Hãy nghe hết")
    hear(page)
    page.get_by_role("button", name="Duyệt phát").click()
    expect(page.get_by_text("đã duyệt lúc")).to_be_visible()
    phone.look("duyet-xong")

    tomorrow = datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=1)
    page.goto(f"/dong-thoi-gian/s-1?ngay={tomorrow.isoformat()}")
    expect(page.get_by_text("Mời họp thôn").first).to_be_visible()


def test_a_wrong_hour_is_held_and_sent_back(office: StaffOffice) -> None:
    """03:15 instead of 15:15: even where one person may do both, nothing sounds before a second one agreed."""
    office.world.rule(TOWN, one_person_station=True, night_allowed=False)
    desk = office.window(Role.ADMINISTRATOR, TOWN, DESK, name="officer")
    compose(desk.page, "Mời họp thôn", "Mời bà con họp thôn.")
    plan(desk.page, "03:15")
    expect(desk.page.locator("#night")).to_contain_text("người thứ hai")
    desk.page.locator("#send").click()
    expect(desk.page.locator("#standing")).to_contain_text("Phát ban đêm")

    phone = office.window(Role.APPROVER, TOWN, PHONE)
    phone.page.goto("/duyet")
    phone.page.get_by_role("link", name="Mời họp thôn").click()
    expect(phone.page.locator("#night")).to_be_visible()
    phone.page.get_by_label("Lý do từ chối").fill("Nhầm giờ: phải là 15:15.")
    phone.page.get_by_role("button", name="Từ chối").click()
    expect(phone.page.get_by_text("từ chối: Nhầm giờ")).to_be_visible()
    with office.world.store.read() as unit:
        assert unit.broadcasts.live(office.world.now) == ()
    desk.page.reload()
    expect(desk.page.locator("#standing")).to_contain_text("Nhầm giờ: phải là 15:15.")


def test_two_editors_at_once_lose_nothing(office: StaffOffice) -> None:
    first = office.window(Role.EDITOR, TOWN, DESK, bypass_csp=True)
    compose(first.page, "Mời họp thôn", "Mời bà con họp thôn Đông.")
    address = first.page.url
    second = office.window(Role.EDITOR, TOWN, PHONE, name="second", bypass_csp=True)
    for page in (first.page, second.page):
        page.goto(f"{address}/sua")
    first.page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill("Mời bà con họp thôn Đông lúc 7 giờ.")
    first.page.get_by_role("button", name="Lưu").click()
    first.page.wait_for_url(address)
    second.page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill("Mời bà con họp thôn Tây.")
    second.page.get_by_role("button", name="Lưu").click()
    expect(second.page.locator(".clash-edit")).to_contain_text("Đông lúc 7 giờ")
    expect(second.page.locator("#text")).to_have_value("Mời bà con họp thôn Tây.")
    second.look("sua-trung")
    assert second.violations() == []
    second.page.get_by_role("button", name="Lưu").click()
    second.page.wait_for_url(address)
