"""Cách đọc on the pages and in the API: the preview and its corrections, the table, and old encodings."""

import pytest

from controller.rights import Role
from tests.controller.web.conftest import HTMX, Site, Visitor
from tests.controller.world import COMMUNE, DISTRICT, TOWN

OLD = "ñy ban nh©n d©n x· th«ng b¸o lÞch tiªm phßng"


def posted(visitor: Visitor, path: str, **fields: str) -> str:
    answer = visitor.post(path, data={"csrf_token": visitor.csrf, **fields}, headers=HTMX)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_written_and_read_stand_side_by_side_and_what_is_not_understood_is_marked(shared_site: Site) -> None:
    part = posted(shared_site.client, "/ban-tin/doc-la", text="UBND và QZX báo 12/3/4 😀")
    assert "<mark>UBND</mark>" in part
    assert "<mark>ủy ban nhân dân</mark>" in part
    assert '<mark class="unsure">QZX<span class="visually-hidden"> (chưa rõ cách đọc)</span></mark>' in part
    assert "2 chỗ chưa rõ cách đọc" in part
    assert "<del>😀</del>" in part
    assert "Không đọc: 😀" in part
    assert part.index('value="remember-0"') < part.index("<details")


def test_a_reading_is_corrected_on_the_spot_and_remembered(site: Site) -> None:
    editor = site.as_(Role.EDITOR, COMMUNE)
    fields = {"text": "QZX họp", "reading_area": str(COMMUNE), "written-0": "QZX", "read-0": "quê xa"}
    part = posted(editor, "/ban-tin/doc-la", step="remember-0", **fields)
    assert "Đã nhớ cách đọc “QZX”" in part
    assert "<mark>quê xa</mark> họp" in part
    assert "<mark>quê xa</mark>" in posted(editor, "/ban-tin/doc-la", text="QZX")
    assert "QZX" in editor.get("/cach-doc").text


def test_what_is_no_reading_is_said_beside_it_and_the_text_stays(site: Site) -> None:
    fields = {"text": "QZX họp", "reading_area": str(TOWN), "written-0": "QZX", "read-0": "quê 9"}
    part = posted(site.client, "/ban-tin/doc-la", step="remember-0", **fields)
    assert 'id="reading-wrong" role="alert"' in part
    assert "không số" in part
    assert "QZX" in part


@pytest.mark.parametrize("step", ["remember-0", "preview", "unicode"])
def test_without_a_script_the_page_comes_back_whole(site: Site, step: str) -> None:
    fields = {"title": "Họp", "content": "text", "text": f"QZX họp\n{OLD}", "reading_area": str(TOWN)}
    fields |= {"written-0": "QZX", "read-0": "quê xa", "step": step, "csrf_token": site.client.csrf}
    page = site.client.post("/ban-tin/moi", data=fields, files={"file": ("", b"")})
    assert page.status_code == 200
    assert page.text.startswith("<!doctype html>")
    assert 'value="Họp"' in page.text
    assert ("quê xa" in page.text.split("<textarea")[1]) is (step == "remember-0")
    turned = "ủy ban nhân dân xã thông báo lịch tiêm phòng" in page.text.split("</textarea>")[0]
    assert turned is (step == "unicode")
    assert not site.client.get("/api/v1/bulletins").json()


def test_an_old_encoding_is_explained_and_turned_by_one_press(site: Site) -> None:
    part = posted(site.client, "/ban-tin/doc-la", text=OLD)
    assert "bảng mã cũ (TCVN3)" in part
    assert 'value="unicode"' in part
    turned = posted(site.client, "/ban-tin/doc-la", text=OLD, step="unicode")
    assert 'hx-swap-oob="true"' in turned
    assert ">ủy ban nhân dân xã thông báo lịch tiêm phòng</textarea>" in turned
    assert "bảng mã cũ" not in turned
    fields = {"title": "Họp", "content": "text", "text": OLD, "step": "make", "csrf_token": site.client.csrf}
    refused = site.client.post("/ban-tin/moi", data=fields, files={"file": ("", b"")})
    assert refused.status_code == 422
    assert "bảng mã cũ (TCVN3)" in refused.text


def test_a_text_of_200_kilobytes_is_refused_before_it_is_read(site: Site) -> None:
    answer = site.client.post(
        "/ban-tin/doc-la", data={"csrf_token": site.client.csrf, "text": "1h" * 100_000}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "200000" in answer.text.replace(".", "").replace("\u202f", "")


def test_the_page_lists_tries_keeps_and_drops(site: Site) -> None:
    form = {"csrf_token": site.client.csrf, "area": str(DISTRICT), "written": "KDTM", "read": "khu du lịch tuần mã"}
    tried = site.client.post("/cach-doc", data=form | {"step": "preview", "sample": "Họp ở KDTM lúc 7h"})
    assert "Họp ở khu du lịch tuần mã lúc bảy giờ" in tried.text
    assert "Chưa nhớ cách đọc nào" in tried.text
    kept = site.client.post("/cach-doc", data=form | {"step": "save"}, follow_redirects=True)
    assert kept.status_code == 200
    assert "khu du lịch tuần mã" in kept.text
    below = site.client.get("/cach-doc", params={"dia_ban": str(TOWN)}).text
    assert "huyện Đầm Hà" in below
    assert "/cach-doc/bo" not in below, "it is not this area's to drop"
    wrong = site.client.post("/cach-doc", data=form | {"step": "save", "read": "khu 1"})
    assert wrong.status_code == 422
    assert 'value="khu 1"' in wrong.text
    site.client.post("/cach-doc/bo", data=form)
    assert "Chưa nhớ cách đọc nào" in site.client.get("/cach-doc", params={"dia_ban": str(DISTRICT)}).text


def test_the_table_that_comes_with_the_program_can_be_searched(shared_site: Site) -> None:
    page = shared_site.client.get("/cach-doc", params={"tim": "thpt"}).text
    assert "trung học phổ thông" in page
    assert "Không có trong bảng" in shared_site.client.get("/cach-doc", params={"tim": "qqqq"}).text


def test_who_only_looks_is_offered_nothing_to_change(shared_site: Site) -> None:
    page = shared_site.as_(Role.VIEWER, TOWN).get("/cach-doc")
    assert page.status_code == 200
    assert 'action="/cach-doc"' in page.text
    assert 'method="post" action="/cach-doc' not in page.text


def test_editing_previews_with_the_bulletins_own_readings(site: Site) -> None:
    made = site.client.post(
        "/api/v1/bulletins", json={"title": "Họp", "text": "QZX họp"}, headers={"X-CSRF-Token": site.client.csrf}
    ).json()
    fields = {"csrf_token": site.client.csrf, "title": "Họp", "text": "QZX họp", "version": "1", "step": "preview"}
    page = site.client.post(f"/ban-tin/{made['id']}/sua", data=fields)
    assert page.status_code == 200
    assert '<mark class="unsure">QZX' in page.text
    assert site.client.get(f"/api/v1/bulletins/{made['id']}").json()["text"] == "QZX họp"


def test_the_api_keeps_readings_and_tells_what_is_unknown(site: Site) -> None:
    guarded = {"X-CSRF-Token": site.client.csrf}
    asked = {"text": "QZX gửi 😀"}
    said = site.client.post("/api/v1/bulletins/spoken", json=asked, headers=guarded).json()
    assert (said["unknown"], said["dropped"], said["legacy"]) == (["QZX"], ["😀"], None)
    path = f"/api/v1/areas/{DISTRICT}/readings"
    kept = site.client.put(path, json={"written": "QZX", "read": "Quê xa"}, headers=guarded)
    assert kept.json() == {"area": str(DISTRICT), "written": "QZX", "read": "quê xa", "made_by": "admin"}
    assert site.client.get(f"/api/v1/areas/{TOWN}/readings").json()[0]["own"] is False
    said = site.client.post("/api/v1/bulletins/spoken", json=asked, headers=guarded).json()
    assert said["spoken"] == "quê xa gửi"
    assert said["segments"][0]["kind"] == "own"
    assert "".join(each["read"] for each in said["segments"]) == said["spoken"]
    refused = site.client.put(path, json={"written": "xã", "read": "xã nhà"}, headers=guarded)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad-reading")
    assert site.client.post(f"{path}/forget", json={"written": "QZX"}, headers=guarded).status_code == 204
    assert site.client.post(f"{path}/forget", json={"written": "QZX"}, headers=guarded).status_code == 404
    old = site.client.post("/api/v1/bulletins/spoken", json={"text": OLD}, headers=guarded).json()
    assert old["legacy"]["encodings"] == ["TCVN3"]
