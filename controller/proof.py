"""What the signing gate is shown: a schedule with all that it plays, and whether a person approved exactly that.

A digest covers everything the schedule says (when, where, how loud, in which order) and, of every bulletin that
it plays, the title and the clips by their own hashes. An approval is a digest that is kept.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from operator import attrgetter
from typing import Any

from controller.store.series import schedule_json
from controller.store.unit import Unit
from controller.store.values import Content, Planned
from protocol.canonical import canonical, sha256_hex
from protocol.messages import BroadcastOrder
from schedules.expansion import placed_of
from schedules.model import Broadcast, ClipRef, Schedule, Targets
from schedules.units import AreaId, BulletinId, ScheduleId, SpeakerId, UtcMs

_HEARD = attrgetter(*(each.name for each in fields(Broadcast) if each.name != "id"))
"""Everything that a broadcast says, but what it is called."""


class NotApproved(Exception):
    """A broadcast that is not, in every part that is heard, what a person approved."""


@dataclass(frozen=True, slots=True)
class OnAir:
    """The approved content of a bulletin, ready to be fetched by speakers."""

    title: str
    clips: tuple[ClipRef, ...]


def played_by(schedule: Schedule) -> tuple[BulletinId, ...]:
    """Every bulletin that the schedule plays, its own first."""
    return tuple(dict.fromkeys([schedule.bulletin, *(bulletin for _, bulletin in schedule.replaced)]))


def digest_of(schedule: Schedule, contents: Mapping[BulletinId, Content]) -> str:
    """SHA-256 (hex) over the canonical JSON (RFC 8785) of the schedule with what it plays; all of it must be there."""
    heard: dict[str, Any] = {each: [contents[each].title, list(contents[each].clips)] for each in played_by(schedule)}
    return sha256_hex(canonical({"schedule": schedule_json(schedule), "plays": heard}))


@dataclass(frozen=True)
class Proof:
    """One schedule as it stands, what it plays, and which of its digests were approved."""

    schedule: Schedule
    contents: Mapping[BulletinId, Content]
    sounds: Mapping[BulletinId, OnAir]
    allowed: frozenset[str]
    stand_ins: frozenset[SpeakerId] = field(default_factory=frozenset)
    """Speakers that stand for the schedule's groups and for areas that have ended."""
    window: tuple[UtcMs, UtcMs] = (UtcMs(0), UtcMs(0))
    """What starts in here is about to be checked, and is expanded at once; what does not, one by one."""

    @cached_property
    def approved(self) -> bool:
        known = all(each in self.contents for each in self._played)
        return known and digest_of(self.schedule, self.contents) in self.allowed

    def check(self, order: BroadcastOrder, bulletin: BulletinId) -> None:
        """Raise NotApproved unless the order is, in every part, of this schedule and its approved content."""
        broadcast, schedule = order.broadcast, self.schedule
        if not self.approved:
            raise NotApproved(f"schedule {schedule.id} in its present form")
        sound = self.sounds.get(bulletin) if bulletin in self._played else None
        asked = {
            "bulletin": sound is not None,
            "title": sound is not None and order.title == sound.title,
            "clips": sound is not None and bool(sound.clips) and broadcast.clips == sound.clips,
            "areas": self._areas.issuperset(order.areas),
            "speakers": self._places.issuperset(order.speakers),
            "volume": broadcast.volume == schedule.volume,
            "priority": broadcast.priority is schedule.priority,
            "start rule": broadcast.rule is schedule.rule,
            "order": broadcast.order == schedule.order,
        }
        wrong = [name for name, holds in asked.items() if not holds]
        if not wrong and not self._brings(bulletin, broadcast):
            wrong = ["time"]
        if wrong:
            raise NotApproved(f"broadcast {broadcast.id} of schedule {schedule.id}: other {', '.join(wrong)}")

    @cached_property
    def _played(self) -> tuple[BulletinId, ...]:
        return played_by(self.schedule)

    @cached_property
    def _areas(self) -> frozenset[AreaId]:
        return frozenset(self.schedule.targets.areas)

    @cached_property
    def _places(self) -> frozenset[SpeakerId]:
        """The speakers that it may be sent to by name."""
        return self.stand_ins.union(self.schedule.targets.speakers)

    @cached_property
    def _brought(self) -> dict[UtcMs, frozenset[tuple[Any, ...]]]:
        return {}

    def _brings(self, bulletin: BulletinId, broadcast: Broadcast) -> bool:
        """Whether the schedule itself brings it forth, to the millisecond; holidays are not asked, they only skip."""
        begin, end = self.window
        if not begin <= broadcast.start < end:
            begin, end = broadcast.start, UtcMs(broadcast.start + 1)
        if begin not in self._brought:
            sounds = {each: self.sounds[each].clips for each in self._played}
            placed = placed_of(self.schedule, sounds[self.schedule.bulletin], begin, end, replacements=sounds)
            self._brought[begin] = frozenset((each.bulletin, *_HEARD(each.broadcast)) for each in placed)
        return (bulletin, *_HEARD(broadcast)) in self._brought[begin]


class Proofs:
    """The proofs of one unit of work, each read from the store once."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._contents: dict[BulletinId, Content | None] = {}
        self._sounds: dict[BulletinId, OnAir] = {}
        self._proofs: dict[ScheduleId, Proof] = {}

    def sound(self, bulletin: BulletinId) -> OnAir:
        """What of the bulletin is on air; raises NotApproved when nothing ever was approved."""
        self._know([bulletin])
        if bulletin not in self._sounds:
            raise NotApproved(f"bulletin {bulletin} was never approved")
        return self._sounds[bulletin]

    def of(self, planned: Planned) -> Proof:
        """The proof of its schedule; raises NotApproved when there is no such schedule."""
        self.read([planned.schedule])
        if planned.schedule not in self._proofs:
            raise NotApproved(f"there is no schedule {planned.schedule}")
        proof = self._proofs[planned.schedule]
        if not proof.stand_ins and not set(planned.speakers) <= set(proof.schedule.targets.speakers):
            meant = stand_ins(self._unit, proof.schedule.targets)
            proof = replace(proof, stand_ins=meant)
            self._proofs[planned.schedule] = proof
        return proof

    def expect(self, planned: Iterable[Planned]) -> None:
        """Get ready to prove all of these: what each schedule brings forth in their time is expanded once."""
        starts: dict[ScheduleId, list[UtcMs]] = {}
        for each in planned:
            starts.setdefault(each.schedule, []).append(each.broadcast.start)
        self.read(starts)
        for schedule, found in starts.items():
            if schedule in self._proofs:
                window = min(found), UtcMs(max(found) + 1)
                self._proofs[schedule] = replace(self._proofs[schedule], window=window)

    def read(self, schedules: Collection[ScheduleId]) -> None:
        """Read what has to be known of all of `schedules`, at once: a province has thousands."""
        missing = [each for each in schedules if each not in self._proofs]
        if not missing:
            return
        found, allowed = self._unit.broadcasts.schedules(missing), self._unit.approvals.allowed_of(missing)
        self._know({bulletin for schedule in found.values() for bulletin in played_by(schedule)})
        for schedule in found.values():
            played = played_by(schedule)
            contents = {each: content for each in played if (content := self._contents[each]) is not None}
            sounds = {each: self._sounds[each] for each in played if each in self._sounds}
            digests = allowed.get(schedule.id, frozenset())
            self._proofs[schedule.id] = Proof(schedule, contents, sounds, digests)

    def _know(self, bulletins: Collection[BulletinId]) -> None:
        missing = [each for each in bulletins if each not in self._contents]
        if not missing:
            return
        found = self._unit.bulletins.on_air(missing)
        self._contents.update({bulletin: found.get(bulletin) for bulletin in missing})
        self._sounds.update(sounds_of(self._unit, found))


def sounds_of(unit: Unit, contents: Mapping[BulletinId, Content]) -> dict[BulletinId, OnAir]:
    """The same contents with their clips as speakers fetch them."""
    refs = unit.bulletins.refs({clip for content in contents.values() for clip in content.clips})
    return {
        bulletin: OnAir(content.title, tuple(refs[clip] for clip in content.clips))
        for bulletin, content in contents.items()
    }


def stand_ins(unit: Unit, targets: Targets) -> frozenset[SpeakerId]:
    """Members of the targets' groups, and whoever was ever in one of its areas or below."""
    groups = {group.id: group for group in unit.groups.all()}
    meant = {speaker for group in targets.groups if group in groups for speaker in groups[group].speakers}
    inside, periods = set(targets.areas), unit.places.areas()
    while below := {each.id for each in periods if each.parent in inside} - inside:
        inside |= below
    meant.update(member.speaker for member in unit.places.members() if member.area in inside)
    return frozenset(meant)
