"""What people type about time is understood, or refused at the word that was not; and the way back from words."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schedules.model import Schedule
from schedules.recurrence import expand, times_of
from schedules.rules import WEEKDAYS
from schedules.spoken_rules import Misunderstood, Spoken, read_when
from schedules.units import DurationMs, UtcMs
from schedules.wall import localise, utc_ms
from schedules.words import schedule_words
from tests.schedules.make import VN, schedule

TODAY = date(2026, 11, 22)
"""A Sunday."""


def said(text: str) -> tuple[str, str, str]:
    """(first start, all times, rule)"""
    found = read_when(text, TODAY)
    assert isinstance(found, Spoken), found
    at = schedule(found.local_start)
    times = " ".join(f"{each:%H:%M}" for each in times_of(replace(at, times=found.times)))
    return f"{found.local_start:%d/%m/%Y}", times, found.rrule


@pytest.mark.parametrize(
    ("text", "first", "times", "rrule"),
    [
        (
            "thứ 2, 4, 6 lúc 05:00 và 17:00, đến 31/12",
            "23/11/2026",
            "05:00 17:00",
            "FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20261231",
        ),
        (
            "thu 2,4,6 luc 5h va 17h den 31/12",
            "23/11/2026",
            "05:00 17:00",
            "FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20261231",
        ),
        ("T2 T4 T6 5h", "23/11/2026", "05:00", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("THỨ HAI, TƯ, SÁU LÚC 5 GIỜ", "23/11/2026", "05:00", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("thứ hai, thứ tư và chủ nhật lúc năm giờ rưỡi", "22/11/2026", "05:30", "FREQ=WEEKLY;BYDAY=MO,WE,SU"),
        ("t2-t6 17g00", "23/11/2026", "17:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("thứ 2 đến thứ 6 lúc 5h", "23/11/2026", "05:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("cn 7h", "22/11/2026", "07:00", "FREQ=WEEKLY;BYDAY=SU"),
        ("cuối tuần lúc 6 giờ", "22/11/2026", "06:00", "FREQ=WEEKLY;BYDAY=SA,SU"),
        ("hàng ngày 5h", "22/11/2026", "05:00", "FREQ=DAILY"),
        ("hằng ngày, lúc 5 giờ 30", "22/11/2026", "05:30", "FREQ=DAILY"),
        ("mỗi ngày lúc 5, 11 và 17 giờ", "22/11/2026", "05:00 11:00 17:00", "FREQ=DAILY"),
        ("hang ngay 17g00 20 lan", "22/11/2026", "17:00", "FREQ=DAILY;COUNT=20"),
        ("hàng ngày 5h và 17h, 20 lần", "22/11/2026", "05:00 17:00", "FREQ=DAILY;COUNT=10"),
        ("hàng ngày 5h và 17h, 20 ngày phát", "22/11/2026", "05:00 17:00", "FREQ=DAILY;COUNT=20"),
        ("cách ngày lúc 5h từ mai", "23/11/2026", "05:00", "FREQ=DAILY;INTERVAL=2"),
        ("2 tuần một lần vào thứ 3 lúc 5h", "01/12/2026", "05:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("ngày 1 và 15 hàng tháng lúc 5h", "01/12/2026", "05:00", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("ngày cuối tháng hàng tháng lúc 17h", "30/11/2026", "17:00", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("chủ nhật cuối cùng hàng tháng lúc 7 giờ sáng", "29/11/2026", "07:00", "FREQ=MONTHLY;BYDAY=-1SU"),
        ("thứ 2 tuần đầu hàng tháng 7h", "07/12/2026", "07:00", "FREQ=MONTHLY;BYDAY=1MO"),
        ("ngày 2/9 hàng năm lúc 7h", "02/09/2027", "07:00", "FREQ=YEARLY;BYMONTHDAY=2;BYMONTH=9"),
        ("từ 1/12 đến hết 31/12/2026 hàng ngày 5:30", "01/12/2026", "05:30", "FREQ=DAILY;UNTIL=20261231"),
        ("hàng ngày lúc 5h trong 2 tuần", "22/11/2026", "05:00", "FREQ=DAILY;UNTIL=20261205"),
        ("hàng ngày lúc 5h đến hết tháng 2", "22/11/2026", "05:00", "FREQ=DAILY;UNTIL=20270228"),
        ("hàng ngày lúc 5h trừ chủ nhật", "23/11/2026", "05:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA"),
        ("8h tối mai", "23/11/2026", "20:00", ""),
        ("tối mai lúc 8h", "23/11/2026", "20:00", ""),
        ("5 giờ chiều ngày 5/12", "05/12/2026", "17:00", ""),
        ("một lần lúc 5h ngày 1/1", "01/01/2027", "05:00", ""),
        ("ngày 5 tháng 12 năm 2026 lúc 5h", "05/12/2026", "05:00", ""),
        ("8h tới 31/12 hàng ngày", "22/11/2026", "08:00", "FREQ=DAILY;UNTIL=20261231"),
        ("từ thứ 2 đến thứ 6, 5h và 17h", "23/11/2026", "05:00 17:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("sáng 5h, chiều 5h30 hàng ngày", "22/11/2026", "05:00 17:30", "FREQ=DAILY"),
        ("mỗi buổi tối lúc 7 và 8 giờ", "22/11/2026", "19:00 20:00", "FREQ=DAILY"),
        ("mỗi sáng thứ hai lúc 5h", "23/11/2026", "05:00", "FREQ=WEEKLY;BYDAY=MO"),
        ("tối thứ 7 và chủ nhật lúc tám giờ", "22/11/2026", "20:00", "FREQ=WEEKLY;BYDAY=SA,SU"),
        ("toi thu 7 luc 8h", "28/11/2026", "20:00", "FREQ=WEEKLY;BYDAY=SA"),
        ("7h sáng chủ nhật cuối tháng", "29/11/2026", "07:00", "FREQ=MONTHLY;BYDAY=-1SU"),
        ("thứ 2 đầu tháng lúc 7h", "07/12/2026", "07:00", "FREQ=MONTHLY;BYDAY=1MO"),
        ("các ngày thứ 2, 4 lúc 5h hàng tuần, 17h", "23/11/2026", "05:00 17:00", "FREQ=WEEKLY;BYDAY=MO,WE"),
    ],
)
def test_what_people_type(text: str, first: str, times: str, rrule: str) -> None:
    assert said(text) == (first, times, rrule)


@pytest.mark.parametrize(
    ("text", "now", "first"),
    [
        ("hàng ngày 5h và 17h, 20 lần", time(4, 59), "22/11/2026 05:00"),
        ("hàng ngày 5h và 17h, 20 lần", time(5), "23/11/2026 05:00"),
        ("hàng ngày 5h, 3 ngày phát", time(12), "23/11/2026 05:00"),
        ("chủ nhật 5h, 3 lần", time(12), "29/11/2026 05:00"),
        ("hàng ngày 5h và 17h", time(12), "22/11/2026 05:00"),
        ("hàng ngày 5h từ 22/11, 3 lần", time(12), "22/11/2026 05:00"),
    ],
)
def test_what_is_counted_does_not_count_what_has_passed(text: str, now: time, first: str) -> None:
    found = read_when(text, TODAY, now)
    assert isinstance(found, Spoken), found
    assert f"{found.local_start:%d/%m/%Y %H:%M}" == first


def test_repeats_holidays_exceptions_and_moves() -> None:
    found = read_when(
        "hàng ngày lúc 5h, phát 3 lần cách nhau 1 phút 30 giây, trừ ngày lễ, trừ ngày 29/4/2027, 1/5/2027 và 2/5/2027,"
        " dời lần 5h ngày 24/11 sang 17h ngày 25/11",
        TODAY,
    )
    assert found == Spoken(
        local_start=datetime(2026, 11, 22, 5),
        rrule="FREQ=DAILY",
        exceptions=frozenset(datetime(2027, month, day, 5) for month, day in ((4, 29), (5, 1), (5, 2))),
        moved=((datetime(2026, 11, 24, 5), datetime(2026, 11, 25, 17)),),
        repeats=3,
        gap=DurationMs(90_000),
        skip_holidays=True,
    )


@pytest.mark.parametrize(
    ("text", "sentence", "at"),
    [
        ("", "Chưa có giờ phát", ""),
        ("hàng ngày", "Chưa có giờ phát", ""),
        ("5h", "Chưa rõ ngày nào", ""),
        ("hàng ngày luc 5h bla bla", "“bla”", "bla bla"),
        ("hàng ngày 25h", "Không có giờ 25h", "25h"),
        ("hàng ngày 5:60", "Không có giờ 5:60", "5:60"),
        ("thứ 8 lúc 5h", "thứ 2 đến thứ 7", "thứ 8"),
        ("hàng ngày 5h đến 31/2", "Không có ngày 31/2.", "31/2"),
        ("hàng ngày 5h đến 31/11/2026", "Không có ngày 31/11/2026", "31/11/2026"),
        ("hàng ngày 5h từ 1/12/2026 đến 30/11/2026", "trước ngày bắt đầu 01/12/2026", "30/11/2026"),
        ("30/2 hàng năm 5h", "Không có ngày 30/2.", "30/2"),
        ("rằm hàng tháng lúc 5h", "Âm lịch", "rằm"),
        ("thứ 2 hàng tháng lúc 5h", "lần mấy trong tháng", ""),
        ("ngày 15 lúc 5h", "Ngày mấy của tháng nào", ""),
        ("ngày 32 hàng tháng lúc 5h", "ngày 1 đến ngày 31", "32"),
        ("thứ 2 ngày 24/11/2026 lúc 5h", "24/11/2026 là thứ 3", "ngày 24/11/2026"),
        ("hàng ngày từ 5h đến 6h", "Chỉ cần giờ bắt đầu", "từ 5h"),
        ("hàng ngày 5h và 17h 21 lần", "không chia đều", ""),
        ("thứ 2, 4 lúc 5h, thứ 3, 5 lúc 6h", "thành hai lịch", "thứ 3"),
        ("5h thứ 2 và 6h thứ 3", "thành hai lịch", "6h thứ 3"),
        ("ngày 1 lúc 5h và ngày 15 lúc 6h hàng tháng", "thành hai lịch", "ngày 15"),
        ("hàng ngày lúc 5h, chủ nhật", "thành hai lịch", "chủ nhật"),
        ("từ thứ 2 lúc 5h", "“từ”", "từ thứ 2"),
        ("hàng ngày 5h, 3 lần, đến 31/12", "Chỉ chọn một cách kết thúc", ""),
        ("hàng ngày 5h, mỗi lần phát 11 lượt cách nhau 1 phút", "từ 1 đến 10 lượt", ", mỗi lần"),
        ("hàng ngày 5h, mỗi lần phát 3 lượt", "cách nhau bao lâu", "mỗi lần"),
        ("theo quy tắc riêng (hàng năm) lúc 05:00, từ ngày 05/01/2026", "“theo”", "theo"),
        ("hàng ngày lúc 5h 0 lần", "Chưa hiểu quy tắc", ""),
        ("x" * 1001, "dài quá", ""),
    ],
)
def test_what_is_not_understood_is_named(text: str, sentence: str, at: str) -> None:
    found = read_when(text, TODAY)
    assert isinstance(found, Misunderstood), found
    assert sentence in found.sentence
    assert text[found.position :].strip(" ,").startswith(at.strip(" ,"))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="thứ 2,46lúcvàđếnngàyhg:/013trừ lễphátcáchnhau5", max_size=60))
def test_any_text_is_understood_or_refused_but_never_breaks(text: str) -> None:
    found = read_when(text, TODAY)
    if isinstance(found, Spoken):
        expand(schedule(found.local_start, found.rrule), UtcMs(0), UtcMs(1))


@st.composite
def sayable(draw: st.DrawFn) -> Schedule:
    """Every schedule that words can say, in the spelling that reading gives."""
    times = sorted(draw(st.lists(st.times().map(_whole), min_size=1, max_size=3, unique=True)))
    first = draw(st.sampled_from(times))
    start = datetime.combine(draw(st.dates(date(2026, 1, 1), date(2040, 1, 1))), first)
    rhythm = draw(st.one_of(st.just(""), *_rhythms(start)))
    if not rhythm:
        times = [at for at in times if at >= first]
    last = start.date() + timedelta(days=draw(st.integers(1, 900)))
    at_last = draw(st.sampled_from(times[:-1])) if len(times) > 1 and draw(st.booleans()) else time(23, 59, 59)
    ends = ["", f";COUNT={draw(st.integers(1, 500))}", f";UNTIL={_stamp(datetime.combine(last, at_last))}"]
    gap = draw(st.integers(1, 7200)) * 1000
    repeats = draw(st.integers(1, 10))
    made = replace(
        schedule(start, rhythm + draw(st.sampled_from(ends)) if rhythm else ""),
        times=tuple(at for at in times if at != first),
        repeats=repeats,
        gap=DurationMs(gap if repeats > 1 else 0),
        skip_holidays=draw(st.booleans()),
    )
    return _by_hand(draw, made)


def _by_hand(draw: st.DrawFn, made: Schedule) -> Schedule:
    begin = utc_ms(localise(made.local_start, VN))
    found = [each.original for each in expand(made, begin, UtcMs(begin + 90 * 86_400_000))]
    if not found:
        return made
    some = st.lists(st.sampled_from(found), max_size=3, unique=True)
    removed, moved = draw(some), draw(some)
    new = st.datetimes(made.local_start, made.local_start + timedelta(days=90)).map(
        lambda at: at.replace(microsecond=0)
    )
    return replace(made, exceptions=frozenset(removed), moved=tuple(sorted((at, draw(new)) for at in moved)))


def _whole(at: time) -> time:
    return at.replace(second=0 if at.second % 4 else at.second, microsecond=0)


def _stamp(until: datetime) -> str:
    return f"{until:%Y%m%d}" if until.time() == time(23, 59, 59) else f"{until:%Y%m%dT%H%M%S}"


def _rhythms(start: datetime) -> list[st.SearchStrategy[str]]:
    often = st.sampled_from(["", ";INTERVAL=2", ";INTERVAL=5"])
    weekdays = st.sets(st.integers(0, 6), min_size=1, max_size=6).map(sorted)
    numbers = st.sets(st.sampled_from([1, 2, 5, 15, 28, 31, -1]), min_size=1, max_size=4)
    nths = st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(0, 6)), min_size=1, max_size=3, unique=True
    )
    return [
        often.map(lambda each: "FREQ=DAILY" + each),
        st.builds(lambda o, w: f"FREQ=WEEKLY{o};BYDAY=" + ",".join(WEEKDAYS[d] for d in w), often, weekdays),
        st.builds(
            lambda o, n: f"FREQ=MONTHLY{o};BYMONTHDAY=" + ",".join(map(str, sorted(n, key=lambda d: (d < 0, d)))),
            often,
            numbers,
        ),
        st.builds(lambda o, n: f"FREQ=MONTHLY{o};BYDAY=" + ",".join(f"{k}{WEEKDAYS[d]}" for k, d in n), often, nths),
        st.builds(lambda w: "FREQ=MONTHLY;BYDAY=" + ",".join(WEEKDAYS[d] for d in w), weekdays),
        often.map(lambda each: f"FREQ=YEARLY{each};BYMONTHDAY={start.day};BYMONTH={start.month}"),
    ]


@settings(max_examples=200, deadline=None)
@given(sayable())
@example(schedule(datetime(2026, 1, 5, 5), "FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20261231"))
def test_words_are_read_back(made: Schedule) -> None:
    words = schedule_words(made)
    found = read_when(words, TODAY)
    assert isinstance(found, Spoken), (words, found)
    assert found == Spoken(
        local_start=made.local_start,
        times=made.times,
        rrule=made.rrule,
        exceptions=made.exceptions,
        moved=made.moved,
        repeats=made.repeats,
        gap=made.gap,
        skip_holidays=made.skip_holidays,
    ), words
