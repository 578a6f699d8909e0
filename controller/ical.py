"""Schedules as an iCalendar file (RFC 5545) that any calendar program opens; controller.ical_read reads it back.

One event per schedule and time of day: that is what other programs understand. X-LOAXA- properties say what has no
other name. Holidays that are skipped are named in the description only: an exception written today would be wrong
about the holidays that are decided next year.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vRecur

from controller.ical_read import Fault, Reading, Series, read
from schedules.model import Schedule
from schedules.recurrence import is_original, originals, times_of
from schedules.rules import parse_rrule, spell_rrule
from schedules.units import BulletinId, DurationMs, UtcMs
from schedules.wall import localise, zone_of

__all__ = ["Entry", "Fault", "Reading", "Series", "export", "read"]

_NO_TITLES: Mapping[BulletinId, str] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One schedule and what people call it; `words` is its time in words, `duration` how long it sounds."""

    schedule: Schedule
    title: str
    words: str = ""
    duration: DurationMs = DurationMs(0)


def export(entries: Iterable[Entry], name: str, now: UtcMs, titles: Mapping[BulletinId, str] = _NO_TITLES) -> bytes:
    """The file. `titles` are those of bulletins that replace another once; raises BadRule and UnknownZone."""
    calendar = Calendar()
    calendar.add("PRODID", "-//LoaXa//LoaXa//VI")
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", name)
    stamp = datetime.fromtimestamp(now // 1000, UTC)
    for entry in entries:
        for event in _events(entry, titles):
            event.add("DTSTAMP", stamp)
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _events(entry: Entry, titles: Mapping[BulletinId, str]) -> Iterator[Event]:
    for at in times_of(entry.schedule):
        first = next((reading for reading in originals(entry.schedule) if reading.time() == at), None)
        if first is not None:
            yield _master(entry, first)
            yield from _changes(entry, at, titles)


def _uid(schedule: Schedule, at: time) -> str:
    return f"{schedule.id}-{at:%H%M%S}@loaxa"


def _event(entry: Entry, uid: str, title: str, start: datetime) -> Event:
    event = Event()
    event.add("UID", uid)
    event.add("SUMMARY", title)
    event.add("DTSTART", _aware(start, entry.schedule))
    if entry.duration:
        event.add("DURATION", timedelta(seconds=-(-entry.duration // 1000)))
    return event


def _master(entry: Entry, first: datetime) -> Event:
    schedule = entry.schedule
    event = _event(entry, _uid(schedule, first.time()), entry.title, first)
    event.add("X-LOAXA-SERIES", schedule.id)
    if entry.words:
        event.add("DESCRIPTION", entry.words)
    if schedule.rrule:
        event.add("RRULE", _rrule(schedule, first))
    removed = sorted(
        each for each in schedule.exceptions if each.time() == first.time() and is_original(schedule, each)
    )
    if removed:
        event.add("EXDATE", [_aware(each, schedule) for each in removed])
    if schedule.repeats > 1:
        event.add("X-LOAXA-REPEATS", str(schedule.repeats))
        event.add("X-LOAXA-GAP-SECONDS", str(schedule.gap // 1000))
    if schedule.at_most:
        event.add("X-LOAXA-AT-MOST-SECONDS", str(-(-schedule.at_most // 1000)))
    if schedule.skip_holidays:
        event.add("X-LOAXA-SKIP-HOLIDAYS", "TRUE")
    return event


def _changes(entry: Entry, at: time, titles: Mapping[BulletinId, str]) -> Iterator[Event]:
    """What happens at another time, or with another bulletin, once."""
    schedule = entry.schedule
    moved, replaced = dict(schedule.moved), dict(schedule.replaced)
    for original in sorted(moved.keys() | replaced.keys()):
        alive = original not in schedule.exceptions and is_original(schedule, original)
        if original.time() == at and alive:
            title = titles.get(replaced[original], entry.title) if original in replaced else entry.title
            event = _event(entry, _uid(schedule, at), title, moved.get(original, original))
            event.add("RECURRENCE-ID", _aware(original, schedule))
            yield event


def _aware(reading: datetime, schedule: Schedule) -> datetime:
    zone: ZoneInfo = zone_of(schedule.time_zone)
    return reading.replace(microsecond=0, tzinfo=UTC if schedule.time_zone == "UTC" else zone)


def _rrule(schedule: Schedule, first: datetime) -> vRecur:
    """For an event that begins `first`: a day that its time misses counts no more; UNTIL in UTC (3.3.10)."""
    rule = parse_rrule(schedule.rrule)
    if rule.count is not None and next(originals(schedule)).date() < first.date():
        rule = replace(rule, count=rule.count - 1)
    if rule.until is not None and not rule.until_utc:
        until = localise(rule.until, schedule.time_zone).astimezone(UTC).replace(tzinfo=None)
        rule = replace(rule, until=until, until_utc=True)
    value: vRecur = vRecur.from_ical(spell_rrule(rule))
    return value
