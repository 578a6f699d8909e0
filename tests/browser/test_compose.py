"""The first step under a slow network: nothing that happens in the background takes a click away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.eyes import DESK, Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_the_button_stays_usable_while_the_preview_is_on_its_way(window: Callable[..., Watched]) -> None:
    page = window(DESK).page
    held: list[Route] = []
    page.route("**/ban-tin/doc-la", lambda route: held.append(route))
    page.goto("/ban-tin/moi")
    page.get_by_label("Tiêu đề").fill("Lịch tiêm phòng")
    with page.expect_request("**/ban-tin/doc-la"):
        page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill("Mời bà con đưa trẻ đi tiêm.")
    expect(page.get_by_role("button", name="Tạo âm thanh và nghe thử")).to_be_enabled()
    for route in held:
        route.continue_()
