"""A whole station of real processes, a real Chromium, and a person who has signed in for the first time."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState, expect, sync_playwright

from deploy.demo.processes import Programs
from deploy.demo.station import Station
from deploy.demo.units import UNITS
from tests.browser.eyes import PATIENCE_MS, PHONE, Watched

CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
SPEAKERS = 3
"""Enough to see that each is shown; all nine are the system tests' matter."""
PASSWORD = "một câu dài dễ nhớ 2026"


def chromium_path() -> str:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="package")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A controller with its own broker and some speakers, as `make demo` puts them up."""
    with Programs() as programs:
        station = Station(tmp_path_factory.mktemp("station"), programs, print)
        station.start_controller()
        station.seed(UNITS[:SPEAKERS])
        station.start_agents()
        yield station


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """One for all browsers: a second one does not start beside it."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    # An expectation waits as long as a click: where the machine is busy a page answers late, and that is no fault.
    expect.set_options(timeout=PATIENCE_MS)
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM))
    yield browser
    browser.close()


@dataclass
class Newcomer:
    """Who signed in with the one-time password and changed it; `state` opens further windows signed in."""

    state: StorageState


@pytest.fixture(scope="package")
def newcomer(station: Station, chromium: Browser) -> Newcomer:
    """The first steps of a newcomer, in the browser, each of them checked."""
    with opened(chromium, station, None, PHONE) as watched:
        page = watched.page
        page.goto("/")
        assert page.url.endswith("/dang-nhap")
        watched.look("dang-nhap")
        page.get_by_label("Tên đăng nhập").fill("admin")
        page.get_by_label("Mật khẩu").fill("không phải")
        page.get_by_role("button", name="Đăng nhập").click()
        page.locator("#notices .notice-bad").wait_for()
        watched.look("dang-nhap-sai")
        page.get_by_label("Mật khẩu").fill(station.one_time_password())
        page.get_by_role("button", name="Đăng nhập").click()
        page.wait_for_url("**/doi-mat-khau")
        watched.look("doi-mat-khau")
        page.get_by_label("Mật khẩu hiện tại").fill(station.one_time_password())
        page.get_by_label("Mật khẩu mới", exact=True).fill(PASSWORD)
        page.get_by_label("Gõ lại mật khẩu mới").fill(PASSWORD)
        page.get_by_role("button", name="Đổi mật khẩu").click()
        page.get_by_role("heading", name="Hôm nay").wait_for()
        return Newcomer(page.context.storage_state())


@contextmanager
def opened(
    chromium: Browser, station: Station, state: StorageState | None, width: int, **options: bool
) -> Iterator[Watched]:
    """A new window; leaving it checks that the browser had nothing to complain of."""
    context: BrowserContext = chromium.new_context(
        base_url=station.address,
        storage_state=state,
        viewport={"width": width, "height": 844 if width == PHONE else 900},
        locale="vi-VN",
        timezone_id="America/New_York",
        **options,  # type: ignore[arg-type]
    )
    context.set_default_timeout(PATIENCE_MS)
    page: Page = context.new_page()
    watched = Watched(page, width)
    try:
        yield watched
    finally:
        context.close()
    assert not watched.complaints


@pytest.fixture
def window(chromium: Browser, station: Station, newcomer: Newcomer) -> Iterator[Callable[..., Watched]]:
    """Open windows of the signed-in person: `window(width, java_script_enabled=..., bypass_csp=...)`."""
    with ExitStack() as stack:

        def open_one(width: int, **options: bool) -> Watched:
            return stack.enter_context(opened(chromium, station, newcomer.state, width, **options))

        yield open_one
