"""iCalendar out and in: what we write says what is meant and is read back the same; what is wrong is named."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from controller.ical import Entry, Reading, export, read
from schedules.model import Schedule
from schedules.recurrence import expand, originals
from schedules.rules import parse_rrule
from schedules.units import BulletinId, DurationMs, ScheduleId, UtcMs
from schedules.wall import utc_ms
from tests.schedules.make import VN, schedule
from tests.schedules.rulemaker import horizon, random_schedule

NOW = utc_ms(datetime(2026, 11, 22, tzinfo=UTC))


def file(*events: str) -> bytes:
    body = "\r\n".join(f"BEGIN:VEVENT\r\n{each}\r\nEND:VEVENT" for each in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}\r\nEND:VCALENDAR\r\n".encode()


def sentences(found: Reading) -> list[str]:
    return [fault.sentence % dict(fault.params) for fault in found.faults]


@st.composite
def kept(draw: st.DrawFn) -> Schedule:
    """A series with what was done to it by hand, in a zone with or without summer time."""
    made = replace(
        random_schedule(draw(st.integers(0, 100_000))), time_zone=draw(st.sampled_from([VN, "Europe/Berlin"]))
    )
    known = [at for at in originals(made) if at < horizon(made)] if _ends(made) else []
    some = draw(st.lists(st.sampled_from(known), max_size=4, unique=True)) if len(known) > 1 else []
    repeats = draw(st.integers(1, 10))
    return replace(
        made,
        exceptions=frozenset(some[: len(some) // 2]),
        moved=tuple(sorted((at, at + timedelta(hours=draw(st.integers(1, 90)))) for at in some[len(some) // 2 :])),
        repeats=repeats,
        gap=DurationMs(draw(st.integers(1, 7200)) * 1000 if repeats > 1 else 0),
        skip_holidays=draw(st.booleans()),
    )


def _ends(made: Schedule) -> bool:
    rule = parse_rrule(made.rrule)
    return rule.count is not None or rule.until is not None


@settings(max_examples=50, deadline=None)
@given(
    st.lists(kept(), min_size=1, max_size=3),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
)
def test_what_is_written_is_read_back(made: list[Schedule], title: str) -> None:
    named = [Entry(replace(each, id=ScheduleId(f"s-{n}")), f"{title} {n}") for n, each in enumerate(made)]
    found = read(export(named, "Đầm Hà", NOW), "Asia/Bangkok")
    assert found.faults == ()
    assert sorted(each.title for each in found.series) == sorted(" ".join(entry.title.split()) for entry in named)
    by_title = {each.title: each.timing for each in found.series}
    for entry in named:
        there = by_title[entry.title]
        assert heard(there, entry.schedule) == heard(entry.schedule, entry.schedule)
        own = entry.schedule
        assert (there.repeats, there.gap, there.skip_holidays) == (own.repeats, own.gap, own.skip_holidays)
        assert there.time_zone == own.time_zone


def heard(made: Schedule, window: Schedule) -> list[tuple[datetime, datetime]]:
    begin = utc_ms((window.local_start - timedelta(days=9)).replace(tzinfo=UTC))
    end = utc_ms((horizon(window) + timedelta(days=9)).replace(tzinfo=UTC))
    return [(each.original, each.wall) for each in expand(made, begin, end)]


def test_what_the_file_says() -> None:
    made = replace(
        schedule(datetime(2026, 1, 5, 17), "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231"),
        times=(time(5),),
        exceptions=frozenset([datetime(2026, 1, 12, 5)]),
        moved=((datetime(2026, 1, 14, 17), datetime(2026, 1, 15, 18)),),
        replaced=((datetime(2026, 1, 19, 5), BulletinId("n-2")),),
    )
    entry = Entry(made, "Tin; bão, số 3", "thứ 2, 4", DurationMs(90_500))
    found: Any = Calendar.from_ical(export([entry], "Đầm Hà", NOW, {BulletinId("n-2"): "Tin khác"}))
    five, another, seventeen, moved = found.walk("VEVENT")
    assert (five["SUMMARY"], five["DTSTART"].dt.isoformat()) == ("Tin; bão, số 3", "2026-01-07T05:00:00+07:00")
    assert five["RRULE"]["UNTIL"] == [datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)]
    assert [each.dt.isoformat() for each in five["EXDATE"].dts] == ["2026-01-12T05:00:00+07:00"]
    assert five["DURATION"].dt == timedelta(seconds=91)
    assert (another["SUMMARY"], another["RECURRENCE-ID"].dt.day) == ("Tin khác", 19)
    assert seventeen["DTSTART"].dt.isoformat() == "2026-01-05T17:00:00+07:00"
    assert moved["DTSTART"].dt.isoformat() == "2026-01-15T18:00:00+07:00"
    assert [str(each["TZID"]) for each in found.walk("VTIMEZONE")] == [VN]


def one(event: str, zone: str = VN) -> Schedule:
    found = read(file(event), zone)
    assert not found.faults, found
    (series,) = found.series
    return series.timing


def test_what_other_programs_write() -> None:
    hours = one("SUMMARY:a\r\nDTSTART:20260105T050000\r\nRRULE:FREQ=DAILY;BYHOUR=5,17;BYMINUTE=0,30;COUNT=6")
    assert [f"{at:%d %H:%M}" for at in originals(hours)] == [
        "05 05:00", "05 05:30", "05 17:00", "05 17:30", "06 05:00", "06 05:30",
    ]  # fmt: skip
    teams = one("SUMMARY:a\r\nDTSTART;TZID=SE Asia Standard Time:20260105T050000")
    assert (teams.time_zone, teams.local_start) == (VN, datetime(2026, 1, 5, 5))
    utc = one("SUMMARY:a\r\nDTSTART:20260104T220000Z")
    assert (utc.time_zone, utc.local_start) == (VN, datetime(2026, 1, 5, 5))
    weekly = one("SUMMARY:a\r\nDTSTART:20260104T220000Z\r\nRRULE:FREQ=WEEKLY;BYDAY=SU")
    assert (weekly.time_zone, weekly.local_start) == ("UTC", datetime(2026, 1, 4, 22))
    bare = one("SUMMARY:a\r\nDTSTART:20260105T050000\r\nRRULE:FREQ=DAILY\r\nEXDATE;VALUE=DATE:20260107")
    assert bare.exceptions == {datetime(2026, 1, 7, 5)}


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART:20260105T050000", "không có tên"),
        ("SUMMARY:a", "không có giờ bắt đầu"),
        ("SUMMARY:a\r\nDTSTART;VALUE=DATE:20260105", "cả ngày"),
        ("SUMMARY:a\r\nDTSTART:20260231T050000", "Không có ngày giờ “20260231T050000”"),
        ("SUMMARY:a\r\nDTSTART:99990105T050000", "1970 đến 2300"),
        ("SUMMARY:a\r\nDTSTART;TZID=Asia/Dam_Ha:20260105T050000", "múi giờ “Asia/Dam_Ha”"),
        ("SUMMARY:a\r\nDTSTART:20260105T050000\r\nRRULE:FREQ=SECONDLY", "(FREQ=SECONDLY) không dùng được: chỉ lặp"),
        ("SUMMARY:a\r\nDTSTART:20260105T050000\r\nRRULE:FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,1,2,3,4,5,6,7,8", "nhiều"),
        ("SUMMARY:a\r\nDTSTART:20260105T050000\r\nRRULE:FREQ=DAILY;BYHOUR=25", "không có thật"),
        ("SUMMARY:a\r\nDTSTART:20260105T050000\r\nRDATE:20260106T050000", "RDATE"),
        ("SUMMARY:a\r\nDTSTART:20260105T050000\r\nSTATUS:CANCELLED", "đã bị hủy"),
        ("SUMMARY:a\r\nDTSTART:20260105T050000\r\nbroken", "dòng hỏng"),
        ("SUMMARY:a\r\nDTSTART:20260105T050000\r\nRECURRENCE-ID:20260105T050000", "không có (hoặc bị hỏng)"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_named_and_the_rest_is_read(event: str, why: str) -> None:
    found = read(file(event, "UID:b\r\nSUMMARY:b\r\nDTSTART:20260105T050000"), VN)
    assert [each.title for each in found.series] == ["b"]
    (sentence,) = sentences(found)
    assert why in sentence


def test_a_file_that_is_no_calendar_is_refused_whole() -> None:
    for data, why in (
        (b"", "iCalendar"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x" * 2_000_001, "2 MB"),
        (b"BEGIN:VCALENDAR\r\n", "iCalendar"),
        (file(*["SUMMARY:a"] * 2_001), "2.000"),
    ):
        found = read(data, VN)
        assert found.series == ()
        assert why in sentences(found)[0]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 400))
def test_any_bytes_are_read_or_named_but_never_break(noise: bytes, begin: int, length: int) -> None:
    whole = export([Entry(random_schedule(7), "Tin")], "Đầm Hà", NOW)
    found = read(whole[:begin] + noise + whole[begin + length :], VN)
    for each in found.series:
        expand(each.timing, UtcMs(0), UtcMs(1))
