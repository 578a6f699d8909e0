"""Conflicts: what a new programme does to what is planned, and what becomes of it, at the speakers that hear both.

Nothing is decided here: `timeline.simulate`, and so the playhead that runs on the box, plays what is planned
once with and once without the new programme. What comes out otherwise than planned is a conflict of two
programmes, one of which gives way. Equal priority and equal start is a tie, which on a box the order that the
staff gave decides; as long as they gave none, what stands already goes first and the conflict is `tied`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from schedules.actions import came_out_whole
from schedules.model import Broadcast, Priority, Schedule
from schedules.near import Sound
from schedules.states import PlaybackState
from schedules.timeline import Slot, simulate
from schedules.units import BroadcastId, BulletinId, DurationMs, ScheduleId, SpeakerId, UtcMs


@dataclass(frozen=True, slots=True)
class Line:
    """One schedule as it is heard: by whom, and everything of it near the time that is looked at."""

    schedule: ScheduleId
    speakers: frozenset[SpeakerId]
    sounds: tuple[Sound, ...]


class Outcome(StrEnum):
    """What becomes of a programme."""

    AS_PLANNED = "as_planned"
    AFTER = "after"
    """Plays whole, but later."""
    RESUMED = "resumed"
    """Is interrupted and goes on afterwards to its end."""
    SHORT = "short"
    """Begins late and so without its beginning, or goes on but does not come to its end."""
    CUT = "cut"
    """Ends before its content does."""
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one broadcast: `begins` … `ends` with a silence of its own from `stops` to `resumes`.

    All four are its planned start where it is missed, and `stops` = `resumes` = `ends` where nothing comes between.
    """

    outcome: Outcome
    begins: UtcMs
    stops: UtcMs
    resumes: UtcMs
    ends: UtcMs
    heard: DurationMs


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a conflict, at its first occurrence."""

    schedule: ScheduleId
    bulletin: BulletinId
    start: UtcMs
    end: UtcMs
    priority: Priority
    order: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """`new` and `other` meet at `speakers`; `loser` is one of the two, and `fate` is what becomes of it.

    `starts` are the starts of `other` in all the conflicts that this one stands for, the first is told in full.
    """

    new: Party
    other: Party
    loser: ScheduleId
    fate: Fate
    tied: bool
    speakers: frozenset[SpeakerId]
    starts: tuple[UtcMs, ...]

    @property
    def times(self) -> int:
        """How often in the time that was looked at."""
        return len(self.starts)

    @property
    def new_loses(self) -> bool:
        return self.loser == self.new.schedule

    @property
    def equal(self) -> bool:
        """Of one priority: the staff may say which goes first."""
        return self.new.priority == self.other.priority


def conflicts(new: Sequence[Line], others: Sequence[Line]) -> tuple[Conflict, ...]:
    """The conflicts that `new` brings, those of the most speakers first among those of the earliest start."""
    found: dict[tuple[ScheduleId, ScheduleId, bool, Outcome], list[Conflict]] = {}
    judge = _Judge()
    for speakers, mine, theirs in meetings(new, others):
        for meeting in judge.of([new[n].sounds for n in mine], [others[n].sounds for n in theirs]):
            conflict = _told(meeting, [new[n].schedule for n in mine], [others[n].schedule for n in theirs], speakers)
            key = (conflict.new.schedule, conflict.other.schedule, conflict.new_loses, conflict.fate.outcome)
            found.setdefault(key, []).append(conflict)
    merged = map(_merged, found.values())
    return tuple(sorted(merged, key=lambda c: (c.other.start, -len(c.speakers), c.other.schedule, c.new.schedule)))


def behind(schedule: Schedule, found: Iterable[Conflict]) -> Schedule:
    """The same, ordered behind whatever it ties with, as `conflicts` supposes; unchanged where there is no tie.

    Without an order of its own, which of two goes first at the same time would be up to chance on the box.
    """
    mine = [each for each in found if each.new.schedule == schedule.id != each.other.schedule and each.equal]
    if not any(each.tied for each in mine):
        return schedule
    taken = {each.other.order for each in mine if each.new.start == each.other.start}
    order = schedule.order
    while order in taken:
        order += 1
    return replace(schedule, order=order)


def _merged(group: Sequence[Conflict]) -> Conflict:
    first = min(group, key=lambda conflict: conflict.other.start)
    return replace(
        first,
        speakers=frozenset().union(*(each.speakers for each in group)),
        starts=tuple(sorted({start for each in group for start in each.starts})),
    )


def meetings(
    new: Sequence[Line], others: Sequence[Line]
) -> Iterator[tuple[frozenset[SpeakerId], tuple[int, ...], tuple[int, ...]]]:
    """Speakers that hear the same, with the indices of the new and of the other lines that they hear."""
    mine = _heard_by(new, None)
    theirs = _heard_by(others, mine.keys())
    alike: dict[tuple[tuple[int, ...], tuple[int, ...]], list[SpeakerId]] = {}
    for speaker, lines in mine.items():
        alike.setdefault((tuple(lines), tuple(theirs.get(speaker, ()))), []).append(speaker)
    for (of_new, of_others), speakers in alike.items():
        yield frozenset(speakers), of_new, of_others


def _heard_by(lines: Sequence[Line], only: Iterable[SpeakerId] | None) -> Mapping[SpeakerId, list[int]]:
    wanted = None if only is None else frozenset(only)
    heard: dict[SpeakerId, list[int]] = {}
    for n, line in enumerate(lines):
        if line.sounds:
            for speaker in line.speakers if wanted is None else line.speakers & wanted:
                heard.setdefault(speaker, []).append(n)
    return heard


@dataclass(frozen=True, slots=True)
class _Item:
    """One sound on the table: `side` 0 stands already, 1 is new; `line` is its place among those of its side."""

    side: int
    line: int
    sound: Sound

    @property
    def what(self) -> Broadcast:
        return self.sound.broadcast


@dataclass(frozen=True, slots=True)
class _Meeting:
    """`other` is of side 0, or of side 1 where two of the new meet."""

    new: _Item
    other: _Item
    new_loses: bool
    fate: Fate
    starts: tuple[UtcMs, ...]


def _told(
    meeting: _Meeting, mine: Sequence[ScheduleId], theirs: Sequence[ScheduleId], speakers: frozenset[SpeakerId]
) -> Conflict:
    new, other = _party(meeting.new, mine), _party(meeting.other, theirs if meeting.other.side == 0 else mine)
    return Conflict(
        new=new,
        other=other,
        loser=new.schedule if meeting.new_loses else other.schedule,
        fate=meeting.fate,
        tied=(new.priority, new.start, new.order) == (other.priority, other.start, other.order),
        speakers=speakers,
        starts=meeting.starts,
    )


def _party(item: _Item, schedules: Sequence[ScheduleId]) -> Party:
    what = item.what
    end = UtcMs(min(what.start + what.duration, what.hard_end))
    return Party(schedules[item.line], item.sound.bulletin, what.start, end, what.priority, what.order)


class _Judge:
    """Plays tables; what has the same shape at another time, or at other speakers, is played once."""

    def __init__(self) -> None:
        self._tables: dict[object, tuple[_Meeting, ...]] = {}
        self._shapes: dict[object, tuple[tuple[int, int, bool, Fate], ...]] = {}

    def of(self, new: Sequence[tuple[Sound, ...]], others: Sequence[tuple[Sound, ...]]) -> tuple[_Meeting, ...]:
        """Every pair that meets, once per way in which it ends."""
        # Lines with one rhythm share one tuple, and nobody lets go of it while this lives.
        key = (tuple(map(id, new)), tuple(map(id, others)))
        if key not in self._tables:
            self._tables[key] = tuple(self._play(new, others))
        return self._tables[key]

    def _play(self, new: Sequence[tuple[Sound, ...]], others: Sequence[tuple[Sound, ...]]) -> Iterator[_Meeting]:
        items = [_Item(1, n, sound) for n, line in enumerate(new) for sound in line]
        items += [_Item(0, n, sound) for n, line in enumerate(others) for sound in line]
        found: dict[object, list[_Meeting]] = {}
        for table in _tables(sorted(items, key=lambda item: (item.what.start, item.side, item.line))):
            for meeting in self._judged(table):
                other = meeting.other
                key = (meeting.new.line, other.side, other.line, meeting.new_loses, meeting.fate.outcome)
                found.setdefault(key, []).append(meeting)
        for same in found.values():
            yield replace(same[0], starts=tuple(sorted({start for each in same for start in each.starts})))

    def _judged(self, table: Sequence[_Item]) -> Iterator[_Meeting]:
        begin = table[0].what.start
        shape = tuple(_shape(item, begin) for item in table)
        if shape not in self._shapes:
            self._shapes[shape] = tuple(_simulated(table))
        for mine, other, new_loses, fate in self._shapes[shape]:
            # Fates are kept relative to the table's first start.
            told = _shifted(fate, begin)
            yield _Meeting(table[mine], table[other], new_loses, told, (table[other].what.start,))


def _shape(item: _Item, begin: UtcMs) -> tuple[object, ...]:
    what = item.what
    times = (what.start - begin, what.latest_start - begin, what.hard_end - begin, what.duration)
    return (item.side, item.line, times, what.priority, what.rule, what.order)


def _tables(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Runs of what may touch each other, start to hard end, in which something new meets anything."""
    run: list[_Item] = []
    until = 0
    for item in items:
        if run and item.what.start >= until:
            if _matters(run):
                yield run
            run, until = [], 0
        run.append(item)
        until = max(until, item.what.hard_end)
    if _matters(run):
        yield run


def _matters(run: Sequence[_Item]) -> bool:
    return len(run) > 1 and any(item.side == 1 for item in run)


def _simulated(table: Sequence[_Item]) -> Iterator[tuple[int, int, bool, Fate]]:
    """(index of the new, index of the other, whether the new gives way, what becomes of who does)."""
    begin = table[0].what.start
    end = UtcMs(max(item.what.hard_end for item in table) + 1)
    # The name decides last; what stands already has the lower one.
    named = [replace(item.what, id=BroadcastId(f"{item.side}-{n:06}")) for n, item in enumerate(table)]
    before = _slots([each for each, item in zip(named, table, strict=True) if item.side == 0], begin, end)
    after = _slots(named, begin, end)
    for n, (what, item) in enumerate(zip(named, table, strict=True)):
        fate = fate_of(what, after.get(what.id, ()))
        # What stands is compared with how it was, what is new with how it would be alone.
        was = before if item.side == 0 else _slots([what], begin, end)
        if fate.outcome is Outcome.AS_PLANNED or fate == fate_of(what, was.get(what.id, ())):
            continue
        other = _in_the_way(n, named, after, [1] if item.side == 0 else [0, 1], table)
        if other is not None:
            pair = (other, n, False) if item.side == 0 else (n, other, True)
            yield (*pair, _shifted(fate, -begin))


def _slots(broadcasts: Sequence[Broadcast], begin: UtcMs, end: UtcMs) -> Mapping[BroadcastId, list[Slot]]:
    found: dict[BroadcastId, list[Slot]] = {}
    for slot in simulate(broadcasts, begin, end):
        if slot.end > slot.begin:
            found.setdefault(slot.broadcast, []).append(slot)
    return found


def _in_the_way(
    loser: int,
    named: Sequence[Broadcast],
    slots: Mapping[BroadcastId, Sequence[Slot]],
    sides: Sequence[int],
    table: Sequence[_Item],
) -> int | None:
    """Who sounds while `loser` should and does not, the first of them; else the nearest of these sides."""
    mine = named[loser]
    sounds = [(slot.begin, slot.end) for slot in slots.get(mine.id, ())]
    silent = _without(mine.start, mine.start + mine.duration, sounds)
    able = [n for n, item in enumerate(table) if item.side in sides and n != loser]
    meets = [
        (max(slot.begin, begin), n)
        for n in able
        for slot in slots.get(named[n].id, ())
        for begin, end in silent
        if slot.begin < end and begin < slot.end
    ]
    if meets:
        return min(meets)[1]
    return min(able, key=lambda n: abs(named[n].start - mine.start), default=None)


def _without(begin: int, end: int, sounds: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """[begin, end) less the `sounds`, which are in order."""
    left: list[tuple[int, int]] = []
    for first, last in sounds:
        if first > begin:
            left.append((begin, min(first, end)))
        begin = max(begin, last)
    if begin < end:
        left.append((begin, end))
    return [(first, last) for first, last in left if first < last]


def fate_of(broadcast: Broadcast, slots: Sequence[Slot]) -> Fate:
    """What the `slots` in which it sounds make of it."""
    if not slots:
        start = broadcast.start
        return Fate(Outcome.MISSED, start, start, start, start, DurationMs(0))
    first, last = slots[0], slots[-1]
    heard = DurationMs(sum(slot.end - slot.begin for slot in slots))
    paused = len(slots) > 1
    stops, resumes = (first.end, slots[1].begin) if paused else (last.end, last.end)
    outcome = _outcome(broadcast, first, last, paused, came_out_whole(heard, broadcast.duration))
    return Fate(outcome, first.begin, stops, resumes, last.end, heard)


def _outcome(broadcast: Broadcast, first: Slot, last: Slot, paused: bool, whole: bool) -> Outcome:
    late = first.begin > broadcast.start
    if whole or last.outcome is PlaybackState.PLAYING:
        return Outcome.RESUMED if paused else Outcome.AFTER if late else Outcome.AS_PLANNED
    return Outcome.SHORT if late or paused else Outcome.CUT


def _shifted(fate: Fate, by: int) -> Fate:
    return Fate(
        fate.outcome,
        UtcMs(fate.begins + by),
        UtcMs(fate.stops + by),
        UtcMs(fate.resumes + by),
        UtcMs(fate.ends + by),
        fate.heard,
    )
