"""What of a schedule comes near given stretches of time, found without expanding the whole of it.

Nearly all schedules of a station lie at another time of day than the one that is looked at: a comparison of
times of day rules them out. Of the others only the days in question are asked for. What is found is the same
as `expansion.placed_of` finds (a test holds it to that), but for the ids, which stand for nothing here.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from schedules.expansion import RESUME_MARGIN, hard_end_of
from schedules.model import Broadcast, ClipRef, Schedule
from schedules.recurrence import is_original, times_of
from schedules.rules import Frequency, Rule, parse_rrule
from schedules.units import BroadcastId, BulletinId, ClipId, DurationMs, UtcMs
from schedules.unrolling import rule_days
from schedules.wall import from_utc_ms, localise, utc_ms

_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_ONE_DAY = timedelta(days=1)
_NO_HOLIDAYS: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that is looked at, [begin, end)."""

    begin: UtcMs
    end: UtcMs


@dataclass(frozen=True, slots=True)
class _There:
    """One span on the wall clock of a zone; `offset_ms` None where the clocks change within a day of it."""

    span: Span
    begin: datetime
    end: datetime
    offset_ms: int | None


@dataclass(frozen=True, slots=True)
class Sound:
    """Something that may be heard near the spans."""

    broadcast: Broadcast
    bulletin: BulletinId
    original: datetime
    repeat: int = 0

    @property
    def key(self) -> str:
        """Which occurrence and which repeat, as the planner names them."""
        original = self.original.isoformat()
        return f"{original}/{self.repeat + 1}" if self.repeat else original


class Near:
    """Looks at many schedules near the same spans. Of schedules with one rhythm it gives the same tuple object."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans = _merged(spans)
        self._begins = [span.begin for span in self.spans]
        self._zones: dict[str, tuple[_There, ...]] = {}
        self._clocks: dict[str, frozenset[tuple[int, int]] | None] = {}
        self._known: dict[object, tuple[Sound, ...]] = {}

    def of(
        self,
        schedule: Schedule,
        lengths: Mapping[BulletinId, DurationMs],
        holidays: frozenset[date] = _NO_HOLIDAYS,
    ) -> tuple[Sound, ...]:
        """What of `schedule` sounds, or could still sound, in one of the spans, by start.

        `lengths`: how long each of its bulletins lasts; one without sound is left out. Raises what expand raises.
        """
        longest = max((lengths.get(each, 0) for each in _bulletins(schedule)), default=0)
        if not self.spans or longest <= 0:
            return ()
        reach = _reach(schedule, longest)
        if not schedule.moved and not self._at_this_time_of_day(schedule, reach):
            return ()
        key = self._rhythm(schedule, lengths, holidays)
        if key not in self._known:
            self._known[key] = self._look(schedule, lengths, reach, holidays if schedule.skip_holidays else ())
        return self._known[key]

    def _there(self, zone: str) -> tuple[_There, ...]:
        if zone not in self._zones:
            self._zones[zone] = tuple(_on_wall(span, zone) for span in self.spans)
        return self._zones[zone]

    def _clock(self, zone: str) -> frozenset[tuple[int, int]] | None:
        """(time of day, length) in ms of all spans; None where the time of day alone rules nothing out."""
        if zone not in self._clocks:
            there = self._there(zone)
            steady = all(each.offset_ms is not None for each in there)
            found = frozenset((_ms_of_day(each.begin.time()), each.span.end - each.span.begin) for each in there)
            self._clocks[zone] = found if steady and len(found) <= 100 else None
        return self._clocks[zone]

    def _at_this_time_of_day(self, schedule: Schedule, reach: int) -> bool:
        clock = self._clock(schedule.time_zone)
        if clock is None:
            return True
        return any(
            (at - begin) % _DAY_MS < length or (begin - at) % _DAY_MS < reach
            for at in map(_ms_of_day, times_of(schedule))
            for begin, length in clock
        )

    def _rhythm(
        self, schedule: Schedule, lengths: Mapping[BulletinId, DurationMs], holidays: frozenset[date]
    ) -> object:
        first = min(each.begin for each in self._there(schedule.time_zone)).date() - 3 * _ONE_DAY
        ever = schedule.local_start.date() < first and _has_no_beginning(schedule.rrule)
        sounds = tuple((original, lengths.get(bulletin, 0)) for original, bulletin in schedule.replaced)
        return (
            schedule.local_start.time() if ever else schedule.local_start,
            schedule.times,
            schedule.rrule,
            schedule.time_zone,
            schedule.exceptions,
            schedule.moved,
            schedule.replaced and (sounds, schedule.replaced),
            # A bulletin is named where it matters which it is: then the schedule has a rhythm of its own.
            schedule.replaced and schedule.bulletin,
            lengths.get(schedule.bulletin, 0),
            (schedule.repeats, schedule.gap, schedule.grace, schedule.priority, schedule.rule, schedule.order),
            schedule.at_most,
            holidays if schedule.skip_holidays else None,
        )

    def _look(
        self,
        schedule: Schedule,
        lengths: Mapping[BulletinId, DurationMs],
        reach: int,
        holidays: Collection[date],
    ) -> tuple[Sound, ...]:
        found: dict[datetime, UtcMs] = {}
        there = self._there(schedule.time_zone)
        for original, start in _of_rule(schedule, there, reach, holidays):
            found[original] = start
        for original, wall in schedule.moved:
            if original not in schedule.exceptions and is_original(schedule, original):
                found[original] = utc_ms(localise(wall, schedule.time_zone))
        bulletins = dict(schedule.replaced)
        sounds = [
            Sound(broadcast, bulletin, original, repeat)
            for original, start in found.items()
            if lengths.get(bulletin := bulletins.get(original, schedule.bulletin), 0) > 0
            for repeat, broadcast in enumerate(_repeats(schedule, start, lengths[bulletin]))
            if self.touches(broadcast)
        ]
        return tuple(sorted(sounds, key=lambda sound: (sound.broadcast.start, sound.original)))

    def touches(self, broadcast: Broadcast) -> bool:
        """Whether it could sound in one of the spans."""
        before = bisect_left(self._begins, broadcast.hard_end)
        return before > 0 and broadcast.start < self.spans[before - 1].end


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same stretches, in order, without overlaps."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.begin):
        if found and span.begin <= found[-1].end:
            found[-1] = Span(found[-1].begin, UtcMs(max(found[-1].end, span.end)))
        else:
            found.append(span)
    return tuple(found)


def _bulletins(schedule: Schedule) -> Iterator[BulletinId]:
    yield schedule.bulletin
    for _, bulletin in schedule.replaced:
        yield bulletin


def _reach(schedule: Schedule, longest: int) -> int:
    """How long after its start the last repeat of an occurrence may still sound."""
    return (schedule.repeats - 1) * (longest + schedule.gap) + schedule.grace + longest + RESUME_MARGIN


def _on_wall(span: Span, zone: str) -> _There:
    begin, end = from_utc_ms(span.begin, zone), from_utc_ms(span.end, zone)
    before, after = (
        from_utc_ms(UtcMs(at), zone).utcoffset() for at in (span.begin - 3 * _DAY_MS, span.end + 3 * _DAY_MS)
    )
    offset = begin.utcoffset()
    steady = before == offset == after and offset is not None
    ms = offset // timedelta(milliseconds=1) if steady and offset is not None else None
    return _There(span, begin.replace(tzinfo=None), end.replace(tzinfo=None), ms)


def _of_rule(
    schedule: Schedule, there: Sequence[_There], reach: int, holidays: Collection[date]
) -> Iterator[tuple[datetime, UtcMs]]:
    """The occurrences on the days of the spans, where the rule puts them."""
    back = timedelta(milliseconds=reach)
    low = min(each.begin for each in there) - back - _ONE_DAY
    high = max(each.end for each in there) + _ONE_DAY
    days = _rule_days(schedule.rrule, schedule.local_start.date(), low.date(), high.date())
    moved, until, times = {each for each, _ in schedule.moved}, _until(schedule), times_of(schedule)
    for each in there:
        slack = timedelta(0) if each.offset_ms is not None else _ONE_DAY
        first, last = (each.begin - back - slack).toordinal(), (each.end + slack).toordinal()
        for n in range(first, last + 1):
            if n not in days or (holidays and date.fromordinal(n) in holidays):
                continue
            day = date.fromordinal(n)
            for at in times:
                original = datetime.combine(day, at)
                if original < schedule.local_start or (until and original.replace(microsecond=0) > until):
                    continue
                if original in schedule.exceptions or original in moved:
                    continue
                if each.offset_ms is not None:
                    yield original, UtcMs((n - _EPOCH) * _DAY_MS + _ms_of_day(at) - each.offset_ms)
                else:
                    yield original, utc_ms(localise(original, schedule.time_zone))


@lru_cache(maxsize=8192)
def _rule_days(rrule: str, start: date, begin: date, end: date) -> frozenset[int]:
    if not rrule:
        return frozenset({start.toordinal()})
    return frozenset(day.toordinal() for day in rule_days(rrule, start, begin, end))


@lru_cache(maxsize=4096)
def _parsed(rrule: str) -> Rule:
    return parse_rrule(rrule)


def _has_no_beginning(rrule: str) -> bool:
    """Whether, once begun, it does not matter when it began."""
    if not rrule:
        return False
    rule = _parsed(rrule)
    if rule.interval != 1 or rule.count is not None:
        return False
    return rule.frequency is Frequency.DAILY or (rule.frequency is Frequency.WEEKLY and bool(rule.by_day))


def _until(schedule: Schedule) -> datetime | None:
    rule = _parsed(schedule.rrule) if schedule.rrule else None
    if rule is None or rule.until is None or not rule.until_utc:
        return rule.until if rule else None
    return from_utc_ms(utc_ms(rule.until.replace(tzinfo=UTC)), schedule.time_zone).replace(tzinfo=None)


def _ms_of_day(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1000 + at.microsecond // 1000


def _repeats(schedule: Schedule, start: UtcMs, length: DurationMs) -> Iterator[Broadcast]:
    for repeat in range(schedule.repeats):
        begins = UtcMs(start + repeat * (length + schedule.gap))
        hard_end = hard_end_of(schedule, begins, length)
        yield Broadcast(
            id=_NAMELESS,
            priority=schedule.priority,
            start=begins,
            latest_start=UtcMs(min(begins + schedule.grace, hard_end)),
            hard_end=hard_end,
            rule=schedule.rule,
            volume=schedule.volume,
            clips=_clip(length),
            order=schedule.order,
        )


_NAMELESS = BroadcastId("")


@lru_cache(maxsize=1024)
def _clip(length: DurationMs) -> tuple[ClipRef, ...]:
    return (ClipRef(ClipId(""), 1, length, ""),)
