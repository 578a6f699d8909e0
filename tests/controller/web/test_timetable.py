"""The timetable's pages over a real store: what is said before saving, and what saving does."""

import re
from datetime import date, time
from html import unescape
from typing import Any

import pytest

from controller.desk.values import NewSchedule, When, WhenKind
from controller.rights import Role
from schedules.model import Schedule, Targets
from schedules.units import ScheduleId
from tests.controller.web.conftest import HTMX, Site
from tests.controller.world import ADMIN, COMMUNE, TOWN

TUESDAY = date(2026, 12, 8)
WEEKLY = When(WhenKind.WEEKLY, TUESDAY, time(17, 0), (1, 3), until=date(2026, 12, 31))
FORM: dict[str, Any] = {
    "kind": "once",
    "day": "2026-12-08",
    "at": "17:30",
    "areas": [TOWN],
    "priority": "3",
    "volume": "80",
}
ONE, OTHER = "2026-12-08T17:00:00", "2026-12-10T17:00:00"
PART = HTMX | {"HX-Target": "understood"}


@pytest.fixture(name="site")
def _site(site: Site) -> Site:
    site.world.add_speaker("s-1")
    return site


@pytest.fixture
def common(shared_site: Site) -> Site:
    """For many tests of which none minds what the others planned."""
    if not shared_site.world.speakers:
        shared_site.world.add_speaker("s-1")
    return shared_site


def series(site: Site, when: When = WEEKLY) -> ScheduleId:
    return site.world.desk.broadcast(site.world.schedule(when)[0], ADMIN).schedule


def stands(site: Site, schedule: str) -> Schedule:
    with site.world.store.read() as unit:
        found = unit.broadcasts.schedule(ScheduleId(schedule))
    assert found is not None
    return found


def starts(site: Site, schedule: str) -> list[str]:
    """What is to come of it and not taken back, in local time."""
    with site.world.store.read() as unit:
        coming = unit.broadcasts.coming(ScheduleId(schedule), site.world.now)
    return [f"{each.broadcast.start}" for each in coming if not each.cancelled]


def basis(page: str) -> str:
    found = re.search(r'name="basis" value="(\w+)"', page)
    assert found, page
    return found[1]


def post(site: Site, url: str, headers: dict[str, str] | None = None, **fields: Any) -> tuple[int, str, str]:
    """(status, where it leads, the page as read)."""
    answer = site.client.post(url, data=fields, headers=headers or {})
    return answer.status_code, answer.headers.get("location", ""), unescape(answer.text)


def save(site: Site, url: str, **fields: Any) -> None:
    """As a person does: look at what will change, then save it."""
    status, _, page = post(site, url, **fields, step="understand")
    assert status == 200, page
    assert post(site, url, **fields, step="save", basis=basis(page))[0] == 303


def test_words_are_understood_and_fill_the_form(common: Site) -> None:
    url = f"/ban-tin/{common.world.bulletin()}/lich"
    said = FORM | {"kind": "words", "words": "thứ 2, 4, 6 lúc 05:00 và 17:00, đến 31/12"}
    _, _, part = post(common, url, PART, **said, step="understand")
    assert "thứ 2, 4, 6 hàng tuần lúc 05:00 và 17:00" in part
    assert "05:00 Thứ Tư, 09/12/2026" in part
    _, _, page = post(common, url, **said, step="fill")
    assert 'id="kind-weekly" checked' in page
    for field in ('name="at" value="05:00"', 'name="until" value="2026-12-31"', 'value="17:00" aria-label'):
        assert field in page
    assert [f'value="{day}" checked' in page for day in range(7)].count(True) >= 3
    status, _, refused = post(common, url, **(said | {"words": "rằm tháng giêng"}), step="understand")
    assert status == 422
    assert "Âm lịch" in refused


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"kind": "monthly", "month_days": ["1", "15"], "at": "05:00", "times": ["", "17:00"]},
            "ngày 1, 15 hàng tháng",
        ),
        ({"kind": "daily", "count": "20"}, "20 lần"),
        ({"kind": "daily", "repeats": "3", "gap_minutes": "10"}, "3 lần"),
        ({"kind": "rule", "rrule": "FREQ=MONTHLY;BYDAY=-1SU"}, "chủ nhật cuối cùng hàng tháng"),
    ],
)
def test_every_kind_of_time_is_said_back(common: Site, fields: dict[str, Any], sentence: str) -> None:
    url = f"/ban-tin/{common.world.bulletin()}/lich"
    status, _, page = post(common, url, **(FORM | fields), step="understand")
    assert (status, sentence in page) == (200, True), page
    assert "Từ 18:00 tối nay đến 06:00 sáng mai ở nơi này không phát gì." in page
    assert post(common, url, **(FORM | fields), step="send")[0] == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "rule", "rrule": "FREQ=SECONDLY"}, "(FREQ=SECONDLY): chỉ lặp theo ngày, tuần, tháng hoặc năm"),
        ({"kind": "rule", "rrule": "nonsense"}, "(nonsense): hãy viết các phần dạng TÊN=GIÁ TRỊ"),
        ({"kind": "rule", "rrule": "FREQ=DAILY;COUNT=0"}, "COUNT=0 phải là số nguyên từ 1 đến 10000. Hãy sửa lại"),
        ({"kind": "daily", "repeats": "11"}, "từ 1 đến 10"),
        ({"kind": "daily", "repeats": "2", "gap_minutes": "121"}, "từ 1 giây đến 2 giờ"),
        ({"kind": "daily", "until": "2026-12-20", "count": "3"}, "Chỉ chọn một cách kết thúc"),
        ({"kind": "monthly"}, "ít nhất một ngày trong tháng"),
        ({"kind": "monthly", "month_days": ["31"], "until": "2026-12-30"}, "không có lượt phát nào"),
        ({"kind": "once", "day": "2026-02-30"}, "Ngày phát chưa đúng"),
        ({"kind": "words", "words": ""}, "Chưa có lời"),
        ({"groups": ["g-none"]}, "Không có nhóm loa"),
    ],
)
def test_bad_times_are_told_and_nothing_is_lost(common: Site, fields: dict[str, Any], sentence: str) -> None:
    url = f"/ban-tin/{common.world.bulletin()}/lich"
    status, _, page = post(common, url, **(FORM | fields), step="send")
    assert (status, sentence in page) == (422, True), page
    assert f'value="{TOWN}" checked' in page


def test_a_conflict_is_told_with_its_ways_out(site: Site) -> None:
    series(site)
    url = f"/ban-tin/{site.world.bulletin(b'other' * 9_000, title='Tiêm chủng')}/lich"
    new = FORM | {"at": "17:00"}
    _, _, page = post(site, url, **new, step="understand")
    assert "“Tiêm chủng” (17:00) trùng giờ với “Thông báo” (17:00 thứ 3, ngày 08/12/2026) ở 1 cụm loa." in page
    choices = dict(re.findall(r'name="set" value="(\w+):([^"]*)"', page))
    assert (choices["after"], choices["order"]) == ("17:00:00>17:01", "-1")
    _, _, later = post(site, url, **new, set=f"after:{choices['after']}", step="understand")
    assert 'name="at" value="17:01"' in later
    assert "trùng giờ với “" not in later
    _, _, first = post(site, url, **new, set="order:-1", step="understand")
    assert "theo thứ tự đã chọn" in first
    _, _, instead = post(site, url, **new, set=f"instead:{choices['instead']}", step="understand")
    assert "“Thông báo” không phát vào ngày 08/12/2026." in instead
    assert post(site, url, **new, instead=choices["instead"], step="send")[0] == 303
    assert [at.isoformat() for at in stands(site, choices["instead"]).exceptions] == [ONE]


def test_a_series_shows_what_it_brings(site: Site) -> None:
    schedule = series(site)
    page = unescape(site.client.get(f"/lich/{schedule}").text)
    assert "thứ 3, 5 hàng tuần lúc 17:00" in page
    assert "FREQ=WEEKLY;BYDAY=TU,TH" in page
    assert f"/lich/{schedule}/luot/{ONE}" in page
    assert page.count('class="line"') == 8
    assert site.client.get("/lich/sc-none").status_code == 404


def test_one_is_skipped_moved_and_replaced(site: Site) -> None:
    schedule = series(site)
    other = site.world.bulletin(b"more" * 9_000, title="Tiêm chủng")
    save(site, f"/lich/{schedule}/luot/{ONE}", action="skip", scope="this")
    save(site, f"/lich/{schedule}/luot/{OTHER}", action="move", scope="this", day="2026-12-11", at="18:00")
    save(site, f"/lich/{schedule}/luot/2026-12-15T17:00:00", action="replace", scope="this", bulletin=other)
    after = stands(site, schedule)
    assert [at.isoformat() for at in after.exceptions] == [ONE]
    assert [(a.isoformat(), b.isoformat()) for a, b in after.moved] == [(OTHER, "2026-12-11T18:00:00")]
    assert [bulletin for _, bulletin in after.replaced] == [other]
    page = unescape(site.client.get(f"/lich/{schedule}").text)
    for words in ("Không phát", "Đã dời giờ", "Phát thay: Tiêm chủng"):
        assert words in page
    status, _, gone = post(site, f"/lich/{schedule}/luot/{ONE}", action="skip", scope="this", step="understand")
    assert (status, "đã bỏ" in gone) == (404, True)


def test_this_and_following_splits_the_series(site: Site) -> None:
    schedule = series(site)
    save(site, f"/lich/{schedule}/luot/2026-12-15T17:00:00", action="skip", scope="this")
    save(site, f"/lich/{schedule}/luot/{OTHER}", action="move", scope="following", day="2026-12-10", at="18:00")
    assert len(starts(site, schedule)) == 1
    with site.world.store.read() as unit:
        rest = [each for each in unit.broadcasts.live_schedules() if each.id != schedule]
    assert [each.local_start.isoformat() for each in rest] == ["2026-12-10T18:00:00"]
    assert [at.isoformat() for at in rest[0].exceptions] == ["2026-12-15T18:00:00"], "what was skipped stays so"


def test_all_is_edited_after_it_was_shown(site: Site) -> None:
    schedule = series(site)
    url = f"/lich/{schedule}/sua"
    form: dict[str, Any] = {
        "kind": "weekly",
        "day": "2026-12-08",
        "at": "18:00",
        "weekdays": ["1", "3"],
        "until": "2026-12-31",
    }
    form |= {"areas": [TOWN], "priority": "3", "volume": "80", "bulletin": stands(site, schedule).bulletin}
    page = unescape(site.client.get(url).text)
    assert 'id="kind-weekly" checked' in page
    assert post(site, url, **form, step="save")[0] == 422, "nobody was shown what changes"
    _, _, part = post(site, url, PART, **form, step="understand")
    assert "8 lượt đổi giờ" in part
    assert "17:00 Thứ Ba, 08/12/2026 → 18:00 Thứ Ba, 08/12/2026" in part
    save(site, f"/lich/{schedule}/luot/{OTHER}", action="skip", scope="this")
    status, _, stale = post(site, url, **form, step="save", basis=basis(part))
    assert (status, "vừa được người khác sửa" in stale) == (409, True)
    save(site, url, **form)
    after = stands(site, schedule)
    assert after.local_start.isoformat() == "2026-12-08T18:00:00"
    assert [at.isoformat() for at in after.exceptions] == ["2026-12-10T18:00:00"]
    same = post(site, url, **form, step="understand")
    assert (same[0], "Chưa có gì thay đổi" in same[2]) == (422, True)


def test_an_edit_that_meets_another_series_is_settled_by_one_press(site: Site) -> None:
    other = series(site)
    bulletin = site.world.bulletin(b"other" * 9_000, title="Tiêm chủng")
    evening = When(WhenKind.WEEKLY, TUESDAY, time(19), (1,), until=date(2026, 12, 31))
    made = site.world.desk.schedule(NewSchedule(bulletin, evening, Targets((TOWN,))), ADMIN).schedule
    url = f"/lich/{made}/sua"
    form: dict[str, Any] = {
        "kind": "weekly",
        "day": "2026-12-08",
        "at": "17:00",
        "weekdays": "1",
        "until": "2026-12-31",
    }
    form |= {"areas": [TOWN], "priority": "3", "volume": "80", "bulletin": bulletin}
    _, _, page = post(site, url, PART, **form, step="understand")
    choices = dict(re.findall(r'name="set" value="(\w+):([^"]*)"', page))
    assert (choices["after"], choices["order"], choices["instead"]) == ("17:00:00>17:01", "-1", other)
    _, _, later = post(site, url, **form, set=f"after:{choices['after']}")
    assert 'name="at" value="17:01"' in later
    assert "trùng giờ với “" not in later
    assert "theo thứ tự đã chọn" in post(site, url, **form, set="order:-1")[2]
    _, _, instead = post(site, url, **form, set=f"instead:{other}")
    assert "“Thông báo” không phát vào ngày 08/12/2026, 15/12/2026, 22/12/2026 và 1 ngày khác." in instead
    assert f'<input type="hidden" name="instead" value="{other}">' in instead
    assert not stands(site, other).exceptions, "so far it was only shown"
    save(site, url, **form, instead=other)
    assert stands(site, made).local_start.isoformat() == ONE
    assert sorted(at.day for at in stands(site, other).exceptions) == [8, 15, 22, 29]


def test_what_is_over_is_not_edited(site: Site) -> None:
    schedule = series(site)
    url = f"/lich/{schedule}/luot/{ONE}"
    past = post(site, url, action="move", scope="this", day="2026-12-07", at="11:00", step="understand")
    assert (past[0], "đã qua" in past[2]) == (422, True)
    for bad in ("2026-12-09T17:00:00", "hôm qua", "2026-12-08T17:00:00+07:00"):
        assert site.client.get(f"/lich/{schedule}/luot/{bad}").status_code == 404
    site.world.desk.end_schedule(schedule, ADMIN)
    ended = post(site, url, action="skip", scope="this", step="understand")
    assert (ended[0], "đã kết thúc" in ended[2]) == (409, True)


def test_the_change_of_an_editor_waits(site: Site) -> None:
    schedule = series(site)
    editor = site.as_(Role.EDITOR, TOWN)
    with site.world.store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE area_periods SET settings = '{}'")
    url = f"/lich/{schedule}/luot/{OTHER}"
    fields = {"action": "move", "scope": "this", "day": "2026-12-11", "at": "18:00"}
    page = unescape(editor.post(url, data=fields | {"step": "understand"}).text)
    assert "Gửi duyệt thay đổi" in page
    assert "Lưu thay đổi" in unescape(editor.post(url, data={"action": "skip", "step": "understand"}).text)
    planning = f"/ban-tin/{stands(site, schedule).bulletin}/lich"
    assert "Gửi duyệt" in unescape(editor.post(planning, data=FORM | {"step": "understand"}).text)
    assert editor.post(url, data=fields | {"step": "save", "basis": basis(page)}).status_code == 303
    assert stands(site, schedule).moved == ()
    assert "đang chờ duyệt" in unescape(editor.get(f"/lich/{schedule}").text)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TECHNICIAN])
def test_who_may_not_compose_edits_nothing(site: Site, role: Role) -> None:
    schedule = series(site)
    visitor = site.as_(role, TOWN)
    assert visitor.get(f"/lich/{schedule}").status_code == 200
    assert visitor.get(f"/lich/{schedule}/sua").status_code == 403
    move = {"action": "move", "scope": "this", "day": "2026-12-11", "at": "18:00", "step": "understand"}
    assert visitor.post(f"/lich/{schedule}/luot/{ONE}", data=move).status_code == 403
    assert site.as_(Role.EDITOR, COMMUNE).get(f"/lich/{schedule}").status_code == 403


def test_who_may_stop_ends_the_rest_of_a_series_without_approval(site: Site) -> None:
    schedule = series(site)
    technician, url = site.as_(Role.TECHNICIAN, TOWN), f"/lich/{schedule}/luot/2026-12-15T17:00:00"
    fields = {"action": "skip", "scope": "following"}
    page = unescape(technician.post(url, data=fields | {"step": "understand"}).text)
    assert technician.post(url, data=fields | {"step": "save", "basis": basis(page)}).status_code == 303
    assert stands(site, schedule).rrule == "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261214"
    assert len(starts(site, schedule)) == 2, "the two before it stay"


def test_speakers_are_searched_for(site: Site) -> None:
    for number in range(2, 40):
        site.world.add_speaker(f"s-{number}", COMMUNE)
    page = unescape(site.client.get("/lich/cum-loa").text)
    assert "Còn 9 cụm loa khác" in page
    page = unescape(site.client.get("/lich/cum-loa", params={"find": "cum loa s-39", "speakers": "s-1"}).text)
    assert 'value="s-39"' in page
    assert 'value="s-1" checked' in page
    assert page.count('name="speakers"') == 2
    assert site.as_(Role.VIEWER).get("/lich/cum-loa").status_code == 403


def test_one_time_of_a_day_is_edited_alone(site: Site) -> None:
    twice = When(WhenKind.DAILY, TUESDAY, time(5, 0), times=(time(17, 0),))
    schedule = series(site, twice)
    save(site, f"/lich/{schedule}/luot/2026-12-08T17:00:00", action="skip", scope="this")
    assert [at.isoformat() for at in stands(site, schedule).exceptions] == ["2026-12-08T17:00:00"]
