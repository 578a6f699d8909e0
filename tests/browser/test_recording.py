"""Recording from a microphone that plays known tones, cutting, and uploads that outlive the server."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from tests.browser.conftest import CHROMIUM, PASSWORD, chromium_path
from tests.browser.eyes import DESK, PATIENCE_MS, PHONE, Watched
from tests.browser.steps import FIRST_SOUND_MS, player
from tests.browser.tones import runs, samples_of, tones_of, write_tones
from tests.controller.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

TONES = (600, 1000, 1600, 2400)
"""Two seconds each: what the microphone hears from the moment it is opened."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program(tmp_path_factory.mktemp("station") / "data")
    program.start()
    yield program
    program.close()


@pytest.fixture(scope="module")
def cookies(program: Program) -> list[Any]:
    """Of the first administrator, with a password of their own."""
    found = re.search(r"password for admin: (\S+)", program.said)
    assert found is not None
    with httpx.Client(base_url=address(program), timeout=60) as client:
        csrf = client.post("/api/v1/session", json={"username": "admin", "password": found.group(1)}).json()
        change = {"old": found.group(1), "new": PASSWORD}
        token = {"X-CSRF-Token": csrf["csrf_token"]}
        client.put("/api/v1/session/password", json=change, headers=token).raise_for_status()
        return [{"name": name, "value": value, "url": address(program)} for name, value in client.cookies.items()]


@pytest.fixture(scope="module")
def chromium(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose microphone plays the tones."""
    expect.set_options(timeout=PATIENCE_MS)
    tones = write_tones(tmp_path_factory.mktemp("microphone") / "tones.wav", [(hertz, 2) for hertz in TONES])
    fake = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={tones}")
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*CHROMIUM, *fake])
    yield browser
    browser.close()


def address(program: Program) -> str:
    return f"http://127.0.0.1:{program.port}"


def opened(chromium: Browser, program: Program, cookies: list[Any], width: int, **options: Any) -> Watched:
    context = chromium.new_context(
        base_url=address(program),
        viewport={"width": width, "height": 844},
        locale="vi-VN",
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies(cookies)
    return Watched(context.new_page(), width)


def shown(page: Page) -> int:
    """Whole seconds that the clock shows."""
    minutes, seconds = page.locator("#rec-time").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def record(page: Page, button: str, until: int) -> None:
    """Press, and pause when the clock shows so many seconds, or more."""
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#rec-time")).to_have_text(re.compile(f"0:0[{until}-9]"))
    page.get_by_role("button", name="Tạm dừng").click()
    expect(page.locator("#recorder")).to_have_attribute("data-state", "idle")


def recordings(program: Program) -> list[Path]:
    """As they came, the newest last."""
    found = [path for path in (program.data / "recordings").rglob("*") if path.is_file()]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def test_recorded_again_in_part_sent_after_a_crash_and_cut(
    chromium: Browser, program: Program, cookies: list[Any], tmp_path: Path
) -> None:
    watched = opened(chromium, program, cookies, PHONE, permissions=["microphone"])
    page = watched.page
    page.goto("/ban-tin/ghi-am")
    watched.look("ghi-am")
    page.get_by_role("button", name="Bắt đầu ghi").click()
    expect(page.locator("#rec-time")).to_have_text("0:03")
    expect(page.locator("#rec-level")).to_have_text("vừa")
    watched.look("ghi-am-dang-ghi")
    page.close()  # as a tab that dies: nobody is asked anything

    watched.page = page = page.context.new_page()
    page.goto("/ban-tin/ghi-am")
    expect(page.locator("#rec-note")).to_contain_text("chưa gửi")
    expect(page.locator("#rec-time")).to_have_text(re.compile("0:0[34]"))
    record(page, "Ghi tiếp", 5)
    recorded = shown(page)
    page.get_by_text("Ghi lại một đoạn").click()
    page.get_by_label("Từ (phút:giây)").fill("0:01")
    record(page, "Ghi lại từ đó đến hết", 2)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator("#rec-time")).to_have_text(f"0:0{recorded}")
    page.get_by_label("Từ (phút:giây)").fill("0:02,20")
    page.get_by_label("Đến (phút:giây)").fill("0:02,70")
    record(page, "Ghi lại đoạn này", recorded + 2)
    page.get_by_role("button", name="Bỏ bản ghi").click()
    page.get_by_role("button", name="Giữ lại").click()
    page.get_by_label("Tiêu đề").fill("Ghi âm thử")
    watched.look("ghi-am-xong")
    page.get_by_role("button", name="Gửi và nghe thử").click()
    page.wait_for_url(re.compile("/ban-tin/bu-"))
    bulletin = page.url
    page.goto("/ban-tin/ghi-am")
    expect(page.get_by_role("button", name="Bắt đầu ghi")).to_be_visible()
    heard = runs(list(tones_of(samples_of(recordings(program)[-1]), TONES)))
    tones, steps = [tone for tone, _ in heard], [count for _, count in heard]
    # What was before stays; the new part begins where it was asked for (2,2 s), and is as long as it was spoken.
    assert tones[:4] == [600, 1000, 600, 1000], heard
    assert abs(steps[0] + steps[1] - 44) <= 1, heard
    assert steps[2] >= 30, heard
    cut_by_keyboard(watched, bulletin)
    watched.look("cat-ban-ghi")
    page.get_by_role("button", name="Lưu và tạo lại âm thanh").click()
    page.wait_for_url(bulletin)
    source = player(page).get_attribute("src", timeout=FIRST_SOUND_MS)
    clip = tmp_path / "clip.ogg"
    clip.write_bytes(page.request.get(str(source)).body())
    heard = runs(list(tones_of(samples_of(clip), TONES)))
    first = next(n for n, (tone, count) in enumerate(heard) if tone == 600 and count > 15)
    assert abs(heard[first][1] - (steps[0] - 10)) <= 2, "half a second of the first tone is gone"
    assert heard[first + 1][0] == 1000, "and nothing else"
    assert not watched.complaints
    page.context.close()
    looked_at = opened(chromium, program, cookies, DESK, bypass_csp=True)
    looked_at.page.goto(f"{bulletin}/phan/2/cat")
    expect(looked_at.page.locator("#wave [part~=region]")).to_have_count(1)
    expect(looked_at.page.locator("#cuts li")).to_have_count(1)
    looked_at.look("cat-ban-ghi")
    assert looked_at.violations() == []
    looked_at.page.context.close()


def cut_by_keyboard(watched: Watched, bulletin: str) -> None:
    """Half a second from 0:00,50 on, after something that is undone."""
    page = watched.page
    page.goto(bulletin)
    page.get_by_role("link", name="Cắt bản ghi").click()
    wave = page.get_by_role("slider")
    wave.focus()

    def go_to(place: str, key: str) -> None:
        while page.locator("#wave-place").inner_text() != place:
            before = page.locator("#wave-place").inner_text()
            page.keyboard.press(key)
            expect(page.locator("#wave-place")).not_to_have_text(before)

    go_to("0:00,30", "ArrowRight")
    page.keyboard.press("]")
    expect(page.locator("#cuts input[name=to]")).to_have_value("0:00,30")
    page.keyboard.press("Control+z")
    expect(page.locator("#cuts li")).to_have_count(0)
    go_to("0:00,50", "ArrowRight")
    page.keyboard.press("[")
    go_to("0:01,00", "ArrowRight")
    page.keyboard.press("]")
    page.locator("#cuts input[name=to]").press("Shift+ArrowUp")
    expect(page.locator("#cuts input[name=to]")).to_have_value("0:01,10")
    page.get_by_role("button", name="−0,1 s").click()
    expect(page.locator("#cuts input[name=to]")).to_have_value("0:01,00")
    expect(page.locator("#cuts input[name=from]")).to_have_value("0:00,50")
    page.get_by_role("button", name="Nghe chỗ nối").click()
    expect(page.locator("#wave-place")).to_have_text(re.compile("0:0[12],"))


def test_a_microphone_that_is_refused_is_said_in_words(chromium: Browser, program: Program, cookies: list[Any]) -> None:
    watched = opened(chromium, program, cookies, PHONE, bypass_csp=True)
    page = watched.page
    page.goto("/ban-tin/ghi-am")
    page.get_by_role("button", name="Bắt đầu ghi").click()
    expect(page.get_by_role("alert")).to_contain_text("không được phép dùng micrô")
    watched.look("ghi-am-bi-tu-choi")
    assert watched.violations() == []
    page.context.close()
    with httpx.Client(base_url=address(program), cookies={c["name"]: c["value"] for c in cookies}) as client:
        policies = [client.get(path).headers for path in ("/ban-tin/ghi-am", "/ban-tin/moi")]
    assert ["microphone=(self)" in each["Permissions-Policy"] for each in policies] == [True, False]
    assert ["blob:" in each["Content-Security-Policy"] for each in policies] == [True, False]


def test_an_upload_goes_on_after_the_server_was_killed(
    chromium: Browser, program: Program, cookies: list[Any], tmp_path: Path
) -> None:
    sound = write_tones(tmp_path / "dài.wav", [(hertz, 9.0) for hertz in TONES])
    watched = opened(chromium, program, cookies, DESK)
    page, offsets = watched.page, []

    def pieces(route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
            return
        offsets.append(int(route.request.headers["upload-offset"]))
        if len(offsets) == 4:
            program.kill()
        route.continue_()

    page.route("**/api/v1/uploads/*", pieces)
    page.goto("/ban-tin/moi")
    page.get_by_label("Tiêu đề").fill("Tệp dài")
    page.get_by_role("radio", name="Tải tệp âm thanh").check()
    page.locator("#file").set_input_files(sound)
    expect(page.locator("#upload-state")).to_contain_text("Mất kết nối")
    watched.look("tai-len-mat-ket-noi")
    program.start()
    expect(page.locator("#upload-state")).not_to_contain_text("Mất kết nối")
    sent = len(offsets)
    assert offsets[4] >= offsets[2] + 524_288, "it goes on where it was"
    page.reload()
    expect(page.locator("#upload-state")).to_contain_text("Đã tải lên xong")
    assert offsets[sent:] == sorted(offsets[sent:])
    assert min(offsets[sent:], default=sound.stat().st_size) >= offsets[sent - 1], "a reload costs nothing either"
    page.get_by_label("Tiêu đề").fill("Tệp dài")
    page.get_by_role("button", name="Tạo âm thanh và nghe thử").click()
    page.wait_for_url(re.compile("/ban-tin/bu-"))
    page.context.close()
    (kept,) = (path for path in recordings(program) if path.stat().st_size == sound.stat().st_size)
    assert hashlib.sha256(kept.read_bytes()).digest() == hashlib.sha256(sound.read_bytes()).digest()
    assert list((program.data / "incoming").glob("up-*")) == []
