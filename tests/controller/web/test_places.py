"""The pages of areas: what is looked at before it is kept, and who sees what."""

import re
from html import unescape

import pytest

from controller.rights import Role
from tests.controller.web.conftest import Site
from tests.controller.world import COMMUNE, DISTRICT, TOWN

DAY = "2026-12-10"


def text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_the_tree_and_an_area(site: Site) -> None:
    site.world.add_speaker("one", TOWN)
    page = site.client.get("/dia-ban")
    assert page.status_code == 200
    assert "thị trấn Đầm Hà" in page.text
    area = text(site.client.get(f"/dia-ban/{TOWN}").text)
    assert "Cụm loa one" in area
    assert "theo huyện Đầm Hà" in area
    assert text(site.client.get(f"/dia-ban/{TOWN}?ngay=2021-01-01").text).count("địa bàn này không có") == 1
    assert site.client.get("/dia-ban/khong-co").status_code == 404
    assert site.client.get("/dia-ban?ngay=hôm nay").status_code == 422


@pytest.mark.parametrize("deed", ["doi-ten", "chuyen", "gioi-han", "tach", "ket-thuc"])
def test_every_form_opens(site: Site, deed: str) -> None:
    site.world.add_speaker("one", TOWN)
    for area in (TOWN, DISTRICT):
        page = site.client.get(f"/dia-ban/{area}/{deed}")
        assert page.status_code == 200
        assert 'name="day"' in page.text


def test_a_merge_is_shown_and_then_kept(site: Site) -> None:
    site.world.add_speaker("one", TOWN)
    fields = {"parts": [TOWN, COMMUNE], "into": "", "name": "Đầm Hà", "kind": "phường", "parent": DISTRICT, "day": DAY}
    shown = site.client.post("/dia-ban/gop", data=dict(**fields, step="preview"))
    assert shown.status_code == 200
    assert "1 cụm loa chuyển địa bàn" in text(shown.text)
    assert "Lưu thay đổi" in shown.text
    assert "phường Đầm Hà" not in site.client.get(f"/dia-ban?ngay={DAY}").text
    kept = site.client.post("/dia-ban/gop", data=dict(**fields, step="save"), follow_redirects=True)
    assert "Đã lưu: Gộp địa bàn." in text(kept.text)
    assert "Hình thành từ: thị trấn Đầm Hà" in text(kept.text)
    assert "phường Đầm Hà" in site.client.get(f"/dia-ban?ngay={DAY}").text
    assert "10/12/2026" in text(site.client.get("/dia-ban").text)


def test_limits_say_whose_they_are_and_come_back_when_wrong(site: Site) -> None:
    url = f"/dia-ban/{TOWN}/gioi-han"
    fields = {
        "quiet-begin-1": "21:00", "quiet-end-1": "05:00", "daily_cap": "45",
        "volume-begin-1": "20:00", "volume-end-1": "06:00", "volume-most-1": "40",
        "day": "2026-12-07",
    }  # fmt: skip
    wrong = site.client.post(url, data=dict(**{**fields, "quiet-end-1": ""}, step="save"))
    assert wrong.status_code == 422
    assert "Giờ yên tĩnh cần đủ giờ bắt đầu và giờ kết thúc" in wrong.text
    assert 'value="21:00"' in wrong.text
    wrong = site.client.post(url, data=dict(**{**fields, "volume-most-1": ""}, step="save"))
    assert "Giờ giảm âm lượng cần đủ giờ bắt đầu, giờ kết thúc và âm lượng" in wrong.text
    kept = site.client.post(url, data=dict(**fields, step="save"), follow_redirects=True)
    assert "Giờ giảm âm lượng 20:00–06:00: 40 %" in text(kept.text)
    assert "Giờ yên tĩnh 21:00–05:00" in text(kept.text)
    assert "Tổng thời gian phát một ngày 45 phút" in text(kept.text)
    both = site.client.post(url, data=dict(**fields, quiet_none="1", step="save"))
    assert "Hãy bỏ một trong hai" in both.text
    shown = site.client.get(url).text
    assert 'value="45"' in shown
    assert 'value="21:00"' in shown
    inherited = {
        "day": "2026-12-07",
        "night_allowed": "0",
        "weekdays": ["0", "2"],
        "quiet_none": "1",
        "volume_none": "1",
        "step": "save",
    }
    kept = site.client.post(url, data=inherited, follow_redirects=True)
    assert "Tổng thời gian phát một ngày không giới hạn" in text(kept.text)
    assert "Ngày được phát trong tuần Thứ Hai, Thứ Tư" in text(kept.text)
    assert "Giờ yên tĩnh không có" in text(kept.text)


def test_only_who_may_sees_the_buttons_and_gets_through(site: Site) -> None:
    viewer = site.as_(Role.VIEWER, TOWN)
    page = viewer.get("/dia-ban")
    assert "thị trấn Đầm Hà" in page.text
    assert "xã Đầm Hà" not in page.text
    assert "/dia-ban/moi" not in page.text
    assert viewer.get(f"/dia-ban/{COMMUNE}").status_code == 403
    assert viewer.get(f"/dia-ban/{TOWN}/doi-ten").status_code == 403
    keeper = site.as_(Role.ADMINISTRATOR, TOWN)
    fields = dict(name="Khác", kind="xã", code="", day=DAY, step="save")
    assert keeper.post(f"/dia-ban/{TOWN}/doi-ten", data=fields).status_code == 303
    fields = dict(name="Khác", kind="xã", code="", day=DAY, step="save")
    assert keeper.post(f"/dia-ban/{COMMUNE}/doi-ten", data=fields).status_code == 403


def test_a_name_that_is_a_script_is_text(site: Site) -> None:
    name = "<script>alert(1)</script>"
    fields = dict(name=name, kind="xã", code="", day="2026-12-07", step="save")
    page = site.client.post(f"/dia-ban/{TOWN}/doi-ten", data=fields, follow_redirects=True)
    assert name not in page.text
    assert "&lt;script&gt;" in page.text


def test_a_table_is_looked_at_corrected_and_kept(site: Site) -> None:
    fields = {"csrf_token": site.client.csrf, "parent": DISTRICT, "day": "2026-12-07"}
    file = {"file": ("dia-ban.csv", "Mã;Loại;Tên\n70001;xã;Mới\n70002;xã;=A1\n".encode())}
    wrong = site.client.post("/dia-ban/nhap", data={**fields, "step": "save"}, files=file)
    assert wrong.status_code == 200
    assert "Dòng 3, cột C: Ô này là công thức" in text(wrong.text)
    assert "70002;xã;=A1" in wrong.text
    assert "Lưu tất cả" not in wrong.text
    corrected = {**fields, "content": "Mã;Loại;Tên\n70001;xã;Mới\n70002;xã;Hai\n"}
    empty = {"file": ("", b"")}
    shown = site.client.post("/dia-ban/nhap", data={**corrected, "step": "preview"}, files=empty)
    assert "Bảng đọc được: 2 dòng" in text(shown.text)
    assert "xã Hai" not in site.client.get("/dia-ban").text
    kept = site.client.post("/dia-ban/nhap", data={**corrected, "step": "save"}, files=empty, follow_redirects=True)
    assert "xã Hai" in kept.text
    stranger = site.client.post("/dia-ban/nhap", data=corrected, files=file, headers={"X-CSRF-Token": "wrong"})
    assert stranger.status_code == 403


def test_the_tree_can_be_taken_away(site: Site) -> None:
    answer = site.client.get("/dia-ban/xuat.csv")
    assert answer.content.startswith("\ufeffMã,Loại,Tên,Thuộc,Từ ngày".encode())
    assert "06895,thị trấn,Đầm Hà,huyện Đầm Hà,2022-01-01" in answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "06898" not in site.as_(Role.VIEWER, TOWN).get("/dia-ban/xuat.csv").text
