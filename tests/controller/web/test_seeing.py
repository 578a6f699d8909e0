"""The pages and the API of what is looked at: the calendar, a speaker's day, the library."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import httpx
import pytest

from controller.desk.approval import Approval
from controller.desk.changes import Changes, Item
from controller.desk.values import NewSchedule, When, WhenKind
from controller.rights import Role
from controller.store.values import ChangeId
from controller.web.navigation import TABS
from schedules.model import Priority, Targets
from schedules.units import DurationMs
from tests.controller.web.conftest import HTMX, Site, running
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, once

MORNING, SCRIPT, WAITS = "Bản tin sáng", "<script>alert('họp')</script>", "Thông báo còn đợi"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One morning series of the town, one broadcast of the commune with a script for a title."""
    folder: Path = tmp_path_factory.mktemp("site")
    with running(folder) as site:
        site.world.add_speaker("s-1", TOWN)
        site.world.add_speaker("s-2", COMMUNE)
        morning = site.world.bulletin(b"morning" * 4_000, MORNING)
        when = When(WhenKind.DAILY, date(2026, 12, 8), time(5))
        site.world.desk.schedule(NewSchedule(morning, when, Targets((TOWN,))), ADMIN)
        script = site.world.bulletin(b"script" * 4_000, SCRIPT)
        tuesday = once(date(2026, 12, 8), time(17))
        order = NewSchedule(script, tuesday, Targets((COMMUNE,)), priority=Priority.PRIORITY)
        site.world.desk.schedule(order, ADMIN)
        yield site


def page(site: Site, path: str) -> str:
    answer = site.client.get(path)
    assert answer.status_code == 200, answer.text
    assert SCRIPT not in answer.text
    return answer.text


def refused(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize("query", ["", "?tuan=2026-W50", "?tuan=2026-12-10", "?tuan=2026-12-07&dang=luoi"])
def test_the_week(seen: Site, query: str) -> None:
    text = page(seen, f"/lich{query}")
    assert "07/12/2026 – 13/12/2026" in text
    assert text.count(f'<span class="line-title">{MORNING}') == 6
    assert text.count('class="card day"') == 7
    assert "/lich?tuan=2026-11-30" in text
    assert "/lich?tuan=2026-12-14" in text


def test_the_day_for_paper(seen: Site) -> None:
    text = page(seen, "/lich?ngay=2026-12-08")
    assert "Chương trình trong ngày" in text
    assert text.index("05:00") < text.index("17:00")
    assert "đến 17:01" in text
    assert text.count('class="card day"') == 1


def test_a_year_ahead_the_series_is_foreseen(seen: Site) -> None:
    text = page(seen, "/lich?tuan=2028-02-28")
    assert text.count("Dự kiến") == 7
    assert 'id="day-2028-02-29"' in text


def test_narrowed_to_an_area(seen: Site) -> None:
    assert MORNING not in page(seen, f"/lich?ngay=2026-12-08&dia-ban={COMMUNE}")
    assert MORNING in page(seen, f"/lich?ngay=2026-12-08&dia-ban={DISTRICT}")
    assert MORNING not in page(seen, "/lich?ngay=2026-12-08&dia-ban=nowhere")
    assert "Không còn lượt phát nào" in page(seen, f"/?dia-ban={COMMUNE}")


def test_the_lists_of_a_viewer_are_those_of_their_place(seen: Site) -> None:
    viewer = seen.as_(Role.VIEWER, COMMUNE)
    for path in ("/", "/lich", "/lich?tuan=2028-02-28", "/thu-vien", "/thu-vien/am-thanh", "/dong-thoi-gian"):
        text = viewer.get(path).text
        assert MORNING not in text, path
        assert "Cụm loa s-1" not in text, path
    assert "data-editable" not in viewer.get("/lich?dang=luoi").text
    refused(viewer.get("/dong-thoi-gian/s-1"), 403, "không có quyền")


@pytest.mark.parametrize("path", ["/lich?tuan=2026-W54", "/lich?tuan=0-W1", "/lich?ngay=2026-02-30", "/lich?tuan=x"])
def test_impossible_days(seen: Site, path: str) -> None:
    assert seen.client.get(path).status_code == 422
    refused(seen.client.get(path), 422, "Hãy chọn")


@pytest.mark.parametrize(
    "path", ["/lich?ngay=1970-01-01", "/lich?ngay=2300-12-31", "/lich?tuan=2300-12-31", "/lich?tuan=1970-01-01"]
)
def test_the_ends_of_the_calendar(seen: Site, path: str) -> None:
    page(seen, path)


def test_one_speakers_day(seen: Site) -> None:
    text = page(seen, "/dong-thoi-gian/s-1?ngay=2026-12-08")
    assert "Cụm loa s-1 phát gì?" in text
    assert "Trọn vẹn" in text
    assert "Tiếng đầu tiên lúc 05:00 Thứ Tư, 09/12/2026" in text
    assert "Loa im lặng" in page(seen, "/dong-thoi-gian/s-2?ngay=2026-12-08")
    refused(seen.client.get("/dong-thoi-gian/s-none"), 404, "Không có cụm loa này")
    refused(seen.client.get("/dong-thoi-gian/s-1?ngay=2026-13-01"), 422, "Hãy chọn ngày")
    refused(seen.client.get("/dong-thoi-gian/s-1?ngay=2300-12-31"), 422, "Hãy chọn ngày")


def test_the_form_leads_to_the_speaker_and_nowhere_else(seen: Site) -> None:
    answer = seen.client.get("/dong-thoi-gian", params={"loa": "s-1", "ngay": "2026-12-08"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dong-thoi-gian/s-1?ngay=2026-12-08")
    bad = seen.client.get("/dong-thoi-gian", params={"loa": "../\r\n//else.where", "ngay": "&x=\r\n"})
    assert "\n" not in bad.headers["Location"]
    assert bad.headers["Location"].startswith("/dong-thoi-gian/..%2F")


def test_the_library(seen: Site) -> None:
    assert MORNING in page(seen, "/thu-vien?tim=ban+tin+sang")
    assert "Không có bản tin nào như vậy" in page(seen, "/thu-vien?tim=không+có")
    assert MORNING in page(seen, "/thu-vien?linh-vuc=1&trang-thai=approved&tac-gia=admin")
    assert MORNING not in page(seen, "/thu-vien?trang-thai=rejected")
    assert MORNING in page(seen, "/thu-vien?linh-vuc=x&trang-thai=y"), "what is no choice narrows nothing"
    part = seen.client.get("/thu-vien?tim=sang", headers=HTMX | {"HX-Target": "results"}).text
    assert "<html" not in part
    assert MORNING in part
    sounds = page(seen, "/thu-vien/am-thanh?tim=sang")
    assert "Tìm thấy 1 âm thanh" in sounds
    assert " LUFS" in sounds


def test_where_a_bulletin_is_used(seen: Site) -> None:
    found = seen.client.get("/api/v1/library/bulletins", params={"words": "sang"}).json()
    (bulletin,) = found["items"]
    assert (found["total"], bulletin["title"], bulletin["schedules"]) == (1, MORNING, 1)
    text = page(seen, f"/thu-vien/{bulletin['id']}")
    assert "hàng ngày lúc 05:00" in text
    refused(seen.client.get("/thu-vien/bu-none"), 404, "Không có bản tin này")
    used = seen.client.get(f"/api/v1/library/bulletins/{bulletin['id']}/uses").json()
    assert used["schedules"][0]["words"].startswith("hàng ngày lúc 05:00")
    assert used["broadcasts"][-1]["start"] == "2026-12-08T05:00:00+07:00"


def test_the_programme_by_the_api(seen: Site) -> None:
    found = seen.client.get("/api/v1/programme", params={"first": "2026-12-08", "days": 1}).json()
    assert [(each["title"], each["start"], each["movable"]) for each in found["items"]] == [
        (MORNING, "2026-12-08T05:00:00+07:00", True),
        (SCRIPT, "2026-12-08T17:00:00+07:00", True),
    ]
    part = seen.client.get("/api/v1/programme", params={"first": "2026-12-08", "days": 1, "skip": 1, "limit": 1}).json()
    assert (len(part["items"]), part["total"]) == (1, 2)
    for bad in ({"days": 43}, {"days": 0}, {"first": "2026-02-30"}, {"limit": 2001}):
        assert seen.client.get("/api/v1/programme", params=bad).status_code == 422
    assert seen.client.get("/api/v1/programme", params={"first": "9999-12-31"}).json()["items"] == []


def test_a_speakers_day_by_the_api(seen: Site) -> None:
    found = seen.client.get("/api/v1/speakers/s-1/timeline", params={"day": "2026-12-08"}).json()
    (slot,) = found["slots"]
    assert (slot["title"], slot["begin"], slot["outcome"]) == (MORNING, "2026-12-08T05:00:00+07:00", "played")
    assert seen.client.get("/api/v1/speakers/none/timeline").json()["code"] == "unknown-speaker"
    assert seen.client.get("/api/v1/library/clips").json()["total"] == 2


def test_every_page_of_the_navigation_opens(seen: Site) -> None:
    for place in (place for tab in TABS for place in tab.inside):
        text = page(seen, place.path)
        assert f'href="{place.path}" aria-current="page"' in text, place.path


def test_what_no_database_keeps_is_searched_in_vain(seen: Site) -> None:
    assert MORNING in page(seen, "/thu-vien?tim=sang%00")
    assert "Tìm thấy 0 bản tin" in page(seen, "/thu-vien?tac-gia=%00")


def test_what_waits_to_be_approved_is_drawn_and_says_so(seen: Site) -> None:
    """Twice in the morning, beside what stands; whoever does not see the place sees nothing of it."""
    editor = seen.world.person(Role.EDITOR, COMMUNE, "soan")
    bulletin = seen.world.bulletin(b"waits" * 4_000, WAITS, editor)
    twice = NewSchedule(
        bulletin, once(date(2026, 12, 9), time(9)), Targets((COMMUNE,)), repeats=2, gap=DurationMs(60_000)
    )
    made = seen.world.desk.schedule(twice, editor)
    assert made.broadcasts == ()
    text = page(seen, "/lich?ngay=2026-12-09")
    assert text.count(f'href="/duyet/{made.change}"') == 2
    assert text.count('<span class="tag">chờ duyệt</span>') == 2
    assert text.index("05:00") < text.index(WAITS), "in the order of the day"
    english = seen.client.get("/lich?ngay=2026-12-09", headers={"Accept-Language": "en"}).text
    assert english.count('<span class="tag">waiting for approval</span>') == 2
    found = seen.client.get("/api/v1/programme", params={"first": "2026-12-09", "days": 1}).json()
    assert [(each["change"], each["start"], each["repeat"]) for each in found["waiting"]] == [
        (made.change, "2026-12-09T09:00:00+07:00", 1),
        (made.change, "2026-12-09T09:01:30+07:00", 2),
    ]
    assert WAITS not in page(seen, f"/lich?ngay=2026-12-09&dia-ban={TOWN}")
    assert WAITS not in seen.as_(Role.VIEWER, TOWN).get("/lich?ngay=2026-12-09").text
    leader = seen.world.person(Role.APPROVER, COMMUNE, "duyet")
    seen.world.listen(leader, bulletin)
    with seen.world.store.read() as unit:
        change = unit.approvals.change(ChangeId(made.change))
    assert change is not None
    Approval(seen.world.room).approve(change.id, change.digest, leader)
    text = page(seen, "/lich?ngay=2026-12-09")
    assert (text.count(WAITS) > 0, text.count("chờ duyệt</span>")) == (True, 0)


def test_of_a_waiting_edit_only_the_new_times_are_drawn(seen: Site) -> None:
    with seen.world.store.read() as unit:
        morning = next(s for s in unit.broadcasts.live_schedules() if s.targets.areas == (TOWN,))
    later = replace(morning, times=(time(10),))
    editor = seen.world.person(Role.EDITOR, TOWN, "soan-2")
    Changes(seen.world.room).propose(morning.bulletin, [Item(morning.id, morning, later)], editor)
    found = seen.client.get("/api/v1/programme", params={"first": "2026-12-10", "days": 2}).json()
    assert [each["start"] for each in found["waiting"]] == ["2026-12-10T10:00:00+07:00", "2026-12-11T10:00:00+07:00"]
