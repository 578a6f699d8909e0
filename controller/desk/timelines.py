"""What one speaker will play on a day, as the playhead itself decides it, beside what it said it played."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from controller.desk.foreseen import foreseen
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.scope import Scope, scope_of
from controller.desk.values import Person
from controller.language import n_
from controller.locality import Locality, day_start
from controller.store.unit import Unit
from controller.store.values import Planned, Playback
from schedules.areas import AreaTree
from schedules.model import Priority, QuietHours
from schedules.rails import Rail, Rails, Stretch, breach_of, rails_of, stretch_of
from schedules.states import FINAL, PlaybackState, Reason
from schedules.timeline import Slot, simulate
from schedules.units import AreaId, BroadcastId, BulletinId, DurationMs, ScheduleId, SpeakerId, UtcMs
from schedules.wall import from_utc_ms

DAY_MS = 86_400_000
BEFORE_MS = 6 * 3_600_000
"""What began so long before the day may still sound in it."""
YEARS = range(1970, 2301)
EVENING_HOUR, MORNING_HOUR = 18, 6


@dataclass(frozen=True, slots=True)
class SpeakerChoice:
    id: SpeakerId
    name: str
    area_name: str


@dataclass(frozen=True, slots=True)
class Sounding:
    """One stretch of sound, [begin, end), or what will not sound: then `begin` = `end` and there is a `reason`, or
    a `rail` that the box keeps. `said`: the box's own last word on the broadcast, where there is one."""

    broadcast: BroadcastId
    planned: bool
    schedule: ScheduleId
    bulletin: BulletinId
    title: str
    priority: Priority
    start: UtcMs
    begin: UtcMs
    end: UtcMs
    offset: DurationMs
    outcome: PlaybackState
    reason: Reason
    rail: Rail | None
    said: PlaybackState | None
    said_reason: Reason

    @property
    def silent(self) -> bool:
        return self.begin == self.end


@dataclass(frozen=True, slots=True)
class Timeline:
    """A local day of one speaker, [begin, end); `evening` is the stretch "tonight" that begins on it."""

    speaker: SpeakerId
    name: str
    area_name: str
    day: date
    time_zone: str
    begin: UtcMs
    end: UtcMs
    quiet: tuple[QuietHours, ...]
    slots: tuple[Sounding, ...]
    tonight: tuple[Sounding, ...]
    """What sounds from 18:00 of the day to 06:00 of the next."""


class Timelines:
    def __init__(self, room: Room) -> None:
        self._room = room

    def speakers(self, by: Person) -> tuple[SpeakerChoice, ...]:
        """The speakers that `by` may look at, by area and name."""
        with self._room.store.read() as unit:
            places = self._room.places(unit)
            scope = scope_of(by, places)
        found = [_choice(speaker, places) for speaker in places.speakers if scope.has(speaker)]
        return tuple(sorted(found, key=lambda each: (each.area_name, each.name, each.id)))

    def day(self, by: Person, speaker: SpeakerId, day: date | None = None) -> Timeline:
        """The local day (None: today) of `speaker`; Refusal when there is none or it is not for `by` to see."""
        with self._room.store.read() as unit:
            now, places = self._room.now(), self._room.places(unit)
            if speaker not in places.speakers:
                raise unknown_speaker()
            if not scope_of(by, places).has(speaker):
                raise forbidden()
            area = places.where.get(speaker)
            zone = places.zone(area)
            shown = day or from_utc_ms(now, zone).date()
            if shown.year not in YEARS or (shown + timedelta(days=2)).year not in YEARS:
                raise Refusal("bad-day", n_("Ngày phát chưa đúng. Hãy chọn ngày trên lịch."), field="ngay")
            begin, end = day_start(shown, zone), day_start(shown + timedelta(days=1), zone)
            evening = UtcMs(end - (24 - EVENING_HOUR) * 3_600_000)
            morning = UtcMs(end + MORNING_HOUR * 3_600_000)
            heard = _heard(unit, self._room, places, speaker, UtcMs(begin - BEFORE_MS), morning, now)
            rails = rails_of(places.settings(area), zone) if area is not None else Rails(zone)
            slots = _slots(heard, rails, _said(unit, speaker, heard), begin, morning)
            choice = _choice(speaker, places)
            return Timeline(
                speaker,
                choice.name,
                choice.area_name,
                shown,
                zone,
                begin,
                end,
                rails.quiet_hours,
                tuple(each for each in slots if each.begin < end),
                tuple(each for each in slots if not each.silent and each.end > evening and each.begin < morning),
            )


def unknown_speaker() -> Refusal:
    return Refusal("unknown-speaker", n_("Không có cụm loa này. Hãy chọn lại trong danh sách cụm loa."), status=404)


def _choice(speaker: SpeakerId, places: Locality) -> SpeakerChoice:
    area = places.where.get(speaker)
    return SpeakerChoice(speaker, places.speakers[speaker].name, places.tree.area(area).full_name if area else "")


def _heard(
    unit: Unit, room: Room, places: Locality, speaker: SpeakerId, begin: UtcMs, end: UtcMs, now: UtcMs
) -> tuple[Planned, ...]:
    """What the speaker is to play of what starts in [begin, end): planned, and beyond the horizon foreseen."""
    if speaker in places.boxless:
        return ()
    near = _near(places.tree, places.where.get(speaker))
    found = [
        planned
        for planned in unit.broadcasts.starting(begin, end)
        if not planned.cancelled and speaker not in planned.excluded and _addresses(planned, near, speaker)
    ]
    horizon = UtcMs(now + room.planner.horizon_days * DAY_MS)
    if end > horizon:
        only = Scope(frozenset(), near, places)
        known = {(planned.schedule, planned.occurrence) for planned in found}
        ahead = foreseen(unit, only, UtcMs(max(begin, horizon)), end, (speaker,))
        found += [
            each for each in ahead if (each.schedule, each.occurrence) not in known and _addresses(each, near, speaker)
        ]
    return tuple(found)


def _near(tree: AreaTree, area: AreaId | None) -> frozenset[AreaId]:
    return frozenset() if area is None else frozenset({area, *tree.ancestors(area)})


def _addresses(planned: Planned, near: frozenset[AreaId], speaker: SpeakerId) -> bool:
    return speaker in planned.speakers or not near.isdisjoint(planned.areas)


def _said(unit: Unit, speaker: SpeakerId, heard: Iterable[Planned]) -> Mapping[BroadcastId, Playback]:
    told = unit.playbacks.of_speaker(speaker, [planned.id for planned in heard])
    return {playback.broadcast: playback for playback in told if playback.state in FINAL}


def _slots(
    heard: Sequence[Planned], rails: Rails, said: Mapping[BroadcastId, Playback], begin: UtcMs, end: UtcMs
) -> tuple[Sounding, ...]:
    broken = _broken(heard, rails)
    played = [planned.broadcast for planned in heard if planned.id not in broken]
    of = {planned.id: planned for planned in heard}
    slots = [
        _sounding(of[slot.broadcast], slot, None, said.get(slot.broadcast)) for slot in simulate(played, begin, end)
    ]
    for broadcast, rail in broken.items():
        start = of[broadcast].broadcast.start
        refused = Slot(broadcast, start, start, DurationMs(0), PlaybackState.REFUSED)
        if begin <= start < end:
            slots.append(_sounding(of[broadcast], refused, rail, said.get(broadcast)))
    return tuple(sorted(slots, key=lambda each: (each.begin, each.end, each.broadcast)))


def _broken(heard: Sequence[Planned], rails: Rails) -> dict[BroadcastId, Rail]:
    """What the box will not play because of its place's rules, in the order in which it comes to it."""
    before: list[Stretch] = []
    found: dict[BroadcastId, Rail] = {}
    for planned in sorted(heard, key=lambda each: (each.broadcast.start, each.id)):
        if planned.broadcast.priority is Priority.EMERGENCY:
            continue
        stretch = stretch_of(planned.broadcast)
        breach = breach_of(stretch, before, rails)
        if breach is None:
            before.append(stretch)
        else:
            found[planned.id] = breach.rail
    return found


def _sounding(planned: Planned, slot: Slot, rail: Rail | None, said: Playback | None) -> Sounding:
    return Sounding(
        planned.id,
        planned.version.epoch > 0,
        planned.schedule,
        planned.bulletin,
        planned.title,
        planned.broadcast.priority,
        planned.broadcast.start,
        slot.begin,
        slot.end,
        slot.offset,
        slot.outcome,
        slot.reason,
        rail,
        said.state if said else None,
        said.reason if said else Reason.NONE,
    )
