"""The pages of speakers, groups and holidays."""

from dataclasses import replace
from typing import get_args

from controller.records import take_status
from controller.rights import Role
from controller.web import words
from protocol.codec import dump, load
from protocol.forms import AlarmWord
from protocol.messages import Status
from tests.controller.web.conftest import Site
from tests.controller.web.test_places import text
from tests.controller.world import COMMUNE, DISTRICT, TOWN

DAY = "2026-12-10"


def test_a_speaker_is_renamed_moved_and_retired(site: Site) -> None:
    site.world.add_speaker("one", TOWN)
    technician = site.as_(Role.TECHNICIAN, DISTRICT)
    assert "/cum-loa/one" in technician.get("/cum-loa").text
    kept = technician.post("/cum-loa/one/doi-ten", data={"name": "Loa chợ"}, follow_redirects=True)
    assert "Đã đổi tên cụm loa." in text(kept.text)
    wrong = technician.post("/cum-loa/one/doi-ten", data={"name": "=1"})
    assert wrong.status_code == 422
    assert 'value="=1"' in wrong.text
    moved = technician.post("/cum-loa/one/chuyen", data={"area": COMMUNE, "day": DAY}, follow_redirects=True)
    assert "thị trấn Đầm Hà: từ đầu, đến 10/12/2026 xã Đầm Hà: từ 10/12/2026" in text(moved.text)
    unsure = technician.post("/cum-loa/one/ngung", data={})
    assert unsure.status_code == 422
    technician.post("/cum-loa/one/ngung", data={"sure": "1"})
    assert "Loa chợ" not in technician.get("/cum-loa").text
    assert "Cụm loa này đã ngừng dùng." in site.client.get("/cum-loa/one").text


def test_what_must_be_mended_at_a_box_is_shown_until_it_is_mended(site: Site) -> None:
    speaker = site.world.add_speaker("one", TOWN)
    for alarms in (("disk_full", "no_sound"), ()):
        told = replace(load(Status, site.world.status(speaker)), alarms=alarms)
        with site.world.store.write() as unit:
            take_status(unit, speaker, dump(told), site.world.now)
        for path in ("/cum-loa", "/cum-loa/one"):
            page = text(site.client.get(path).text)
            assert ("Thẻ nhớ của hộp loa đã đầy." in page) is bool(alarms)
            assert ("Hộp loa không đưa được âm thanh ra." in page) is bool(alarms)
        listed = site.client.get("/api/v1/speakers").json()
        assert [each["alarms"] for each in listed] == [list(alarms)]
    with site.world.store.write() as unit:
        take_status(unit, speaker, site.world.status(speaker, online=False), site.world.now)
    assert "The box's memory card" not in site.client.get("/cum-loa/one", headers={"Accept-Language": "en"}).text


def test_every_alarm_has_its_sentence() -> None:
    form = get_args(AlarmWord)[1]
    assert all(form.fault(word) == "" for word in words.ALARMS)
    assert set(words.ALARMS) == set(form.pattern.split("|"))


def test_a_speaker_of_others_is_neither_shown_nor_touched(site: Site) -> None:
    site.world.add_speaker("one", TOWN)
    assert site.as_(Role.TECHNICIAN, COMMUNE).get("/cum-loa/one").status_code == 403
    viewer = site.as_(Role.VIEWER, TOWN)
    assert "Chuyển địa bàn" not in viewer.get("/cum-loa/one").text
    assert viewer.post("/cum-loa/one/doi-ten", data={"name": "X"}).status_code == 403
    assert site.client.get("/cum-loa/khong-co").status_code == 404


def test_a_group_is_made_changed_and_dropped(site: Site) -> None:
    site.world.add_speaker("one", TOWN)
    site.world.add_speaker("two", TOWN)
    technician = site.as_(Role.TECHNICIAN, TOWN)
    assert "Chưa có nhóm loa nào." in technician.get("/cum-loa/nhom").text
    wrong = technician.post("/cum-loa/nhom/moi", data={"name": "Khu chợ", "area": TOWN})
    assert wrong.status_code == 422
    assert "Chưa chọn cụm loa nào." in text(wrong.text)
    assert 'value="Khu chợ"' in wrong.text
    fields = {"name": "Khu chợ", "area": TOWN, "speakers": ["one"]}
    made = technician.post("/cum-loa/nhom/moi", data=fields, follow_redirects=True)
    assert "Khu chợ" in made.text
    assert "1 cụm loa" in text(made.text)
    with site.world.store.read() as unit:
        group = unit.groups.all()[0].id
    assert "Cụm loa two" in technician.get(f"/cum-loa/nhom/{group}").text
    fields = {"name": "Khu chợ", "speakers": ["one", "two"]}
    changed = technician.post(f"/cum-loa/nhom/{group}", data=fields, follow_redirects=True)
    assert "2 cụm loa" in text(changed.text)
    assert site.as_(Role.TECHNICIAN, COMMUNE).get(f"/cum-loa/nhom/{group}").status_code == 403
    assert "Khu chợ" not in site.as_(Role.TECHNICIAN, COMMUNE).get("/cum-loa/nhom").text
    technician.post(f"/cum-loa/nhom/{group}/bo")
    assert "Chưa có nhóm loa nào." in technician.get("/cum-loa/nhom").text


def test_holidays_of_a_place(site: Site) -> None:
    url = f"/dia-ban/{DISTRICT}/ngay-nghi"
    named = site.client.post(url, data={"day": DAY, "name": "Ngày hội Soóng cọ"}, follow_redirects=True)
    assert "10/12/2026: Ngày hội Soóng cọ huyện Đầm Hà" in text(named.text)
    below = text(site.as_(Role.VIEWER, TOWN).get(f"/dia-ban/{TOWN}/ngay-nghi?nam=2026").text)
    assert "Ngày hội Soóng cọ huyện Đầm Hà" in below
    assert "Thêm ngày nghỉ riêng" not in below
    assert "cả nước" in below
    wrong = site.client.post(url, data={"day": DAY, "name": " "})
    assert wrong.status_code == 422
    site.client.post(f"{url}/{DAY}/bo")
    assert "Soóng cọ" not in site.client.get(f"{url}?nam=2026").text
    assert site.client.get(f"{url}?nam=99999").status_code == 200
