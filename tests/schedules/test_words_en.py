"""A schedule in English words: it says what the Vietnamese sentence says."""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from schedules import words
from schedules.rules import BadRule
from schedules.units import BulletinId, DurationMs
from schedules.words_en import date_words, schedule_words, time_words, weekday_words, weekdays_words, when_words
from tests.schedules.make import schedule
from tests.schedules.rulemaker import random_schedule

START = datetime(2026, 1, 5, 5)


@pytest.mark.parametrize(
    ("rrule", "said"),
    [
        ("", "once, at 05:00 on Monday, 5 January 2026"),
        ("FREQ=DAILY", "every day at 05:00, from 5 January 2026"),
        ("FREQ=DAILY;COUNT=3", "every day at 05:00, from 5 January 2026, 3 times"),
        ("FREQ=DAILY;COUNT=1", "every day at 05:00, from 5 January 2026, 1 time"),
        ("FREQ=DAILY;INTERVAL=2", "every 2 days at 05:00, from 5 January 2026"),
        ("FREQ=DAILY;BYDAY=MO,SU", "on Mondays and Sundays at 05:00, from 5 January 2026"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every day at 05:00, from 5 January 2026"),
        ("FREQ=WEEKLY", "on Mondays at 05:00, from 5 January 2026"),
        (
            "FREQ=WEEKLY;BYDAY=FR,MO,WE;UNTIL=20261231",
            "on Mondays, Wednesdays and Fridays at 05:00, from 5 January 2026 to 31 December 2026",
        ),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every day at 05:00, from 5 January 2026"),
        ("FREQ=WEEKLY;UNTIL=20261231T045959", "on Mondays at 05:00, from 5 January 2026 to 30 December 2026"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "every 2 weeks on Sundays at 05:00, from 5 January 2026"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "by a rule of its own (every week) at 05:00, from 5 January 2026"),
        ("FREQ=MONTHLY", "on day 5 of every month at 05:00, from 5 January 2026"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,1", "on days 1 and 15 of every month at 05:00, from 5 January 2026"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of every month at 05:00, from 5 January 2026"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,-1", "on day 15 and the last day of every month at 05:00, from 5 January 2026"),
        (
            "FREQ=MONTHLY;BYDAY=1MO,-1FR",
            "on the first Monday and the last Friday of every month at 05:00, from 5 January 2026",
        ),
        ("FREQ=MONTHLY;BYDAY=MO", "on all Mondays of every month at 05:00, from 5 January 2026"),
        ("FREQ=YEARLY", "on 5 January of every year at 05:00, from 5 January 2026"),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2", "on 2 September of every year at 05:00, from 5 January 2026"),
        ("FREQ=YEARLY;BYWEEKNO=9", "by a rule of its own (every year) at 05:00, from 5 January 2026"),
        ("FREQ=DAILY;BYMONTH=9", "by a rule of its own (every day) at 05:00, from 5 January 2026"),
        ("FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1", "by a rule of its own (every month) at 05:00, from 5 January 2026"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "by a rule of its own (every month) at 05:00, from 5 January 2026"),
    ],
)
def test_when(rrule: str, said: str) -> None:
    assert when_words(START, rrule) == said
    assert ("own" in said) == ("riêng" in words.when_words(START, rrule)), "neither says more than the other"


def test_neither_language_says_more_than_the_other() -> None:
    for seed in range(1500):
        made = random_schedule(seed)
        english, vietnamese = schedule_words(made), words.schedule_words(made)
        assert ("rule of its own" in english) == ("quy tắc riêng" in vietnamese), (english, vietnamese)
        digits = sorted(re.findall(r"\d\d:\d\d", english))
        assert digits == sorted(re.findall(r"\d\d:\d\d", vietnamese)), (english, vietnamese)


def test_several_times_a_day() -> None:
    many = replace(schedule(START, "FREQ=DAILY;COUNT=3"), times=(time(17), time(11, 30)))
    assert schedule_words(many) == "every day at 05:00, 11:30 and 17:00, from 5 January 2026, 3 days"
    late = replace(schedule(START.replace(hour=17), "FREQ=DAILY;UNTIL=20260110T060000"), times=(time(5),))
    assert schedule_words(late) == (
        "every day at 05:00 and 17:00, from 17:00 on 5 January 2026 to 05:00 on 10 January 2026"
    )
    once = replace(schedule(START, ""), times=(time(17),))
    assert schedule_words(once) == "one day, at 05:00 and 17:00 on Monday, 5 January 2026"


def test_everything_that_can_be_said() -> None:
    day = timedelta(days=1)
    full = replace(
        schedule(START, "FREQ=DAILY"),
        times=(time(17),),
        exceptions=frozenset({START + day, START + day + timedelta(hours=12), START + 2 * day}),
        skip_holidays=True,
        moved=((START + 3 * day, START + 3 * day + timedelta(hours=1)),),
        replaced=((START + 4 * day, BulletinId("other")),),
        repeats=3,
        gap=DurationMs(90_000),
    )
    assert schedule_words(full) == (
        "every day at 05:00 and 17:00, from 5 January 2026, not on holidays, "
        "not on 6 January 2026, at 05:00 on 7 January 2026, "
        "moved from 05:00 on 8 January 2026 to 06:00 on 8 January 2026, "
        "another bulletin at 05:00 on 9 January 2026, played 3 times, 1 minute 30 seconds apart"
    )


def test_an_end_in_utc_is_told_in_local_days() -> None:
    assert schedule_words(schedule(START, "FREQ=DAILY;UNTIL=20260106T220000Z")).endswith("to 7 January 2026")


def test_exceptions_are_named_up_to_five() -> None:
    days = [START + timedelta(days=n) for n in range(1, 8)]
    assert when_words(START, "FREQ=DAILY", days[1::-1]).endswith(", not on 6 January 2026, on 7 January 2026")
    assert when_words(START, "FREQ=DAILY", days).endswith("on 10 January 2026 and 2 more")


def test_small_words() -> None:
    assert [weekday_words(day) for day in (0, 6)] == ["Monday", "Sunday"]
    assert (weekdays_words({6}), weekdays_words(range(7))) == ("Sundays", "every day")
    assert (time_words(time(17)), time_words(time(17, 0, 5))) == ("17:00", "17:00:05")
    assert date_words(START) == "5 January 2026"
    with pytest.raises(BadRule):
        when_words(START, "FREQ=HOURLY")
