"""Proposing: what somebody wrote or planned becomes a change that waits for an approval, or is approved at once.

Every call is one unit of work; what ends in `_in` works inside the caller's. What was approved before stays on air
until the changed version is approved. Stopping, cancelling and ending need no approval.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from controller.desk.clashes import refuse_breaches
from controller.desk.listening import clips_to_hear, has_heard
from controller.desk.proposals import (
    change_digest,
    contents_of,
    is_less,
    known_bulletin,
    look,
    may_alone,
    newly_played,
    places_heard,
    refuse_silent,
    refuse_stale,
    require_seen,
    settle_state,
    timed,
    told,
    waiting_items,
    with_kept,
)
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.values import Person
from controller.ids import new_id
from controller.language import n_
from controller.proof import digest_of
from controller.rights import Operation, may
from controller.store.changes import Change, ChangeState, Item
from controller.store.unit import Unit
from controller.store.values import Bulletin, ChangeId, Content
from schedules.model import BulletinState
from schedules.units import BroadcastId, BulletinId, UtcMs

__all__ = ["Changes", "Item", "Proposed"]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a proposal: `broadcasts` are those planned at once, none while it waits."""

    change: ChangeId
    state: ChangeState
    broadcasts: tuple[BroadcastId, ...] = ()
    night: bool = False
    """It sounds between 21:00 and 05:00 and so waits for a second person."""


class Changes:
    def __init__(self, room: Room) -> None:
        self.room = room

    def propose(self, bulletin: BulletinId, items: Iterable[Item], by: Person) -> Proposed:
        """Ask that schedules be made, changed or ended; approved at once where one person may do both.

        A new schedule plays what was written last; a changed one goes on with what is on air.
        """
        with self.room.store.write() as unit:
            return self.propose_in(unit, bulletin, items, by)

    def propose_in(self, unit: Unit, bulletin: BulletinId, items: Iterable[Item], by: Person) -> Proposed:
        """The same inside the caller's unit of work."""
        asked = tuple(items)
        known = known_bulletin(unit, bulletin)
        if known.state is BulletinState.WITHDRAWN and not is_less(asked):
            raise Refusal(
                "withdrawn",
                n_("Bản tin này đã thu hồi. Hãy sửa bản tin rồi gửi duyệt lại, hoặc soạn bản tin mới."),
                status=409,
            )
        return self._ask(unit, known, asked, by, newest=any(item.before is None for item in asked))

    def submit(self, bulletin: BulletinId, by: Person) -> Proposed:
        """Send what was written last to be approved, with every schedule that plays it and what waited for it."""
        with self.room.store.write() as unit:
            known = known_bulletin(unit, bulletin)
            items = waiting_items(unit, bulletin, self.room.now())
            for older in unit.approvals.of_bulletin(bulletin):
                if older.state is ChangeState.SUPERSEDED:
                    unit.approvals.put(replace(older, state=ChangeState.WITHDRAWN))
            return self._ask(unit, known, items, by, newest=True)

    def _ask(self, unit: Unit, bulletin: Bulletin, asked: Sequence[Item], by: Person, *, newest: bool) -> Proposed:
        now, places = self.room.now(), self.room.places(unit)
        refuse_stale(unit, asked)
        contents = contents_of(unit, bulletin.id, asked, newest=newest)
        items = with_kept(unit, asked, contents, now)
        less = is_less(items)
        areas = places_heard(places, bulletin, items)
        if not may(by.grants, Operation.STOP if less else Operation.COMPOSE, areas, places.tree):
            raise forbidden()
        if less:
            refuse_silent(unit, contents)
        else:
            require_seen(unit, places, by, newly_played(items))
        checks = None if less else look(unit, places, items, contents, now)
        if checks is not None:
            refuse_breaches(checks, places)
        night = checks is not None and checks.night
        change = self._change(bulletin.id, items, contents, by, now, night=night)
        unit.approvals.put(change)
        settle_state(unit, contents, BulletinState.PENDING)
        self.room.record(unit, by, "change.propose", f"change:{change.id}", None, told(change))
        unit.changed("changes", f"bulletin:{bulletin.id}")
        if less or (may_alone(places, areas, by) and not change.night):
            return Proposed(change.id, ChangeState.APPROVED, self.put_on_air(unit, change, by, now))
        return Proposed(change.id, ChangeState.PENDING, (), change.night)

    @staticmethod
    def _change(
        bulletin: BulletinId,
        items: tuple[Item, ...],
        contents: Mapping[BulletinId, Content],
        by: Person,
        now: UtcMs,
        *,
        night: bool,
    ) -> Change:
        return Change(
            id=ChangeId(new_id("ch")),
            bulletin=bulletin,
            state=ChangeState.PENDING,
            items=items,
            contents=contents,
            digest=change_digest(items, contents),
            night=night,
            confirmed_by="",
            confirmed=UtcMs(0),
            decided_by="",
            decided=UtcMs(0),
            reason="",
            one_person=False,
            made=now,
            made_by=by.username,
        )

    def take_away_in(self, unit: Unit, bulletin: BulletinId, item: Item, by: Person) -> None:
        """An item that only takes away, for whoever may stop all of what it takes it from: the caller has asked."""
        now = self.room.now()
        contents = contents_of(unit, bulletin, [item], newest=False)
        change = self._change(bulletin, (item,), contents, by, now, night=False)
        self.put_on_air(unit, change, by, now)

    def put_on_air(self, unit: Unit, change: Change, by: Person, now: UtcMs) -> tuple[BroadcastId, ...]:
        """Approve, whoever may: keep the digests that may be signed, put the contents on air, plan; returns what was
        planned. All in the caller's transaction."""
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
        before = {"state": change.state.value}
        # Nobody makes an author listen who is alone at their station; whether they did is kept, and shown.
        heard = {"listened": has_heard(unit, by.id, clips_to_hear(change))} if one_person else {}
        self.room.record(unit, by, "change.approve", f"change:{change.id}", before, {**told(decided), **heard})
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
