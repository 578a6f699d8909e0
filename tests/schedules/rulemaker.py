"""Random schedules from a seed, and the same as an iCalendar event with floating readings."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from schedules.model import Schedule
from schedules.recurrence import first_original, originals, times_of
from schedules.rules import Frequency, parse_rrule, spell_rrule
from tests.schedules.make import schedule

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HARD_DAYS = (
    date(2024, 2, 29),
    date(2026, 1, 31),
    date(2025, 12, 31),
    date(2027, 1, 1),
    date(2099, 12, 31),
    date(1970, 1, 1),
)


def random_schedule(seed: int) -> Schedule:
    """Rules that happen sooner or later (ical.js seeks the others for ever), up to four times a day, in UTC."""
    random = Random(seed)
    day = (
        random.choice(HARD_DAYS) if random.random() < 0.2 else date(2026, 1, 1) + timedelta(days=random.randrange(3000))
    )
    minute = random.choice((0, 15, 30, 59))
    hours = sorted(random.sample(range(24), random.choice((1, 1, 1, 2, 3, 4))))
    start = datetime.combine(day, time(random.choice(hours), minute))
    parts = random.choices((_daily, _weekly, _monthly, _yearly), (4, 6, 4, 1))[0](random)
    if random.random() < 0.4:
        parts.append(f"INTERVAL={random.choice((1, 2, 3, 4, 5))}")
    parts += _end(random, start)
    times = tuple(time(hour, minute) for hour in hours if hour != start.hour)
    made = replace(schedule(start, ";".join(parts), "UTC"), times=times)
    # ical.js counts a start that does not fit its rule as an occurrence: begin at the first that does.
    first = first_original(made)
    if first is None or (first.day > 28 and _whole_years(made)):
        return random_schedule(seed + 1_000_003)
    return _restarted(made, first)


def _whole_years(made: Schedule) -> bool:
    """ical.js makes 1 March of a 29 February that is not there, where RFC 5545 (3.3.10) leaves it out."""
    rule = parse_rrule(made.rrule)
    return rule.frequency is Frequency.YEARLY and not (rule.by_month_day or rule.by_day or rule.by_year_day)


def _restarted(made: Schedule, first: datetime) -> Schedule:
    return replace(made, local_start=first, times=tuple(at for at in times_of(made) if at != first.time()))


def _some(random: Random, values: Sequence[object], most: int) -> str:
    return ",".join(map(str, random.sample(list(values), random.randint(1, most))))


def _daily(random: Random) -> list[str]:
    parts = ["FREQ=DAILY"]
    if random.random() < 0.3:
        parts.append("BYDAY=" + _some(random, NAMES, 5))
    elif random.random() < 0.3:
        parts.append("BYMONTH=" + _some(random, range(1, 13), 6))
    return parts


def _weekly(random: Random) -> list[str]:
    parts = ["FREQ=WEEKLY"]
    if random.random() < 0.8:
        parts.append("BYDAY=" + _some(random, NAMES, 5))
    if random.random() < 0.2:
        parts.append("WKST=SU")
    return parts


def _monthly(random: Random) -> list[str]:
    # BYSETPOS seldom: ical.js takes 20 ms for it.
    kind = random.choices(range(6), (4, 6, 6, 3, 4, 1))[0]
    numbered = [f"{nth}{name}" for nth in (1, 2, 3, 4, -1, -2) for name in NAMES]
    if kind == 0:
        return ["FREQ=MONTHLY"]
    if kind == 1:
        return ["FREQ=MONTHLY", "BYMONTHDAY=" + _some(random, [*range(1, 32), -1, -2, -28], 4)]
    if kind == 2:
        return ["FREQ=MONTHLY", "BYDAY=" + _some(random, numbered, 2)]
    if kind == 3:
        return ["FREQ=MONTHLY", "BYDAY=" + _some(random, NAMES, 3)]
    if kind == 4:
        # A whole week of numbers: ical.js gives up where the day is long in coming.
        first = random.randint(1, 22)
        week = ",".join(map(str, range(first, first + 7)))
        return ["FREQ=MONTHLY", "BYDAY=" + _some(random, NAMES, 2), "BYMONTHDAY=" + week]
    return ["FREQ=MONTHLY", "BYDAY=" + _some(random, NAMES, 5), "BYSETPOS=" + _some(random, [1, 2, 3, -1], 2)]


def _yearly(random: Random) -> list[str]:
    kind = random.randrange(5)
    if kind == 0:
        return ["FREQ=YEARLY"]
    if kind == 1:
        return ["FREQ=YEARLY", "BYMONTH=" + _some(random, range(1, 13), 4)]
    if kind == 2:
        days = "BYMONTHDAY=" + _some(random, range(1, 32), 3)
        return ["FREQ=YEARLY", "BYMONTH=" + _some(random, (1, 3, 5, 7, 8, 10, 12), 3), days]
    if kind == 3:
        named = [f"{nth}{name}" for nth in (1, 2, -1) for name in NAMES]
        return ["FREQ=YEARLY", "BYMONTH=" + _some(random, range(1, 13), 3), "BYDAY=" + _some(random, named, 2)]
    return ["FREQ=YEARLY", "BYYEARDAY=" + _some(random, [1, 59, 60, 100, 200, 365, -1, -100], 3)]


def _end(random: Random, start: datetime) -> list[str]:
    kind = random.randrange(3)
    if kind == 0:
        return [f"COUNT={random.randint(1, 30)}"]
    if kind == 1:
        until = start + timedelta(days=random.randrange(1500), hours=random.randrange(24))
        return [f"UNTIL={until:%Y%m%dT%H%M%S}"]
    return []


def stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}"


def horizon(made: Schedule) -> datetime:
    """Far enough for a dozen occurrences of most rules."""
    rule = parse_rrule(made.rrule)
    days = {Frequency.DAILY: 6, Frequency.WEEKLY: 11, Frequency.MONTHLY: 50, Frequency.YEARLY: 800}[rule.frequency]
    return made.local_start + timedelta(days=days * min(rule.interval, 3))


def event_lines(
    made: Schedule, exceptions: Collection[datetime] = (), moved: Collection[tuple[datetime, datetime]] = ()
) -> str:
    """The schedule's rule as a calendar, with what was done to single occurrences by hand.

    Several times a day are one event with BYHOUR where the rule is daily or weekly; ical.js leaves some out in
    monthly and yearly rules, which are one event for each time.
    """
    events = _by_hour(made) if _hours_fit(made) else _by_event(made)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number, (start, rule, times) in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:u{number}", f"DTSTART:{stamp(start)}", f"RRULE:{rule}"]
        lines += [f"EXDATE:{stamp(at)}" for at in exceptions if at.time() in times] + ["END:VEVENT"]
        for original, to in moved:
            if original.time() in times:
                known = [f"UID:u{number}", f"RECURRENCE-ID:{stamp(original)}", f"DTSTART:{stamp(to)}"]
                lines += ["BEGIN:VEVENT", *known, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


Spelled = tuple[datetime, str, tuple[time, ...]]


def _hours_fit(made: Schedule) -> bool:
    return parse_rrule(made.rrule).frequency in (Frequency.DAILY, Frequency.WEEKLY)


def _by_hour(made: Schedule) -> list[Spelled]:
    """The same count is one of days here and one of times there."""
    times, rule = times_of(made), parse_rrule(made.rrule)
    missed = sum(at < made.local_start.time() for at in times)
    if rule.count is not None:
        rule = replace(rule, count=rule.count * len(times) - missed)
    hours = ";BYHOUR=" + ",".join(str(at.hour) for at in times) if made.times else ""
    return [(made.local_start, spell_rrule(rule) + hours, times)] if rule.count != 0 else []


def _by_event(made: Schedule) -> list[Spelled]:
    events, rule = list[Spelled](), parse_rrule(made.rrule)
    for at in times_of(made):
        first = next((reading for reading in originals(made) if reading.time() == at), None)
        if first is not None:
            missed = rule.count is not None and at < made.local_start.time()
            spelled = replace(rule, count=rule.count - 1) if missed and rule.count else rule
            events.append((first, spell_rrule(spelled), (at,)))
    return events
