"""One series: its occurrences, and editing one, this and the following, or all of them; shown before it is saved.

Every call is one unit of work. What is saved is edited and checked anew in the transaction that proposes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from controller.desk.changes import Changes, Proposed
from controller.desk.checks import Checks, check
from controller.desk.clashes import clashes_of, refuse_breaches, tonight_words
from controller.desk.happening import DAY_MS, Effect, Occasion, effect_of, occasions_of
from controller.desk.making_way import making_way, way_words
from controller.desk.next_starts import SHOWN_STARTS, next_starts
from controller.desk.orders import content_of, refuse_loud, schedule_of, speakers_of, zone_of_targets
from controller.desk.proposals import is_less
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.schedules import known_schedule, schedule_view
from controller.desk.scope import scope_of
from controller.desk.sentences import schedule_words
from controller.desk.sight import require_heard, sees_bulletin, sees_targets
from controller.desk.timetable import checked, goes_at_once
from controller.desk.values import Clash, NewSchedule, Person, ScheduleView, WhenKind
from controller.desk.whens import YEARS
from controller.ids import new_id
from controller.language import n_
from controller.locality import Locality
from controller.rights import Operation
from controller.store.changes import Change, ChangeState, Item
from controller.store.series import schedule_json
from controller.store.unit import Unit
from protocol.canonical import canonical, sha256_hex
from schedules.conflicts import behind
from schedules.edits import CannotEdit, Edit, Move, Replace, Revise, Scope, Skip, WhyNot, edit
from schedules.model import Priority, Schedule
from schedules.recurrence import first_original, is_original
from schedules.units import AreaId, BulletinId, ScheduleId, UtcMs
from schedules.wall import localise, utc_ms

MOST_BY_HAND = 2_000
"""Exceptions, moves and replacements that one series may carry."""


class Action(StrEnum):
    SKIP = "skip"
    MOVE = "move"
    REPLACE = "replace"
    REVISE = "revise"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants changed. `original` None: the first of the series. `basis`: what the series was when its
    page was shown ("" where nobody was shown it)."""

    action: Action
    original: datetime | None = None
    scope: Scope = Scope.ALL
    start: datetime | None = None
    """move: the new local start."""
    bulletin: BulletinId | None = None
    """replace: what is played."""
    new: NewSchedule | None = None
    """revise: what the whole form says."""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a series says, and its time in words ("" where it cannot be read any more)."""

    schedule: Schedule
    title: str
    words: str
    basis: str


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series with what it brings in the next weeks, and what waits to be approved."""

    about: ScheduleView
    schedule: Schedule
    occasions: tuple[Occasion, ...]
    waiting: tuple[Change, ...]
    may_edit: bool
    may_end: bool


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What a wish would do. `after`: the words of each schedule that is left."""

    about: ScheduleView
    before: str
    after: tuple[str, ...]
    effect: Effect
    starts: tuple[datetime, ...]
    """The next of all that is left, at most ten, on the wall clock there."""
    first_tonight: str
    clashes: tuple[Clash, ...]
    night: bool
    basis: str
    at_once: bool = True
    """Saved, it is on air; else it waits for somebody's approval."""
    makes_way: tuple[str, ...] = ()
    """What of other schedules does not happen, for this is played instead."""


class Series:
    def __init__(self, room: Room) -> None:
        self.room = room

    def view(self, schedule: ScheduleId, by: Person) -> SeriesView:
        with self.room.store.read() as unit:
            found, places = self._seen(unit, schedule, by)
            now = self.room.now()
            about = schedule_view(unit, found, places, now)
            waiting = unit.approvals.of_bulletin(found.bulletin)
            return SeriesView(
                about,
                found,
                () if about.ended else occasions_of(unit, found, places, now),
                tuple(each for each in waiting if _waits(each, schedule)),
                self._may(places, found, by, Operation.COMPOSE),
                self._may(places, found, by, Operation.STOP),
            )

    def summary(self, schedule: ScheduleId, by: Person) -> Summary:
        with self.room.store.read() as unit:
            return _summary(unit, self._seen(unit, schedule, by)[0])

    def live(self, by: Person, area: AreaId | None = None) -> tuple[Summary, ...]:
        """The schedules that still bring something and are heard in the places of `by`, or in `area`."""
        with self.room.store.read() as unit:
            scope = scope_of(by, self.room.places(unit), area)
            found = [each for each in unit.broadcasts.live_schedules() if sees_targets(scope, each.targets)]
            return tuple(_summary(unit, each) for each in found)

    def occasion(self, schedule: ScheduleId, original: datetime, by: Person) -> Occasion:
        """One occurrence; Refusal when the series has none there."""
        with self.room.store.read() as unit:
            found, places = self._seen(unit, schedule, by)
            if original.year not in YEARS or not is_original(found, original):
                raise no_occurrence()
            at = dict(found.moved).get(original, original)
            begin = utc_ms(localise(at, found.time_zone))
            near = occasions_of(unit, found, places, UtcMs(begin - 1), DAY_MS)
        return next((each for each in near if each.original == original), Occasion(original, begin, "", gone=True))

    def preview(self, schedule: ScheduleId, wish: Wish, by: Person) -> EditPreview:
        """What saving it would change; stores nothing. Raises Refusal."""
        with self.room.store.read() as unit:
            before, items, places = self._edited(unit, schedule, wish, by)
            after = [item.after for item in items if item.after is not None]
            about = schedule_view(unit, before, places, self.room.now())
            effect = effect_of(unit, items, places, self.room.now())
            # Taking away is never refused for what is left, but what sounds tonight is told all the same.
            looked = check(unit, places, after, [schedule], self.room.now()) if after else None
            checks = looked if _plays_more(wish) else None
            if checks is not None:
                refuse_breaches(checks, places)
            checks, way = self._making_way(unit, places, items, wish, checks)
            whole = (*items, *way)
            at_once = is_less(whole) or (checks is not None and self._alone(unit, places, before, whole, by, checks))
            clashes = [clash for each in after for clash in clashes_of(checks, each, about.time_zone)] if checks else []
            makes_way = way_words(unit, way)
            now, zone = self.room.now(), about.time_zone
            starts = sorted(at for each in after for at in next_starts(unit, places, each, zone, now))
        tonight = checks or looked
        return EditPreview(
            about=about,
            before=schedule_words(before),
            after=tuple(schedule_words(each) for each in after),
            effect=effect,
            starts=tuple(starts[:SHOWN_STARTS]),
            first_tonight=tonight_words(tonight.first_tonight) if tonight else "",
            clashes=tuple(clashes),
            night=checks.night if checks else False,
            basis=basis_of(before),
            at_once=at_once,
            makes_way=makes_way,
        )

    def _making_way(
        self, unit: Unit, places: Locality, items: Sequence[Item], wish: Wish, checks: Checks | None
    ) -> tuple[Checks | None, tuple[Item, ...]]:
        """What else does not happen because the form says that this is played instead, and the checks after that."""
        own = {item.schedule for item in items}
        instead = [each for each in wish.new.instead if each not in own] if wish.new else []
        way = making_way(unit, checks, instead) if checks is not None and instead else ()
        if not way:
            return checks, ()
        after = [item.after for item in (*items, *way) if item.after is not None]
        return checked(unit, places, after, [item.schedule for item in (*items, *way)], self.room), way

    @staticmethod
    def _alone(
        unit: Unit, places: Locality, before: Schedule, items: Sequence[Item], by: Person, checks: Checks
    ) -> bool:
        bulletin = unit.bulletins.get(before.bulletin)
        return bulletin is not None and goes_at_once(places, bulletin, items, by, checks)

    def save(self, schedule: ScheduleId, wish: Wish, by: Person) -> Proposed:
        """Propose the change; on air at once where one person may do both. Raises Refusal."""
        with self.room.store.write() as unit:
            before, items, places = self._edited(unit, schedule, wish, by)
            after = [item.after for item in items if item.after is not None]
            if _plays_more(wish) and after:
                found = checked(unit, places, after, [schedule], self.room)
                checks, way = self._making_way(unit, places, items, wish, found)
                met = (checks or found).conflicts
                items = (*(replace(item, after=item.after and behind(item.after, met)) for item in items), *way)
            bulletin = after[-1].bulletin if after else before.bulletin
            return Changes(self.room).propose_in(unit, bulletin, items, by)

    def _seen(self, unit: Unit, schedule: ScheduleId, by: Person) -> tuple[Schedule, Locality]:
        found, places = known_schedule(unit, schedule), self.room.places(unit)
        if not sees_targets(scope_of(by, places), found.targets):
            raise forbidden()
        return found, places

    @staticmethod
    def _may(places: Locality, schedule: Schedule, by: Person, operation: Operation) -> bool:
        try:
            require_heard(places, by, operation, schedule.targets)
        except Refusal:
            return False
        return True

    def _edited(
        self, unit: Unit, schedule: ScheduleId, wish: Wish, by: Person
    ) -> tuple[Schedule, tuple[Item, ...], Locality]:
        before, places = self._seen(unit, schedule, by)
        operation = Operation.STOP if wish.action is Action.SKIP else Operation.COMPOSE
        require_heard(places, by, operation, before.targets)
        if unit.broadcasts.schedule_ended(schedule) is not None:
            raise Refusal(
                "schedule-ended", n_("Lịch này đã kết thúc, không sửa được nữa. Hãy lên lịch mới."), status=409
            )
        if wish.basis and wish.basis != basis_of(before):
            raise Refusal(
                "series-changed",
                n_("Lịch này vừa được người khác sửa. Hãy xem lại bản mới rồi sửa tiếp."),
                status=409,
            )
        original = wish.original or first_original(before)
        if original is None or original.tzinfo is not None or original.year not in YEARS:
            raise no_occurrence()
        change = self._change(unit, before, original, wish, by, places)
        items = _items(before, original, wish.scope, change)
        _refuse_crowded(items)
        return before, items, places

    def _change(
        self, unit: Unit, before: Schedule, original: datetime, wish: Wish, by: Person, places: Locality
    ) -> Edit:
        now = self.room.now()
        if wish.scope is Scope.THIS:
            _refuse_past(before, dict(before.moved).get(original, original), now)
        match wish.action:
            case Action.SKIP:
                return Skip()
            case Action.MOVE:
                return Move(_new_start(before, wish, now))
            case Action.REPLACE:
                return Replace(_playable(unit, wish.bulletin, by, places))
            case Action.REVISE:
                return Revise(self._revised(unit, before, wish, by, places, now))

    def _revised(self, unit: Unit, before: Schedule, wish: Wish, by: Person, places: Locality, now: UtcMs) -> Schedule:
        assert wish.new is not None, "a revision says what the form says"
        if wish.new.when.kind is WhenKind.NOW:
            raise Refusal(
                "bad-kind", n_("Lịch đang có không đổi thành “phát ngay” được. Hãy chọn ngày giờ."), field="kind"
            )
        new = replace(wish.new, rule=wish.new.rule or before.rule, bulletin=wish.new.bulletin or before.bulletin)
        if new.priority is Priority.EMERGENCY and (before.priority, before.targets) != (new.priority, new.targets):
            raise Refusal(
                "no-emergency",
                n_("Không sửa lịch thành khẩn cấp hoặc đổi nơi phát khẩn cấp được. Hãy lên lịch mới và xác nhận."),
                field="priority",
            )
        if new.bulletin != before.bulletin:
            _playable(unit, new.bulletin, by, places)
        if new.targets == before.targets:
            speakers = places.addressed(new.targets)
        else:
            speakers = speakers_of(places, new.targets)
            require_heard(places, by, Operation.COMPOSE, new.targets)
        refuse_loud(places, speakers, new.volume)
        zone = before.time_zone if before.time_zone != "UTC" else zone_of_targets(places, new.targets, speakers)
        return replace(schedule_of(new, now, zone), id=before.id)


def _summary(unit: Unit, schedule: Schedule) -> Summary:
    bulletin = unit.bulletins.get(schedule.bulletin)
    try:
        words = schedule_words(schedule)
    except ValueError:
        words = ""
    return Summary(schedule, bulletin.title if bulletin else "", words, basis_of(schedule))


def _waits(change: Change, schedule: ScheduleId) -> bool:
    return change.state is ChangeState.PENDING and any(item.schedule == schedule for item in change.items)


def _plays_more(wish: Wish) -> bool:
    return wish.action is not Action.SKIP


def _items(before: Schedule, original: datetime, scope: Scope, change: Edit) -> tuple[Item, ...]:
    try:
        found = edit(before, original, scope, change, ScheduleId(new_id("sc")))
    except CannotEdit as error:
        raise _cannot(error.why) from error
    items = tuple(Item((each.before or each.after or before).id, each.before, each.after) for each in found)
    if all(item.before == item.after for item in items):
        raise Refusal("nothing-changed", n_("Chưa có gì thay đổi. Hãy sửa giờ, ngày hoặc nơi phát."))
    for item in items:
        if item.after is not None and _empty(item.after):
            raise Refusal(
                "no-occurrence",
                n_("Lịch này không có lượt phát nào. Hãy kiểm tra lại ngày, giờ và ngày kết thúc."),
                field="day",
            )
    return items


def _empty(schedule: Schedule) -> bool:
    return first_original(schedule) is None


def _cannot(why: WhyNot) -> Refusal:
    if why is WhyNot.NO_OCCURRENCE:
        return no_occurrence()
    return Refusal(
        "day-needs-rule",
        n_("Quy tắc của lịch này không cho dời cả loạt sang ngày khác. Hãy mở “Sửa lịch” và chọn lại các ngày."),
        field="start",
    )


def no_occurrence() -> Refusal:
    return Refusal(
        "no-such-occurrence",
        n_("Lịch này không có lượt phát đó, hoặc lượt đó đã bỏ. Hãy chọn lượt khác trong danh sách."),
        status=404,
    )


def _refuse_past(schedule: Schedule, start: datetime, now: UtcMs) -> None:
    if utc_ms(localise(start, schedule.time_zone)) <= now:
        raise Refusal("occurrence-over", n_("Lượt phát này đã bắt đầu hoặc đã qua, không sửa được nữa."), status=409)


def _new_start(schedule: Schedule, wish: Wish, now: UtcMs) -> datetime:
    if wish.start is None:
        raise Refusal("no-start", n_("Chưa chọn ngày giờ mới. Hãy chọn ngày và giờ."), field="start")
    if wish.start.tzinfo is not None or wish.start.year not in YEARS:
        raise Refusal("bad-time", n_("Ngày giờ mới không hợp lệ. Hãy kiểm tra lại ngày và giờ."), field="start")
    if wish.scope is Scope.THIS and utc_ms(localise(wish.start, schedule.time_zone)) <= now:
        raise Refusal("past-time", n_("Ngày giờ mới đã qua. Hãy chọn ngày giờ sau lúc này."), field="start")
    return wish.start


def _playable(unit: Unit, bulletin: BulletinId | None, by: Person, places: Locality) -> BulletinId:
    if bulletin is None or not bulletin:
        raise Refusal("no-bulletin", n_("Chưa chọn bản tin phát thay. Hãy chọn một bản tin."), field="bulletin")
    found = content_of(unit, bulletin)
    if not sees_bulletin(unit, scope_of(by, places), by, found):
        raise forbidden()
    return bulletin


def _refuse_crowded(items: Sequence[Item]) -> None:
    for after in (item.after for item in items if item.after is not None):
        if len(after.exceptions) + len(after.moved) + len(after.replaced) > MOST_BY_HAND:
            raise Refusal(
                "too-much-by-hand",
                n_("Lịch này có quá nhiều lượt sửa riêng. Hãy kết thúc lịch này và lên lịch mới."),
                status=409,
            )


def basis_of(schedule: Schedule) -> str:
    """A short name of exactly what the series says, to notice that somebody changed it meanwhile."""
    return sha256_hex(canonical(schedule_json(schedule)))[:16]
