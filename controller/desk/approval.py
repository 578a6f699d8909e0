"""Deciding on a change: approve, reject, take back, confirm what sounds at night. Each call is one unit of work."""

from dataclasses import replace

from controller.desk.changes import Changes, Proposed
from controller.desk.clashes import refuse_breaches
from controller.desk.composing import check_characters
from controller.desk.listening import clips_to_hear, has_heard
from controller.desk.proposals import (
    is_past,
    known_bulletin,
    look,
    may_alone,
    places_heard,
    playing,
    refuse_stale,
    settle_state,
    with_kept,
)
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.values import Person
from controller.language import n_
from controller.locality import Locality
from controller.rights import Operation, allows, may
from controller.store.changes import Change, ChangeState, Item
from controller.store.unit import Unit
from controller.store.values import Bulletin, ChangeId
from schedules.model import BulletinState
from schedules.units import AreaId, BulletinId, UtcMs

MAX_REASON = 2_000


class Approval:
    def __init__(self, room: Room) -> None:
        self._room = room

    def approve(self, change: ChangeId, digest: str, by: Person) -> Proposed:
        """Put the change on air, if it is still what its page showed (`digest`) and `by` may, now."""
        with self._room.store.write() as unit:
            found, by = waiting(unit, change), held_now(unit, by)
            places, now = self._room.places(unit), self._room.now()
            areas = areas_of(unit, places, found)
            if not may(by.grants, Operation.APPROVE, areas, places.tree):
                raise forbidden()
            if digest != found.digest:
                raise stale()
            found = current(unit, found, now)
            refuse_past(found, now)
            checks = look(unit, places, found.items, found.contents, now)
            refuse_breaches(checks, places)
            if by.username in authors_of(unit, found) and not may_alone(places, areas, by):
                raise Refusal(
                    "own-work",
                    n_("Bạn là người soạn nên không tự duyệt được. Hãy nhờ người duyệt khác."),
                    status=403,
                )
            self._refuse_unheard(unit, found, by)
            if checks.night:
                self._refuse_night(unit, found, by)
            return Proposed(found.id, ChangeState.APPROVED, Changes(self._room).put_on_air(unit, found, by, now))

    @staticmethod
    def _refuse_unheard(unit: Unit, change: Change, by: Person) -> None:
        if not has_heard(unit, by.id, clips_to_hear(change)):
            raise Refusal(
                "not-listened", n_("Hãy nghe hết bản tin trước khi duyệt: người duyệt phải nghe đúng bản sẽ phát."),
                status=409,
            )  # fmt: skip

    @staticmethod
    def _refuse_night(unit: Unit, change: Change, by: Person) -> None:
        if by.username in authors_of(unit, change) and not change.confirmed_by:
            raise Refusal(
                "night",
                n_("Lịch này phát trong khoảng 21:00–05:00 nên cần người thứ hai xác nhận. Hãy nhờ người duyệt khác."),
                status=409,
            )

    def confirm_night(self, change: ChangeId, digest: str, by: Person) -> None:
        """A second person says that it may sound between 21:00 and 05:00."""
        with self._room.store.write() as unit:
            found, by = waiting(unit, change), held_now(unit, by)
            places = self._room.places(unit)
            if not may(by.grants, Operation.APPROVE, areas_of(unit, places, found), places.tree):
                raise forbidden()
            if by.username in authors_of(unit, found):
                raise Refusal("own-work", n_("Phải là người khác xác nhận, không phải người soạn."), status=403)
            if digest != found.digest:
                raise stale()
            if found.night and not found.confirmed_by:
                now = self._room.now()
                unit.approvals.put(replace(found, confirmed_by=by.username, confirmed=now))
                self._room.record(
                    unit, by, "change.confirm_night", f"change:{change}", None, {"confirmed_by": by.username}
                )
                unit.changed("changes", f"bulletin:{found.bulletin}")

    def reject(self, change: ChangeId, reason: str, by: Person) -> None:
        """Send it back to its author, with the reason."""
        with self._room.store.write() as unit:
            found, by = waiting(unit, change), held_now(unit, by)
            places = self._room.places(unit)
            if not may(by.grants, Operation.APPROVE, areas_of(unit, places, found), places.tree):
                raise forbidden()
            self._close(unit, found, ChangeState.REJECTED, checked_reason(reason), by, "change.reject")
            settle_state(unit, found.contents, BulletinState.REJECTED)

    def take_back(self, change: ChangeId, by: Person) -> None:
        """Before anybody decided: by its author, or by who may approve it. Nothing that is on air changes."""
        with self._room.store.write() as unit:
            found = waiting(unit, change)
            places = self._room.places(unit)
            own = by.username == found.made_by
            if not own and not may(by.grants, Operation.APPROVE, areas_of(unit, places, found), places.tree):
                raise forbidden()
            self._close(unit, found, ChangeState.WITHDRAWN, "", by, "change.withdraw")
            settle_state(unit, found.contents, BulletinState.DRAFT)

    def _close(
        self, unit: Unit, change: Change, state: ChangeState, reason: str, by: Person, action: str
    ) -> None:  # fmt: skip
        now = self._room.now()
        unit.approvals.put(replace(change, state=state, reason=reason, decided_by=by.username, decided=now))
        after = {"state": state.value, **({"reason": reason} if reason else {})}
        self._room.record(unit, by, action, f"change:{change.id}", {"state": change.state.value}, after)
        unit.changed("changes", f"bulletin:{change.bulletin}")

    def withdraw(self, bulletin: BulletinId, reason: str, by: Person) -> None:
        """Take the bulletin off the air: its schedules end, what plays now stops, nothing of it waits any more."""
        with self._room.store.write() as unit:
            known, by = known_bulletin(unit, bulletin), held_now(unit, by)
            places, now = self._room.places(unit), self._room.now()
            if not may_withdraw(unit, places, by, known, now):
                raise forbidden()
            if known.state is BulletinState.WITHDRAWN:
                return
            told = checked_reason(reason)
            Withdrawing(self._room, unit, by, now).bulletin(bulletin)
            self._room.record(
                unit, by, "bulletin.withdraw", f"bulletin:{bulletin}", {"state": known.state.value},
                {"state": BulletinState.WITHDRAWN.value, "reason": told},
            )  # fmt: skip
            unit.changed("changes", f"bulletin:{bulletin}", "day")


def may_withdraw(unit: Unit, places: Locality, by: Person, bulletin: Bulletin, now: UtcMs) -> bool:
    """Who may approve wherever it is heard; its author while nothing plays it."""
    own = bulletin.made_by == by.username
    if not own and not allows(by.grants, Operation.APPROVE):
        return False
    live = playing(unit, [bulletin.id], now)
    if own and not live:
        return True
    areas = places_heard(places, bulletin, [Item(each.id, each, None) for each in live])
    return may(by.grants, Operation.APPROVE, areas, places.tree)


class Withdrawing:
    """One bulletin's way off the air, inside one unit of work."""

    def __init__(self, room: Room, unit: Unit, by: Person, now: UtcMs) -> None:
        self._room, self._unit, self._by, self._now = room, unit, by, now

    def bulletin(self, bulletin: BulletinId) -> None:
        unit = self._unit
        for change in unit.approvals.of_bulletin(bulletin):
            if change.state in (ChangeState.PENDING, ChangeState.SUPERSEDED):
                closed = replace(change, state=ChangeState.WITHDRAWN, decided_by=self._by.username, decided=self._now)
                unit.approvals.put(closed)
        for schedule in (each for each in playing(unit, [bulletin], self._now) if each.bulletin == bulletin):
            self._room.planner.end_schedule(unit, schedule.id, self._by.username, self._now)
        unit.approvals.forbid(each.id for each in unit.broadcasts.schedules_of(bulletin))
        for broadcast in unit.broadcasts.live(self._now):
            if broadcast.bulletin == bulletin and not broadcast.cancelled:
                self._room.planner.take_back(unit, broadcast.id, self._by.username, self._now, stopped=True)
        self._skip_where_it_replaces(bulletin)
        unit.bulletins.put_on_air(bulletin, None)
        unit.bulletins.set_state(bulletin, BulletinState.WITHDRAWN)

    def _skip_where_it_replaces(self, bulletin: BulletinId) -> None:
        """Other schedules play it once instead of their own: those times nothing is played."""
        for schedule in playing(self._unit, [bulletin], self._now):
            gone = frozenset(original for original, other in schedule.replaced if other == bulletin)
            if gone and schedule.bulletin != bulletin:
                kept = tuple(each for each in schedule.replaced if each[1] != bulletin)
                after = replace(schedule, exceptions=schedule.exceptions | gone, replaced=kept)
                item = Item(schedule.id, schedule, after)
                Changes(self._room).take_away_in(self._unit, schedule.bulletin, item, self._by)


def known_change(unit: Unit, change: ChangeId) -> Change:
    """The change; Refusal when there is none."""
    found = unit.approvals.change(change)
    if found is None:
        raise Refusal("unknown-change", n_("Không có đề nghị này. Hãy tải lại danh sách chờ duyệt."), status=404)
    return found


def waiting(unit: Unit, change: ChangeId) -> Change:
    """The change that nobody has decided on; Refusal otherwise."""
    found = known_change(unit, change)
    if found.state is ChangeState.SUPERSEDED:
        raise stale()
    if found.state is not ChangeState.PENDING:
        raise Refusal(
            "decided", n_("Đề nghị này đã được xử lý. Hãy tải lại trang để xem kết quả."), status=409
        )  # fmt: skip
    return found


def stale() -> Refusal:
    return Refusal(
        "stale",
        n_("Nội dung hoặc lịch đã thay đổi sau khi trang này được mở. Hãy tải lại trang, xem phần thay đổi rồi duyệt."),
        status=409,
    )


def held_now(unit: Unit, by: Person) -> Person:
    """The person with the rights they hold at this moment; Refusal when they were disabled."""
    user = unit.people.by_id(by.id)
    if user is None or user.disabled:
        raise forbidden()
    return replace(by, grants=unit.people.grants(by.id))


def areas_of(unit: Unit, places: Locality, change: Change) -> frozenset[AreaId]:
    return places_heard(places, known_bulletin(unit, change.bulletin), change.items)


def authors_of(unit: Unit, change: Change) -> frozenset[str]:
    """Who may not approve it: who proposed it, and who wrote what of it is not on air already."""
    on_air = unit.bulletins.on_air(list(change.contents))
    found = {change.made_by}
    for bulletin, content in change.contents.items():
        if on_air.get(bulletin) != content:
            found |= {known_bulletin(unit, bulletin).made_by, *unit.approvals.editors(bulletin)}
    return frozenset(found)


def current(unit: Unit, change: Change, now: UtcMs) -> Change:
    """The change against what stands now; Refusal `stale` when it is about something else than what stands.

    A schedule that was only kept and has ended meanwhile is left out.
    """
    items = tuple(item for item in change.items if not _ended_meanwhile(unit, item))
    refuse_stale(unit, items)
    on_air = unit.bulletins.on_air(list(change.contents))
    for bulletin, content in change.contents.items():
        if content != on_air.get(bulletin) and content != unit.bulletins.written(bulletin):
            raise stale()
    if len(with_kept(unit, items, dict(change.contents), now)) != len(items):
        raise Refusal(
            "stale",
            n_("Sau khi gửi duyệt đã có thêm lịch phát bản tin này. Người soạn cần gửi duyệt lại để bạn thấy đủ."),
            status=409,
        )
    return replace(change, items=items)


def _ended_meanwhile(unit: Unit, item: Item) -> bool:
    return (
        item.before is not None
        and item.before == item.after
        and unit.broadcasts.schedule_ended(item.schedule) is not None
    )


def refuse_past(change: Change, now: UtcMs) -> None:
    """Refusal when something that was to be heard once should have been heard already."""
    for item in change.items:
        if item.after is not None and is_past(item, now):
            raise Refusal(
                "past-time",
                n_("Giờ phát %(at)s đã qua trước khi được duyệt. Hãy từ chối để người soạn chọn giờ khác."),
                status=409,
                params={"at": f"{item.after.local_start:%H:%M %d/%m/%Y}"},
            )


def checked_reason(reason: str) -> str:
    check_characters(reason, "reason")
    told = reason.strip()
    if not told:
        raise Refusal("no-reason", n_("Chưa có lý do. Hãy ghi lý do để người soạn biết cần làm gì."), field="reason")
    if len(told) > MAX_REASON:
        raise Refusal("reason-too-long", n_("Lý do quá dài. Hãy rút gọn."), field="reason")
    return told
