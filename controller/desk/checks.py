"""What is looked at before a schedule is saved, approved or changed: conflicts, guard rails, the night, the evening.

Everything is decided in schedules/: conflicts by the playhead itself (`conflicts`), guard rails by the rule that
the box asks too (`rails`). Here they are given what stands: the live schedules, what is planned, who hears it.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from controller.locality import Locality
from controller.special_days import Holidays, holidays_of
from controller.store.standing import Standing
from controller.store.unit import Unit
from controller.store.values import Content
from schedules.conflicts import Conflict, Line, conflicts, meetings
from schedules.expansion import NothingToPlay, placed_of
from schedules.model import ClipRef, Priority, Schedule, Targets
from schedules.near import Near, Sound, Span
from schedules.rails import Breach, Rail, Rails, Stretch, breach_of, rails_of, sounds_at_night, stretch_of
from schedules.recurrence import TooManyOccurrences
from schedules.units import AreaId, BulletinId, ScheduleId, SpeakerId, UtcMs
from schedules.wall import from_utc_ms, local_date, localise, utc_ms

DAY_MS = 86_400_000
WINDOWS_DAYS = (366, 92, 31, 8)
"""So far ahead is looked; less only where a schedule happens more than ten thousand times."""
AROUND_MS = 15 * 60_000
"""What ends so long before, or begins so long after, is looked at with it."""
CAPS_DAYS = 92
"""So far ahead the caps count what others play; beyond it the box alone does."""
EVENING_HOUR, MORNING_HOUR = 18, 6
_NO_CONTENTS: Mapping[BulletinId, Content] = {}


@dataclass(frozen=True, slots=True)
class PlaceBreach:
    """A guard rail of `area` that is broken `times` times; `breach` is the first."""

    area: AreaId
    zone: str
    breach: Breach
    times: int


@dataclass(frozen=True, slots=True)
class FirstSound:
    """The first sound of the evening and night at the places of the schedule; `new`: it is of what is checked."""

    at: datetime
    title: str
    bulletin: BulletinId
    schedule: ScheduleId
    new: bool


@dataclass(frozen=True, slots=True)
class Checks:
    """What there is to say. `breaches` refuse; `night` needs a second person; `conflicts` are for people to decide.

    `first_tonight` None: nothing sounds there between 18:00 today and 06:00 tomorrow. `titles`: of every bulletin
    that is named here. `until`: so far was looked.
    """

    conflicts: tuple[Conflict, ...]
    breaches: tuple[PlaceBreach, ...]
    night: bool
    first_tonight: FirstSound | None
    until: UtcMs
    titles: Mapping[BulletinId, str] = field(default_factory=dict)


def check(
    unit: Unit,
    places: Locality,
    schedules_after: Sequence[Schedule],
    replaced: Collection[ScheduleId],
    now: UtcMs,
    *,
    contents: Mapping[BulletinId, Content] = _NO_CONTENTS,
) -> Checks:
    """Look at `schedules_after` as they would stand among all that stands, less `replaced`.

    `contents` is what their bulletins will say where that is not what was written last. A schedule whose bulletin
    has no sound yet brings nothing. Raises BadRule and UnknownZone.
    """
    hearing = Hearing(places)
    after = [_look(unit, places, hearing.of(each.targets), each, contents, now) for each in schedules_after]
    gone = frozenset(replaced) | {each.id for each in schedules_after}
    stands = _Standing(unit, places, hearing, gone, now)
    lines = [each.line for each in after]
    met = conflicts(lines, stands.near(lines))
    evening = _evening(unit, places, hearing, after, gone, now)
    named = {party.bulletin for each in met for party in (each.new, each.other)}
    named |= {sound.bulletin for line in lines for sound in line.sounds} | ({evening[1]} if evening else set())
    titles = {**Standing(unit.connection).titles(named), **{each: contents[each].title for each in contents}}
    return Checks(
        conflicts=met,
        breaches=tuple(_breaches(places, after, stands)),
        night=any(_at_night(places, each) for each in after),
        first_tonight=FirstSound(evening[0], titles.get(evening[1], ""), *evening[1:]) if evening else None,
        until=min((each.until for each in after), default=now),
        titles=titles,
    )


@dataclass(frozen=True, slots=True)
class _After:
    """One schedule as it would stand."""

    schedule: Schedule
    line: Line
    until: UtcMs


def _look(
    unit: Unit,
    places: Locality,
    speakers: frozenset[SpeakerId],
    schedule: Schedule,
    contents: Mapping[BulletinId, Content],
    now: UtcMs,
) -> _After:
    sounds, until = _sounds(unit, places, schedule, contents, now)
    return _After(schedule, Line(schedule.id, speakers, sounds), until)


def _sounds(
    unit: Unit, places: Locality, schedule: Schedule, contents: Mapping[BulletinId, Content], now: UtcMs
) -> tuple[tuple[Sound, ...], UtcMs]:
    clips = {
        bulletin: _clips(unit, bulletin, contents)
        for bulletin in {schedule.bulletin, *(each for _, each in schedule.replaced)}
    }
    begin = max(now, utc_ms(localise(schedule.local_start, schedule.time_zone)))
    for days in WINDOWS_DAYS:
        until = UtcMs(begin + days * DAY_MS)
        holidays = holidays_of(unit, places, schedule, now, until)
        try:
            placed = placed_of(schedule, clips[schedule.bulletin], now, until, holidays=holidays, replacements=clips)
        except TooManyOccurrences:
            continue
        except NothingToPlay:
            return (), until
        return tuple(Sound(each.broadcast, each.bulletin, each.original, each.repeat) for each in placed), until
    return (), now


def _clips(unit: Unit, bulletin: BulletinId, contents: Mapping[BulletinId, Content]) -> tuple[ClipRef, ...]:
    if bulletin in contents:
        known = unit.bulletins.refs(contents[bulletin].clips)
        return tuple(known[clip] for clip in contents[bulletin].clips if clip in known)
    return tuple(clip.ref for clip in unit.bulletins.clips(bulletin))


class Hearing:
    """Who is addressed, for many targets over the same places."""

    def __init__(self, places: Locality) -> None:
        self._places = places
        self._in: dict[AreaId, list[SpeakerId]] = {}
        for speaker, area in places.where.items():
            if speaker in places.boxless:
                continue
            self._in.setdefault(area, []).append(speaker)
        self._known: dict[Targets, frozenset[SpeakerId]] = {}

    def of(self, targets: Targets) -> frozenset[SpeakerId]:
        """The same as places.addressed(targets)."""
        if targets not in self._known:
            meant = self._places.resolve(targets)
            areas = self._places.tree.covered(meant.areas)
            named = (speaker for speaker in meant.speakers if speaker in self._places.where)
            self._known[targets] = frozenset(named).union(*(self._in.get(area, ()) for area in areas))
        return self._known[targets]


class _Standing:
    """What stands beside the schedules that are checked."""

    def __init__(
        self, unit: Unit, places: Locality, hearing: "Hearing", gone: frozenset[ScheduleId], now: UtcMs
    ) -> None:
        self._now, self._gone = now, gone
        self._rows = Standing(unit.connection)
        self.hearing = hearing
        self._live = [each for each in self._rows.live() if each.id not in gone]
        self._lengths = self._rows.lengths()
        self._taken_back = self._rows.taken_back(now)
        self._holidays = Holidays(unit, places)
        self._touched = {schedule for schedule, _ in self._taken_back}

    def near(self, lines: Sequence[Line], around: int = AROUND_MS) -> list[Line]:
        """What is heard around the sounds of `lines` by any of their speakers."""
        sounds = [sound.broadcast for line in lines for sound in line.sounds]
        return self.within([Span(UtcMs(each.start - around), UtcMs(each.hard_end + around)) for each in sounds], lines)

    def within(self, spans: Sequence[Span], lines: Sequence[Line]) -> list[Line]:
        """What is heard in the spans by any of the speakers of `lines`."""
        if not spans:
            return []
        ours = frozenset().union(*(line.speakers for line in lines))
        near = Near(spans)
        found = list(self._live_lines(near, spans, ours))
        return [*found, *(line for line in self._left_over(near) if not line.speakers.isdisjoint(ours))]

    def _live_lines(self, near: Near, spans: Sequence[Span], ours: frozenset[SpeakerId]) -> Iterator[Line]:
        end = max(span.end for span in spans)
        heard_by: dict[Targets, frozenset[SpeakerId]] = {}
        for schedule in self._live:
            speakers = heard_by.get(schedule.targets)
            if speakers is None:
                speakers = heard_by[schedule.targets] = self.hearing.of(schedule.targets) & ours
            if not speakers:
                continue
            holidays = self._holidays.of(schedule, self._now, end)
            try:
                sounds = near.of(schedule, self._lengths, holidays)
            except ValueError:
                # What cannot be read any more is not planned either.
                continue
            if schedule.id in self._touched:
                sounds = tuple(sound for sound in sounds if not self._is_taken_back(schedule.id, sound))
            if sounds:
                yield Line(schedule.id, speakers, sounds)

    def _is_taken_back(self, schedule: ScheduleId, sound: Sound) -> bool:
        return (schedule, sound.key) in self._taken_back

    def _left_over(self, near: Near) -> Iterator[Line]:
        for planned in self._rows.left_over(self._now):
            if planned.schedule not in self._gone and near.touches(planned.broadcast):
                original = datetime.fromisoformat(planned.occurrence.partition("/")[0] or "1970-01-01")
                sound = Sound(planned.broadcast, planned.bulletin, original)
                speakers = self.hearing.of(Targets(planned.areas, planned.speakers)) - set(planned.excluded)
                yield Line(planned.schedule, speakers, (sound,))


def _breaches(places: Locality, after: Sequence[_After], stands: _Standing) -> Iterator[PlaceBreach]:
    """Every rail that is broken somewhere, once per area and rail."""
    lines = [each.line for each in after]
    rails = {area: rails_of(places.settings(area), places.zone(area)) for area in _areas(places, lines)}
    capped = {each for each in rails.values() if each.session_cap is not None or each.daily_cap is not None}
    others = stands.within(_whole_days(lines, capped), lines) if capped else []
    found: dict[tuple[AreaId, Rail], list[Breach]] = {}
    known: dict[object, tuple[Breach, ...]] = {}
    for speakers, mine, theirs in meetings(lines, others):
        for area in {places.where[speaker] for speaker in speakers}:
            around = [others[n] for n in theirs] if rails[area] in capped else []
            heard = [lines[n] for n in mine]
            key = (rails[area], tuple(id(line.sounds) for line in heard), tuple(id(line.sounds) for line in around))
            if key not in known:
                known[key] = tuple(_broken(_stretches(heard), _stretches(around), rails[area]))
            for breach in known[key]:
                found.setdefault((area, breach.rail), []).append(breach)
    for (area, _), same in found.items():
        first = min(same, key=lambda breach: breach.at)
        yield PlaceBreach(area, rails[area].zone, first, len({breach.at for breach in same}))


def _areas(places: Locality, lines: Sequence[Line]) -> list[AreaId]:
    return sorted({places.where[speaker] for line in lines for speaker in line.speakers})


def _whole_days(lines: Sequence[Line], rails: Iterable[Rails]) -> list[Span]:
    """The local days on which the lines sound, and what is around, as far as the caps are looked at with others."""
    starts = [sound.broadcast for line in lines for sound in line.sounds]
    until = min((each.start for each in starts), default=0) + CAPS_DAYS * DAY_MS
    days = {
        (local_date(UtcMs(at), zone), zone)
        for zone in {each.zone for each in rails}
        for each in starts
        if each.start < until
        for at in (each.start, each.start + each.duration)
    }
    midnights = [utc_ms(localise(datetime(d.year, d.month, d.day), zone)) for d, zone in days]
    return [Span(UtcMs(at - AROUND_MS), UtcMs(at + DAY_MS + AROUND_MS)) for at in midnights]


def _stretches(lines: Iterable[Line]) -> list[Stretch]:
    return [
        stretch_of(sound.broadcast)
        for line in lines
        for sound in line.sounds
        if sound.broadcast.priority is not Priority.EMERGENCY
    ]


def _broken(mine: Sequence[Stretch], theirs: Sequence[Stretch], rails: Rails) -> Iterator[Breach]:
    """The rails that each of `mine` breaks; days of one shape are judged once."""
    every = sorted([*mine, *theirs], key=lambda stretch: (stretch.begin, stretch.end))
    begins = [stretch.begin for stretch in every]
    judged: dict[object, Breach | None] = {}
    for stretch in mine:
        low = bisect_left(begins, stretch.begin - 2 * DAY_MS)
        near = every[low : bisect_left(begins, stretch.begin + 2 * DAY_MS)]
        near.remove(stretch)
        shape = _shape(stretch, near, rails.zone)
        if shape not in judged:
            judged[shape] = breach_of(stretch, near, rails)
        breach = judged[shape]
        if breach is not None:
            yield replace(
                breach,
                at=stretch.begin,
                day=breach.day + (local_date(stretch.begin, rails.zone) - local_date(breach.at, rails.zone)),
            )


def _shape(stretch: Stretch, near: Sequence[Stretch], zone: str) -> object:
    """What is the same for another stretch of the same length at the same local time of the same weekday."""
    local, end = from_utc_ms(stretch.begin, zone), from_utc_ms(stretch.end, zone)
    offsets = {from_utc_ms(UtcMs(at), zone).utcoffset() for at in (stretch.begin - DAY_MS, stretch.end + DAY_MS)}
    clock = (local.time(), local.weekday(), local.utcoffset(), end.utcoffset(), frozenset(offsets))
    return clock, stretch.end - stretch.begin, tuple((s.begin - stretch.begin, s.end - s.begin) for s in near)


def _at_night(places: Locality, after: _After) -> bool:
    """Whether it sounds between 21:00 and 05:00 where nobody allowed that."""
    zones = {places.zone(area) for area in _areas(places, [after.line]) if not places.settings(area).night_allowed}
    stretches = [stretch_of(sound.broadcast) for sound in after.line.sounds]
    return any(
        sounds_at_night(stretch, zone)
        for zone in zones
        for stretch in {_shape(each, (), zone): each for each in stretches}.values()
    )


def _evening(
    unit: Unit,
    places: Locality,
    hearing: Hearing,
    after: Sequence[_After],
    gone: frozenset[ScheduleId],
    now: UtcMs,
) -> tuple[datetime, BulletinId, ScheduleId, bool] | None:
    """The first sound between 18:00 and 06:00 at the places of `after`, with what it is and whether it is new."""
    speakers = frozenset().union(*(each.line.speakers for each in after))
    zone = places.zone(next((area for each in after for area in each.schedule.targets.areas), None))
    begin, end = evening_of(now, zone)
    found: list[tuple[UtcMs, BulletinId, ScheduleId, bool]] = []
    for each in after:
        for sound in each.line.sounds:
            if begin <= sound.broadcast.start < end:
                found.append((sound.broadcast.start, sound.bulletin, each.schedule.id, True))
    for coming in Standing(unit.connection).sounding(begin, end):
        theirs = frozenset() if coming.start < begin or coming.schedule in gone else hearing.of(coming.targets)
        if not theirs.isdisjoint(speakers):
            found.append((coming.start, coming.bulletin, coming.schedule, False))
            break
    first = min(found, default=None, key=lambda each: (each[0], each[2]))
    return (from_utc_ms(first[0], zone), *first[1:]) if first else None


def evening_of(now: UtcMs, zone: str) -> tuple[UtcMs, UtcMs]:
    """From 18:00 (or now, if that is later) to 06:00: this evening's, or before 06:00 the night that is ending."""
    local = from_utc_ms(now, zone).replace(tzinfo=None)
    day = local.date() if local.hour >= MORNING_HOUR else local.date() - timedelta(days=1)
    begin = datetime(day.year, day.month, day.day, EVENING_HOUR)
    end = begin + timedelta(hours=24 - EVENING_HOUR + MORNING_HOUR)
    return UtcMs(max(now, utc_ms(localise(begin, zone)))), utc_ms(localise(end, zone))


__all__ = ["Checks", "FirstSound", "Hearing", "PlaceBreach", "check", "evening_of", "holidays_of"]
