"""The steps that several tests take through the pages."""

import re

from playwright.sync_api import Locator, Page

FIRST_SOUND_MS = 60_000


def compose(page: Page, title: str, text: str) -> None:
    """Step 1, up to the page of the bulletin with its sound."""
    page.goto("/ban-tin/moi")
    page.get_by_label("Tiêu đề").fill(title)
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill(text)
    page.get_by_role("button", name="Tạo âm thanh và nghe thử").click()
    page.wait_for_url(re.compile(r"/ban-tin/(?!moi)"))


def player(page: Page) -> Locator:
    """Where a bulletin is heard as the speakers play it; beside it others compare."""
    return page.get_by_label("Nghe bản tin đúng như loa sẽ phát")


def send_now(page: Page) -> None:
    page.get_by_role("radio", name="Phát ngay").check()
    page.get_by_role("checkbox", name="huyện Đầm Hà").check()
    page.get_by_role("button", name="Gửi tới loa").click(timeout=FIRST_SOUND_MS)
    page.wait_for_url("**/luot-phat/*")
