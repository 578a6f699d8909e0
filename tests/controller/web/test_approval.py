"""Two people and a bulletin over HTTP: submitting, listening, approving, sending back, editing at the same time."""

import re
from datetime import date, time

import httpx
import pytest

from controller.desk.values import NewSchedule, Person, When, WhenKind
from controller.rights import Role
from schedules.model import Targets
from schedules.units import BulletinId, UtcMs
from tests.controller.web.conftest import HTMX, Site, Visitor
from tests.controller.world import COMMUNE, TOWN

DAILY = When(WhenKind.DAILY, date(2026, 12, 8), time(5, 30))


@pytest.fixture
def town(site: Site) -> Site:
    """A speaker in the town, which is no one-person station."""
    site.world.add_speaker("s-1")
    site.world.rule(TOWN, one_person_station=False)
    return site


@pytest.fixture
def editor(town: Site) -> Visitor:
    return town.as_(Role.EDITOR, TOWN)


@pytest.fixture
def leader(town: Site) -> Visitor:
    return town.as_(Role.APPROVER, TOWN)


def asked(town: Site, by: Person, title: str = "Họp thôn") -> tuple[BulletinId, str]:
    """A bulletin with its sound, and the change that asks to play it every day."""
    bulletin = town.world.bulletin(title=title, by=by)
    made = town.world.desk.schedule(NewSchedule(bulletin, DAILY, Targets((TOWN,))), by)
    return bulletin, made.change


def digest_on(page: httpx.Response) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found.group(1)


def test_the_leader_listens_approves_and_the_day_shows_it(town: Site, editor: Visitor, leader: Visitor) -> None:
    bulletin, change = asked(town, editor.person)
    page = leader.get(f"/duyet/{change}")
    for words in ("Họp thôn", "thị trấn Đầm Hà", "05:30", "80 %", "Các lần phát tới", "Đã nghe 0 %"):
        assert words in page.text
    assert f'href="/duyet/{change}"' in leader.get("/duyet").text
    form = {"csrf_token": leader.csrf, "digest": digest_on(page)}
    early = leader.post(f"/duyet/{change}/duyet", data=form)
    assert (early.status_code, "Hãy nghe hết" in early.text) == (409, True)
    clip = town.world.clip_of(bulletin)
    assert leader.get(f"/am-thanh/{clip}.ogg").status_code == 200
    town.world.now = UtcMs(town.world.now + 20_000)
    told = leader.post(f"/duyet/nghe/{clip}", data={"csrf_token": leader.csrf, "heard_ms": 28_000}, headers=HTMX)
    assert told.text.strip() == "Đã nghe xong"
    done = leader.post(f"/duyet/{change}/duyet", data=form)
    assert (done.status_code, done.headers["Location"]) == (303, f"/duyet/{change}")
    assert "đã duyệt lúc" in leader.get(f"/duyet/{change}").text
    assert "Họp thôn" in editor.get("/?ngay=2026-12-08").text


def test_with_htmx_a_refusal_is_a_notice_and_an_approval_a_way(town: Site, editor: Visitor, leader: Visitor) -> None:
    bulletin, change = asked(town, editor.person)
    form = {"digest": digest_on(leader.get(f"/duyet/{change}"))}
    early = leader.post(f"/duyet/{change}/duyet", data=form, headers=HTMX)
    assert (early.status_code, early.headers["HX-Retarget"]) == (409, "#notices")
    town.world.listen(leader.person, bulletin)
    done = leader.post(f"/duyet/{change}/duyet", data=form, headers=HTMX)
    assert done.headers["HX-Redirect"] == f"/duyet/{change}"


def test_without_a_script_one_says_that_one_has_heard(town: Site, editor: Visitor, leader: Visitor) -> None:
    bulletin, change = asked(town, editor.person)
    clip = town.world.clip_of(bulletin)
    leader.get(f"/am-thanh/{clip}.ogg")
    form = {"csrf_token": leader.csrf, "change": change}
    assert leader.post(f"/duyet/nghe/{clip}", data=form).status_code == 409
    town.world.now = UtcMs(town.world.now + 30_000)
    assert leader.post(f"/duyet/nghe/{clip}", data=form).status_code == 303
    assert "Đã nghe xong" in leader.get(f"/duyet/{change}").text


def test_what_one_may_not_do_is_not_offered_and_not_done(town: Site, editor: Visitor, leader: Visitor) -> None:
    _, change = asked(town, editor.person)
    own = editor.get(f"/duyet/{change}")
    assert own.status_code == 200
    assert 'id="approve"' not in own.text
    assert 'id="take-back"' in own.text
    assert editor.post(f"/duyet/{change}/duyet", data={"digest": "0" * 64}).status_code == 403
    elsewhere = town.as_(Role.APPROVER, COMMUNE)
    assert elsewhere.get(f"/duyet/{change}").status_code == 403
    assert change not in elsewhere.get("/duyet").text
    digest = digest_on(leader.get(f"/duyet/{change}"))
    assert elsewhere.post(f"/duyet/{change}/duyet", data={"digest": digest}).status_code == 403
    assert elsewhere.post(f"/duyet/{change}/tu-choi", data={"reason": "Không"}).status_code == 403


def test_sending_back_needs_a_reason_which_the_author_reads(town: Site, editor: Visitor, leader: Visitor) -> None:
    bulletin, change = asked(town, editor.person)
    empty = leader.post(f"/duyet/{change}/tu-choi", data={"reason": " "})
    assert (empty.status_code, "Chưa có lý do" in empty.text) == (422, True)
    assert leader.post(f"/duyet/{change}/tu-choi", data={"reason": "Sai <ngày> họp"}).status_code == 303
    page = editor.get(f"/ban-tin/{bulletin}")
    assert "Sai &lt;ngày&gt; họp" in page.text
    assert 'id="submit"' in page.text


def test_the_later_of_two_editors_sees_both_texts(town: Site, editor: Visitor) -> None:
    bulletin, change = asked(town, editor.person)
    second = town.as_(Role.EDITOR, TOWN, "second")
    version = re.search(r'name="version" value="(\d+)"', second.get(f"/ban-tin/{bulletin}/sua").text)
    assert version
    mine = {"title": "Họp thôn", "text": "Kính mời bà con thôn Đông", "version": version.group(1), "field": "1"}
    assert editor.post(f"/ban-tin/{bulletin}/sua", data=mine).status_code == 303
    theirs = mine | {"text": "Kính mời bà con thôn Tây"}
    clash = second.post(f"/ban-tin/{bulletin}/sua", data=theirs)
    assert clash.status_code == 409
    assert "<del>Đông</del><ins>Tây</ins>" in clash.text
    assert "Kính mời bà con thôn Tây</textarea>" in clash.text
    newer = re.search(r'name="version" value="(\d+)"', clash.text)
    assert newer
    assert newer.group(1) != version.group(1)
    saved = second.post(f"/ban-tin/{bulletin}/sua", data=theirs | {"version": newer.group(1)})
    assert saved.status_code == 303
    assert "đã được sửa sau khi gửi duyệt" in editor.get(f"/duyet/{change}").text


def test_the_approver_sees_what_changed_word_by_word(town: Site, editor: Visitor, leader: Visitor) -> None:
    bulletin, change = asked(town, editor.person)
    town.world.listen(leader.person, bulletin)
    leader.post(f"/duyet/{change}/duyet", data={"digest": digest_on(leader.get(f"/duyet/{change}"))})
    edit = {"title": "Họp thôn Đông", "text": "Kính mời bà con", "version": "1", "field": "1"}
    assert editor.post(f"/ban-tin/{bulletin}/sua", data=edit).status_code == 303
    assert "Bản đã duyệt trước đó vẫn phát" in editor.get(f"/ban-tin/{bulletin}").text
    assert editor.post(f"/ban-tin/{bulletin}/gui-duyet").status_code == 303
    newer = leader.get("/api/v1/changes").json()[0]["id"]
    page = leader.get(f"/duyet/{newer}").text
    assert "<ins> Đông</ins>" in page
    assert "Lịch giữ nguyên, nội dung mới" in page


def test_scripts_in_titles_and_reasons_stay_words(town: Site, editor: Visitor, leader: Visitor) -> None:
    _, change = asked(town, editor.person, "<script>alert(1)</script>")
    for page in ("/duyet", f"/duyet/{change}"):
        assert "<script>alert" not in leader.get(page).text


def test_a_bulletin_is_withdrawn_from_its_page(town: Site, editor: Visitor, leader: Visitor) -> None:
    bulletin, change = asked(town, editor.person)
    town.world.listen(leader.person, bulletin)
    leader.post(f"/duyet/{change}/duyet", data={"digest": digest_on(leader.get(f"/duyet/{change}"))})
    assert editor.post(f"/ban-tin/{bulletin}/thu-hoi", data={"reason": "Sai"}).status_code == 403
    assert leader.post(f"/ban-tin/{bulletin}/thu-hoi", data={"reason": ""}).status_code == 422
    assert leader.post(f"/ban-tin/{bulletin}/thu-hoi", data={"reason": "Tin sai"}).status_code == 303
    assert "Thu hồi" in editor.get(f"/ban-tin/{bulletin}").text
    assert 'id="plan"' not in editor.get(f"/ban-tin/{bulletin}").text


def test_the_api_goes_the_same_way(town: Site, editor: Visitor, leader: Visitor) -> None:
    bulletin, change = asked(town, editor.person)
    told = leader.get(f"/api/v1/changes/{change}").json()
    assert (told["state"], told["items"][0]["kind"], told["can_decide"], told["own"]) == ("pending", "new", True, False)
    stale = leader.post(f"/api/v1/changes/{change}/approve", json={"digest": "0" * 64})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    clip = told["contents"][0]["clips"][0]["id"]
    assert leader.get(f"/api/v1/clips/{clip}/audio").status_code == 200
    town.world.now = UtcMs(town.world.now + 30_000)
    assert leader.post(f"/api/v1/clips/{clip}/heard", json={"heard_ms": 30_000}).json() == {"percent": 100}
    made = leader.post(f"/api/v1/changes/{change}/approve", json={"digest": told["digest"]}).json()
    assert (made["state"], len(made["broadcasts"])) == ("approved", 7)
    edit = {"version": 1, "title": "Họp thôn Đông", "text": "Kính mời bà con"}
    assert editor.put(f"/api/v1/bulletins/{bulletin}", json=edit).json()["state"] == "draft"
    clash = editor.put(f"/api/v1/bulletins/{bulletin}", json=edit)
    assert (clash.status_code, clash.json()["code"]) == (409, "edited-meanwhile")
    assert clash.json()["detail"].startswith(f"{editor.person.display_name} vừa sửa")
    submitted = editor.post(f"/api/v1/bulletins/{bulletin}/submit").json()
    assert submitted["state"] == "pending"
    again = editor.post(f"/api/v1/changes/{submitted['change']}/withdraw").json()
    assert again["state"] == "withdrawn"
    gone = leader.post(f"/api/v1/bulletins/{bulletin}/withdraw", json={"reason": "Tin sai"}).json()
    assert gone["state"] == "withdrawn"


def test_what_is_not_there_is_said(town: Site, leader: Visitor) -> None:
    for path in ("/duyet/ch-nothing", "/api/v1/changes/ch-nothing"):
        assert leader.get(path).status_code == 404
    assert leader.post("/duyet/nghe/nothing", data={"heard_ms": 1}).status_code == 404
    assert leader.post("/api/v1/changes/ch-nothing/approve", json={"digest": ""}).status_code == 404
