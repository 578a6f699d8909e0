"""A station of people for the browser: real store, pages and preparation in this process, with a clock that goes."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from audio.clips import RecordingStore
from audio.speech.voices import Voices
from controller.desk.accounts import Ledger
from controller.desk.office import Office
from controller.desk.room import Room
from controller.preparation import Preparer
from controller.rights import Role
from controller.web.app import create_app
from schedules.units import AreaId, UtcMs
from tests.browser.eyes import PATIENCE_MS, PHONE, Watched
from tests.controller.web.conftest import served
from tests.controller.world import CHEAP, PASSWORD, World, world


@dataclass
class StaffOffice:
    """Where several people sign in, each in a browser of their own."""

    address: str
    world: World
    chromium: Browser
    closing: ExitStack

    def window(self, role: Role, area: AreaId, width: int = PHONE, name: str = "", **options: bool) -> Watched:
        """A window of a person with `role` in `area`, signed in; its browser must have nothing to complain of."""
        person = self.world.person(role, area, name)
        context = self.chromium.new_context(
            base_url=self.address,
            viewport={"width": width, "height": 844 if width == PHONE else 900},
            locale="vi-VN",
            timezone_id="America/New_York",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE_MS)
        watched = Watched(context.new_page(), width)
        self.closing.callback(self._close, watched)
        watched.page.goto("/dang-nhap")
        watched.page.get_by_label("Tên đăng nhập").fill(person.username)
        watched.page.get_by_label("Mật khẩu").fill(PASSWORD)
        watched.page.get_by_role("button", name="Đăng nhập").click()
        watched.page.get_by_role("heading", name="Hôm nay").wait_for()
        return watched

    @staticmethod
    def _close(watched: Watched) -> None:
        watched.page.context.close()
        assert not watched.complaints, watched.complaints


def now_ms() -> UtcMs:
    return UtcMs(time.time_ns() // 1_000_000)


@contextmanager
def staff_office(folder: Path, chromium: Browser, voices: Voices | None = None) -> Iterator[StaffOffice]:
    with ExitStack() as closing:
        readers = voices or Voices()
        behind = closing.enter_context(world(folder))
        behind.now, recordings = now_ms(), RecordingStore(folder / "recordings")
        room = Room(behind.store, behind.planner, behind.clips, recordings, lambda *_: True, now_ms, voices=readers)
        preparer = Preparer(behind.store, behind.clips, folder / "work", recordings, readers)
        preparer.start()
        closing.callback(preparer.stop)
        accounts = Ledger(behind.store, now_ms, CHEAP)
        app = create_app(Office(room), accounts, room, secure_cookies=False, upload_dir=folder / "incoming", now=now_ms)
        address, _, _ = closing.enter_context(served(app))
        yield StaffOffice(address, behind, chromium, closing)
