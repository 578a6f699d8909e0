"""Approval: what somebody wrote or planned becomes a change, and goes on air when somebody else has approved it.

Every call is one unit of work; what ends in `_in` works inside the caller's. What was approved before stays on air
until the changed version is approved. Stopping, cancelling and ending need no approval.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from controller.desk import heard
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.values import Person
from controller.ids import new_id
from controller.language import n_
from controller.locality import Locality
from controller.proof import digest_of, played_by
from controller.rights import Operation, may
from controller.store.changes import Change, ChangeState, Item, content_json, item_json
from controller.store.unit import Unit
from controller.store.values import Bulletin, ChangeId, Content
from protocol.canonical import canonical, sha256_hex
from schedules.model import BulletinState, Schedule
from schedules.units import BroadcastId, BulletinId, ScheduleId, UtcMs
from schedules.wall import from_utc_ms

AT_ONCE_MS = 5_000
"""Between an approval and the first sound of what was to begin at once."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a proposal: `broadcasts` are those planned at once, none while it waits."""

    change: ChangeId
    state: ChangeState
    broadcasts: tuple[BroadcastId, ...] = ()
    night: bool = False
    """It sounds between 21:00 and 05:00 and waits for a second person."""


class Changes:
    def __init__(self, room: Room) -> None:
        self.room = room

    def propose(self, bulletin: BulletinId, items: Iterable[Item], by: Person) -> Proposed:
        """Ask that schedules be made, changed or ended; approved at once where one person may do both."""
        with self.room.store.write() as unit:
            return self.propose_in(unit, bulletin, items, by)

    def propose_in(self, unit: Unit, bulletin: BulletinId, items: Iterable[Item], by: Person) -> Proposed:
        """The same inside the caller's unit of work."""
        asked = tuple(items)
        known = known_bulletin(unit, bulletin)
        if known.state is BulletinState.WITHDRAWN and any(item.after is not None for item in asked):
            raise Refusal(
                "withdrawn", n_("Bản tin này đã thu hồi. Hãy sửa bản tin rồi gửi duyệt lại, hoặc soạn bản tin mới."),
                status=409,
            )  # fmt: skip
        newest = any(item.before is None for item in asked)
        return self._ask(unit, known, asked, by, newest=newest)

    def submit(self, bulletin: BulletinId, by: Person) -> Proposed:
        """Send what was written last to be approved, with every schedule that plays it and what waited for it."""
        with self.room.store.write() as unit:
            known = known_bulletin(unit, bulletin)
            return self._ask(unit, known, waiting_items(unit, bulletin), by, newest=True)

    def _ask(
        self, unit: Unit, bulletin: Bulletin, asked: Sequence[Item], by: Person, *, newest: bool
    ) -> Proposed:  # fmt: skip
        now, places = self.room.now(), self.room.places(unit)
        refuse_stale(unit, asked)
        contents = contents_of(unit, bulletin.id, asked, newest=newest)
        items = with_kept(unit, asked, contents)
        self._may_ask(places, items, by)
        change = self._change(unit, bulletin.id, items, contents, places, by, now)
        for older in unit.approvals.of_bulletin(bulletin.id):
            if older.state is ChangeState.SUPERSEDED:
                unit.approvals.put(replace(older, state=ChangeState.WITHDRAWN))
        unit.approvals.put(change)
        _move(unit, change, BulletinState.PENDING)
        self.room.record(unit, by, "change.propose", f"change:{change.id}", None, told(change))
        unit.changed("changes", f"bulletin:{bulletin.id}")
        if not is_less(items) and not (alone(places, items, by) and not change.night):
            return Proposed(change.id, ChangeState.PENDING, (), change.night)
        return Proposed(change.id, ChangeState.APPROVED, self._put_on_air(unit, change, by, now, places))

    @staticmethod
    def _may_ask(places: Locality, items: Sequence[Item], by: Person) -> None:
        operation = Operation.STOP if is_less(items) else Operation.COMPOSE
        if not may(by.grants, operation, heard.areas_of(places, items), places.tree):
            raise forbidden()

    @staticmethod
    def _change(
        unit: Unit,
        bulletin: BulletinId,
        items: tuple[Item, ...],
        contents: dict[BulletinId, Content],
        places: Locality,
        by: Person,
        now: UtcMs,
    ) -> Change:
        return Change(
            id=ChangeId(new_id("ch")),
            bulletin=bulletin,
            state=ChangeState.PENDING,
            items=items,
            contents=contents,
            digest=change_digest(items, contents),
            night=heard.at_night(unit, places, items, contents, now),
            confirmed_by="",
            confirmed=UtcMs(0),
            decided_by="",
            decided=UtcMs(0),
            reason="",
            one_person=False,
            made=now,
            made_by=by.username,
        )

    def _put_on_air(
        self, unit: Unit, change: Change, by: Person, now: UtcMs, places: Locality
    ) -> tuple[BroadcastId, ...]:
        """Approve: keep the digests that may be signed, put the contents on air, and plan; all in this transaction."""
        one_person = by.username == change.made_by and not is_less(change.items)
        items = tuple(timed(item, now) for item in change.items)
        decided = replace(
            change, state=ChangeState.APPROVED, items=items, decided_by=by.username, decided=now, one_person=one_person
        )
        unit.approvals.put(decided)
        for bulletin, content in change.contents.items():
            unit.bulletins.put_on_air(bulletin, content)
            if unit.bulletins.written(bulletin) == content:
                unit.bulletins.approve(bulletin, by.username, now, one_person=one_person)
        for item in items:
            if item.after is not None:
                digest = digest_of(item.after, change.contents)
                unit.approvals.allow(digest, item.schedule, change.id, now, by.username)
        made = tuple(each for item in items for each in self._apply(unit, item, change.made_by, now))
        self.room.record(
            unit, by, "change.approve", f"change:{change.id}", {"state": change.state.value}, told(decided)
        )
        unit.changed("changes", *(f"bulletin:{bulletin}" for bulletin in change.contents))
        return made

    def _apply(self, unit: Unit, item: Item, by: str, now: UtcMs) -> tuple[BroadcastId, ...]:
        planner = self.room.planner
        if item.after is None:
            if unit.broadcasts.schedule_ended(item.schedule) is None:
                planner.end_schedule(unit, item.schedule, by, now)
            return ()
        unit.changed(f"schedule:{item.schedule}")
        if item.before is None:
            return planner.add_schedule(unit, item.after, by, now)
        return planner.change_schedule(unit, item.after, by, now)


def known_bulletin(unit: Unit, bulletin: BulletinId) -> Bulletin:
    """The bulletin; Refusal when there is none."""
    found = unit.bulletins.get(bulletin)
    if found is None:
        raise Refusal("unknown-bulletin", n_("Không có bản tin này. Hãy chọn lại trong danh sách bản tin."), status=404)
    return found


def contents_of(unit: Unit, bulletin: BulletinId, items: Sequence[Item], *, newest: bool) -> dict[BulletinId, Content]:
    """What the items would play: of `bulletin` what was written last if `newest`, else what is on air already.

    Refusal when there is no sound of it yet.
    """
    played = {each for item in items if item.after is not None for each in played_by(item.after)}
    if newest:
        played.add(bulletin)
    on_air = unit.bulletins.on_air(played)
    found: dict[BulletinId, Content] = {}
    for each in sorted(played):
        written = unit.bulletins.written(each)
        chosen = written if each not in on_air or (newest and each == bulletin) else on_air[each]
        if chosen is None or not chosen.clips:
            raise Refusal(
                "bulletin-not-ready",
                n_("Bản tin đang được chuẩn bị âm thanh. Hãy đợi đến khi nghe thử được."),
                status=409,
            )
        found[each] = chosen
    return found


def refuse_stale(unit: Unit, items: Sequence[Item]) -> None:
    """Refusal when a schedule is no longer what the items say it was."""
    for item in items:
        stands = unit.broadcasts.schedule(item.schedule)
        ended = unit.broadcasts.schedule_ended(item.schedule) is not None
        if stands != item.before or (ended and item.after is not None):
            raise Refusal(
                "stale",
                n_("Lịch này đã được người khác sửa hoặc kết thúc trong lúc bạn xem. Hãy tải lại trang và làm lại."),
                status=409,
            )


def with_kept(unit: Unit, items: Sequence[Item], contents: dict[BulletinId, Content]) -> tuple[Item, ...]:
    """The items, and every other live schedule that plays a bulletin whose content changes with them."""
    on_air = unit.bulletins.on_air(contents)
    changed = {bulletin for bulletin, content in contents.items() if on_air.get(bulletin) not in (None, content)}
    named = {item.schedule for item in items}
    kept = [
        Item(schedule.id, schedule, schedule)
        for schedule in (unit.broadcasts.live_schedules() if changed else ())
        if schedule.id not in named and changed.intersection(played_by(schedule))
    ]
    for item in kept:
        assert item.after is not None, "what is kept is there"
        missing = [each for each in played_by(item.after) if each not in contents]
        contents.update(unit.bulletins.on_air(missing))
    return (*items, *kept)


def waiting_items(unit: Unit, bulletin: BulletinId) -> tuple[Item, ...]:
    """What was proposed before the bulletin was edited, and is neither there yet nor taken back."""
    found: dict[ScheduleId, Item] = {}
    for change in unit.approvals.of_bulletin(bulletin):
        if change.state is ChangeState.SUPERSEDED:
            for item in change.items:
                if item.before != item.after and unit.broadcasts.schedule(item.schedule) == item.before:
                    found.setdefault(item.schedule, item)
    return tuple(found.values())


def change_digest(items: Sequence[Item], contents: dict[BulletinId, Content]) -> str:
    """What the approver decided on, as one number: all items and all contents."""
    value: dict[str, Any] = {
        "items": [item_json(item) for item in items],
        "contents": {bulletin: content_json(content) for bulletin, content in contents.items()},
    }
    return sha256_hex(canonical(value))


def told(change: Change) -> dict[str, Any]:
    """A change as the audit tells it."""
    return {
        "bulletin": change.bulletin,
        "state": change.state.value,
        "digest": change.digest,
        "items": [item_json(item) for item in change.items],
        "titles": {bulletin: content.title for bulletin, content in change.contents.items()},
        "clips": {bulletin: list(content.clips) for bulletin, content in change.contents.items()},
        "night": change.night,
        "one_person": change.one_person,
        "reason": change.reason,
    }


def is_less(items: Sequence[Item]) -> bool:
    """Whether the items only take away: schedules that end, occurrences that are skipped."""
    return bool(items) and all(_takes_away(item) for item in items)


def _takes_away(item: Item) -> bool:
    if item.before is None or item.after is None:
        return item.after is None
    same = replace(item.after, exceptions=item.before.exceptions) == item.before
    return same and item.after.exceptions > item.before.exceptions


def alone(places: Locality, items: Sequence[Item], by: Person) -> bool:
    """Whether the author may approve it: allowed to everywhere it is heard, and each place is a one-person station."""
    areas = heard.areas_of(places, items)
    one_person = all(places.settings(area).one_person_station for area in areas if area in places.tree.areas)
    return one_person and may(by.grants, Operation.APPROVE, areas, places.tree)


def timed(item: Item, now: UtcMs) -> Item:
    """What was to begin at once begins now."""
    if not item.at_once or item.after is None:
        return item
    start = from_utc_ms(UtcMs(now + AT_ONCE_MS), "UTC").replace(tzinfo=None)
    after: Schedule = replace(item.after, local_start=start, time_zone="UTC")
    return replace(item, after=after)


def _move(unit: Unit, change: Change, state: BulletinState) -> None:
    """Say of each bulletin whose written content this change carries, unless it is approved already."""
    on_air = unit.bulletins.on_air(change.contents)
    for bulletin, content in change.contents.items():
        if on_air.get(bulletin) != content and unit.bulletins.written(bulletin) == content:
            unit.bulletins.set_state(bulletin, state)
