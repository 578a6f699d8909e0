"""The timetable as a file, and bringing one in: a look at every event first, and all of it or nothing."""

import re
from datetime import date, time
from html import unescape
from typing import Any

import pytest

from controller.desk.values import When, WhenKind
from controller.ical import read
from controller.rights import Role
from controller.web.pages.calendar_files import packed
from schedules.units import ScheduleId
from tests.controller.web.conftest import Site
from tests.controller.world import ADMIN, COMMUNE, TOWN, ZONE

WEEKLY = When(WhenKind.WEEKLY, date(2026, 12, 8), time(5, 0), (1, 3), times=(time(17, 0),), until=date(2026, 12, 31))
EVENT = "BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{title}\r\nDTSTART;TZID=Asia/Ho_Chi_Minh:{start}\r\n{more}END:VEVENT\r\n"
HOW = {"priority": "3", "volume": "80"}


def calendar(*events: str) -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//VI\r\n"
    return (head + "".join(events) + "END:VCALENDAR\r\n").encode()


def event(uid: str, title: str, start: str, more: str = "") -> str:
    return EVENT.format(uid=uid, title=title, start=start, more=f"{more}\r\n" if more else "")


def live(site: Site) -> int:
    with site.world.store.read() as unit:
        return len(unit.broadcasts.live_schedules())


def upload(site: Site, data: bytes) -> tuple[int, str]:
    fields = {"csrf_token": site.client.csrf}
    answer = site.client.post("/lich/nhap", data=fields, files={"file": ("lich.ics", data)})
    return answer.status_code, unescape(answer.text)


def test_what_is_exported_is_brought_in_again(site: Site) -> None:
    site.world.add_speaker("s-1")
    first = site.world.desk.broadcast(site.world.schedule(WEEKLY)[0], ADMIN).schedule
    answer = site.client.get("/lich.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert [each.title for each in read(answer.content, ZONE).series] == ["Thông báo"]
    assert b"BEGIN:VEVENT" not in site.client.get("/lich.ics", params={"dia_ban": COMMUNE}).content
    site.world.desk.end_schedule(first, ADMIN)
    status, page = upload(site, answer.content)
    assert (status, "thứ 3, 5 hàng tuần lúc 05:00 và 17:00" in page) == (200, True), page
    assert "Hãy chọn nơi phát" in page
    chosen = dict(re.findall(r'<select name="(bulletin-\d+)">.*?<option value="([^"]+)" selected', page, re.S))
    file = re.search(r'name="file" value="([^"]+)"', page)
    assert file
    fields: dict[str, Any] = {**HOW, **chosen, "areas": [TOWN], "file": file[1]}
    look = unescape(site.client.post("/lich/nhap/xem", data=fields | {"step": "look"}).text)
    assert "05:00 Thứ Ba, 08/12/2026" in look
    assert live(site) == 0
    assert site.client.post("/lich/nhap/xem", data=fields | {"step": "keep"}).status_code == 303
    with site.world.store.read() as unit:
        (made,) = unit.broadcasts.live_schedules()
        before = unit.broadcasts.schedule(ScheduleId(first))
    assert before is not None
    assert (made.rrule, made.local_start, made.times) == (before.rrule, before.local_start, before.times)


def test_every_event_that_cannot_be_kept_is_named(site: Site) -> None:
    site.world.add_speaker("s-1")
    bulletin = site.world.bulletin()
    data = calendar(
        event("1", "Mỗi giây", "20261208T050000", "RRULE:FREQ=SECONDLY"),
        event("2", "Không có", "20261208T050000", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        event("3", "Thông báo", "20200101T050000"),
        event("4", "<script>alert(1)</script>", "20261209T050000"),
    )
    status, page = upload(site, data)
    assert status == 200
    assert "Dòng 4: Mỗi giây" in page
    assert "<script>alert" not in site.client.post(
        "/lich/nhap/xem", data={**HOW, "file": packed(data), "step": "look"}
    ).text.replace("&lt;", "")
    number = re.search(r'(bulletin-\d+)">(?:(?!</select>).)*selected>Thông báo', page, re.S)
    assert number, page
    fields = {**HOW, "areas": [TOWN], "file": packed(data), number[1]: bulletin}
    refused = site.client.post("/lich/nhap/xem", data=fields | {"step": "keep"})
    assert (refused.status_code, "không có lượt phát nào" in unescape(refused.text)) == (422, True)
    assert live(site) == 0, "all or nothing"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"this is no calendar", "không phải lịch iCalendar"),
        (b"\xff\xfe\x00", "UTF-8"),
        (calendar(), "không có sự kiện nào"),
        (b"x" * (1024 * 1024 + 1), "lớn hơn 1 MB"),
    ],
)
def test_files_that_are_no_calendar(shared_site: Site, data: bytes, sentence: str) -> None:
    assert sentence in upload(shared_site, data)[1]


@pytest.mark.parametrize("file", ["", "!!", "AAAA", packed(b"x" * 3_000_000)])
def test_a_field_that_is_no_file(shared_site: Site, file: str) -> None:
    answer = shared_site.client.post("/lich/nhap/xem", data={**HOW, "file": file, "areas": [TOWN]})
    assert (answer.status_code, "chọn lại tệp" in unescape(answer.text)) == (422, True)


def test_who_may_not_compose_brings_nothing_in(shared_site: Site) -> None:
    viewer = shared_site.as_(Role.VIEWER, TOWN)
    assert viewer.get("/lich/nhap").status_code == 403
    assert viewer.get("/lich.ics").status_code == 200
    editor = shared_site.as_(Role.EDITOR, COMMUNE)
    shared_site.world.add_speaker("s-2")
    file = packed(calendar(event("1", "Thông báo", "20261208T050000")))
    fields = {**HOW, "file": file, "areas": [TOWN], "step": "keep", "bulletin-0": shared_site.world.bulletin()}
    assert editor.post("/lich/nhap/xem", data=fields).status_code == 403
