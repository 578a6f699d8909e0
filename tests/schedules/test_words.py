"""A schedule in words: what a broadcaster reads before sending."""

from datetime import datetime, time, timedelta

import pytest

from schedules.rules import BadRule
from schedules.words import schedule_words, time_words, weekdays_words, when_words
from tests.schedules.make import schedule

START = datetime(2026, 1, 5, 5)


@pytest.mark.parametrize(
    ("rrule", "words"),
    [
        ("", "một lần, lúc 05:00 thứ 2, ngày 05/01/2026"),
        ("FREQ=DAILY", "hàng ngày lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=DAILY;COUNT=3", "hàng ngày lúc 05:00, từ ngày 05/01/2026, 3 lần"),
        ("FREQ=DAILY;INTERVAL=2", "2 ngày một lần lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=DAILY;BYDAY=MO,SU", "thứ 2 và chủ nhật hàng tuần lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "hàng ngày lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=WEEKLY", "thứ 2 hàng tuần lúc 05:00, từ ngày 05/01/2026"),
        (
            "FREQ=WEEKLY;BYDAY=FR,MO,WE;UNTIL=20261231",
            "thứ 2, 4, 6 hàng tuần lúc 05:00, từ ngày 05/01/2026 đến hết ngày 31/12/2026",
        ),
        (
            "FREQ=WEEKLY;UNTIL=20261231T045959",
            "thứ 2 hàng tuần lúc 05:00, từ ngày 05/01/2026 đến hết ngày 30/12/2026",
        ),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "2 tuần một lần vào chủ nhật lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=MONTHLY", "ngày 5 hàng tháng lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,1", "ngày 1, 15 hàng tháng lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR", "thứ 2 đầu tiên, thứ 6 cuối cùng hàng tháng lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=YEARLY", "ngày 05/01 hàng năm lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2", "ngày 02/09 hàng năm lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=YEARLY;BYWEEKNO=9", "theo quy tắc riêng (hàng năm) lúc 05:00, từ ngày 05/01/2026"),
        ("FREQ=DAILY;BYMONTH=9", "theo quy tắc riêng (hàng ngày) lúc 05:00, từ ngày 05/01/2026"),
    ],
)
def test_when(rrule: str, words: str) -> None:
    assert when_words(START, rrule) == words


def test_an_end_in_utc_is_told_in_local_days() -> None:
    assert schedule_words(schedule(START, "FREQ=DAILY;UNTIL=20260106T220000Z")).endswith("đến hết ngày 07/01/2026")


def test_exceptions_are_named_up_to_five() -> None:
    days = [START + timedelta(days=n) for n in range(1, 8)]
    assert when_words(START, "FREQ=DAILY", days[1::-1]).endswith(", trừ ngày 06/01/2026, 07/01/2026")
    assert when_words(START, "FREQ=DAILY", days).endswith("10/01/2026 và 2 ngày khác")


def test_small_words() -> None:
    assert weekdays_words({6}) == "chủ nhật"
    assert weekdays_words(range(7)) == "tất cả các ngày"
    assert (time_words(time(17)), time_words(time(17, 0, 5))) == ("17:00", "17:00:05")
    with pytest.raises(BadRule):
        when_words(START, "FREQ=HOURLY")
