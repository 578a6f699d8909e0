"""Choosing who reads, and hearing one paragraph before anything is saved, on a phone and on a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from audio.speech.specs import PiperSpec, ServiceSpec
from audio.speech.voices import Listed, Voices
from controller.rights import Role
from tests.browser.eyes import DESK, PHONE
from tests.browser.office import StaffOffice, staff_office
from tests.controller.world import COMMUNE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TEXT = "Kính mời bà con họp thôn lúc 17h30.\n\nXin trân trọng cảm ơn."


@pytest.fixture(scope="module")
def office(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffOffice]:
    nobody = ServiceSpec("http://127.0.0.1:9/", body="{text}", attempt_seconds=1, tries=1)
    gone = Listed("piper:hum", "hum", "vi", PiperSpec(str(tmp_path_factory.mktemp("none") / "hum.onnx")))
    voices = Voices([Listed("service:tinh", "Giọng của tỉnh", "vi", nobody), gone])
    with staff_office(tmp_path_factory.mktemp("voices"), chromium, voices) as running:
        yield running


def test_a_paragraph_is_heard_in_the_voice_that_is_chosen_before_anything_is_saved(office: StaffOffice) -> None:
    watched = office.window(Role.EDITOR, COMMUNE, PHONE)
    page = watched.page
    page.goto("/ban-tin/moi")
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill(TEXT)
    page.locator("#voice").select_option("vi-south")
    page.get_by_label("Chậm").check()
    button = page.get_by_role("button", name="Nghe đoạn này: đoạn 2")
    expect(page.locator("#voice option", has_text="hum")).to_be_disabled()
    button.click()
    player = page.locator("#heard audio")
    expect(player).to_have_attribute("aria-label", "Nghe thử đoạn 2")
    seconds = player.evaluate(
        "audio => new Promise(done => { const tell = () => done(audio.duration);"
        " audio.readyState ? tell() : audio.addEventListener('loadedmetadata', tell); })"
    )
    assert 1 < seconds < 6
    watched.look("giong-doc")
    with office.world.store.read() as unit:
        assert unit.bulletins.newest(5) == ()


def test_a_voice_that_failed_is_told_on_the_bulletin_and_the_station_remembers_its_choice(office: StaffOffice) -> None:
    watched = office.window(Role.EDITOR, COMMUNE, DESK)
    page = watched.page
    page.goto("/ban-tin/moi")
    page.get_by_label("Tiêu đề").fill("Họp thôn")
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill(TEXT)
    page.locator("#voice").select_option("service:tinh")
    page.locator("#second_voice").select_option("vi-south")
    page.get_by_label("Ghi nhớ giọng này").check()
    watched.look("giong-doc-hai")
    page.get_by_role("button", name="Tạo âm thanh và nghe thử").click()
    expect(page.get_by_text("“Giọng của tỉnh” không đọc được: không kết nối được")).to_be_visible()
    watched.look("giong-thay")
    page.goto("/ban-tin/moi")
    expect(page.locator("#voice")).to_have_value("service:tinh")
    expect(page.locator("#voice option:checked")).to_contain_text("lần trước không đọc được")
    expect(page.locator("#second_voice")).to_have_value("vi-south")


def test_an_edit_may_be_heard_and_read_by_another_voice(office: StaffOffice) -> None:
    watched = office.window(Role.EDITOR, COMMUNE, DESK)
    page = watched.page
    page.goto("/ban-tin/moi")
    page.get_by_label("Tiêu đề").fill("Lịch cắt nước")
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill("Mai cắt nước.")
    page.locator("#voice").select_option("vi")
    page.locator("#second_voice").select_option("")
    page.get_by_role("button", name="Tạo âm thanh và nghe thử").click()
    page.get_by_role("link", name="Sửa bản tin").click()
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill(TEXT)
    page.locator("#voice").select_option("vi-central")
    page.get_by_role("button", name="Nghe đoạn này: đoạn 1").click()
    expect(page.locator("#heard audio")).to_have_attribute("aria-label", "Nghe thử đoạn 1")
    watched.look("giong-sua")
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_url(lambda url: not url.endswith("/sua"))
    page.get_by_role("link", name="Sửa bản tin").click()
    expect(page.locator("#voice")).to_have_value("vi-central")


def test_the_page_is_sound_to_axe(office: StaffOffice) -> None:
    watched = office.window(Role.EDITOR, COMMUNE, DESK, bypass_csp=True)
    watched.page.goto("/ban-tin/moi")
    watched.page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill(TEXT)
    watched.page.get_by_role("button", name="Nghe đoạn này: đoạn 1").wait_for()
    assert watched.violations() == []


def test_without_scripts_a_paragraph_is_heard_by_a_form(office: StaffOffice) -> None:
    watched = office.window(Role.EDITOR, COMMUNE, PHONE, java_script_enabled=False)
    page = watched.page
    page.goto("/ban-tin/moi")
    page.get_by_label("Văn bản sẽ được đọc thành tiếng").fill(TEXT)
    page.get_by_label("Tiêu đề").fill("Họp thôn")
    page.get_by_role("button", name="Xem cách đọc").click()
    page.get_by_role("button", name="Nghe đoạn này", exact=True).nth(1).click()
    expect(page.locator("#heard audio")).to_have_attribute("aria-label", "Nghe thử đoạn 2")
    expect(page.get_by_label("Tiêu đề")).to_have_value("Họp thôn")
