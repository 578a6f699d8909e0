"""What a proposal is made of: the contents it would put on air, the schedules it touches, what only takes away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from controller.desk.checks import Checks, check
from controller.desk.refusal import Refusal, forbidden
from controller.desk.scope import scope_of
from controller.desk.sight import heard_in, sees_bulletin
from controller.desk.values import Person
from controller.language import n_
from controller.locality import Locality
from controller.proof import played_by
from controller.rights import Operation, may
from controller.store.changes import Change, ChangeState, Item, content_json, item_json
from controller.store.unit import Unit
from controller.store.values import Bulletin, Content
from protocol.canonical import canonical, sha256_hex
from schedules.less import plays_less
from schedules.model import BulletinState, Priority, Schedule
from schedules.units import AreaId, BulletinId, ScheduleId, UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms

AT_ONCE_MS = 5_000
"""Between an approval and the first sound of what was to begin at once."""


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


def refuse_silent(unit: Unit, contents: Collection[BulletinId]) -> None:
    """Refusal when one of them is off the air: what only takes away must not put it there unapproved."""
    if not unit.bulletins.on_air(contents).keys() >= set(contents):
        raise Refusal(
            "withdrawn", n_("Bản tin của lịch này đã thu hồi, không còn lượt phát nào để bỏ."), status=409
        )  # fmt: skip


def newly_played(items: Sequence[Item]) -> frozenset[BulletinId]:
    """What some schedule of the items plays that it did not play before."""
    return frozenset(
        each
        for item in items
        if item.after is not None
        for each in played_by(item.after)
        if item.before is None or each not in played_by(item.before)
    )


def require_seen(unit: Unit, places: Locality, by: Person, bulletins: Collection[BulletinId]) -> None:
    """Raise Refusal `forbidden` when `by` would have something played that they may not even see."""
    scope = scope_of(by, places)
    if not all(sees_bulletin(unit, scope, by, known_bulletin(unit, each)) for each in bulletins):
        raise forbidden()


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


def playing(unit: Unit, bulletins: Collection[BulletinId], now: UtcMs) -> tuple[Schedule, ...]:
    """The schedules that nobody ended and that play any of `bulletins` from `now`, in the order they were made."""
    ids = unit.approvals.planned_from(now)
    known = unit.broadcasts.schedules(ids)
    return tuple(known[each] for each in ids if each in known and not set(bulletins).isdisjoint(played_by(known[each])))


def with_kept(unit: Unit, items: Sequence[Item], contents: dict[BulletinId, Content], now: UtcMs) -> tuple[Item, ...]:
    """The items, and every other schedule that plays a bulletin whose content changes with them.

    Adds to `contents` what else those play.
    """
    on_air = unit.bulletins.on_air(contents)
    changed = [bulletin for bulletin, content in contents.items() if on_air.get(bulletin) not in (None, content)]
    named = {item.schedule for item in items}
    kept = [each for each in (playing(unit, changed, now) if changed else ()) if each.id not in named]
    missing = {bulletin for each in kept for bulletin in played_by(each)} - contents.keys()
    contents.update(unit.bulletins.on_air(missing))
    return (*items, *(Item(each.id, each, each) for each in kept))


def look(
    unit: Unit, places: Locality, items: Sequence[Item], contents: Mapping[BulletinId, Content], now: UtcMs
) -> Checks:
    """Conflicts, guard rails and the night of what the items bring; an emergency is bound by no rail."""
    after = [item.after for item in items if item.after is not None and item.after.priority is not Priority.EMERGENCY]
    gone = [item.schedule for item in items if item.before is not None]
    return check(unit, places, after, gone, now, contents=contents)


def waiting_items(unit: Unit, bulletin: BulletinId, now: UtcMs) -> tuple[Item, ...]:
    """What was proposed before the bulletin was edited, or was rejected last, and can still be: neither there yet,
    nor taken back, nor past."""
    changes = unit.approvals.of_bulletin(bulletin)
    newest = [change for change in changes[:1] if change.state is ChangeState.REJECTED]
    found: dict[ScheduleId, Item] = {}
    for change in (*newest, *(each for each in changes if each.state is ChangeState.SUPERSEDED)):
        for item in change.items:
            possible = item.before != item.after and unit.broadcasts.schedule(item.schedule) == item.before
            if possible and not is_past(item, now):
                found.setdefault(item.schedule, item)
    return tuple(found.values())


def is_past(item: Item, now: UtcMs) -> bool:
    """Whether something that was to be heard once should have been heard already."""
    after = item.after
    if after is None or item.at_once or after == item.before or after.rrule or after.moved or after.times:
        return False
    return utc_ms(localise(after.local_start, after.time_zone)) <= now


def change_digest(items: Sequence[Item], contents: Mapping[BulletinId, Content]) -> str:
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
    return bool(items) and all(takes_away(item) for item in items)


def takes_away(item: Item) -> bool:
    """Whether it ends a schedule, be it from some occurrence on, or skips occurrences, and nothing else."""
    if item.before is None or item.after is None:
        return item.after is None
    return plays_less(item.before, item.after)


def places_heard(places: Locality, bulletin: Bulletin, items: Sequence[Item]) -> frozenset[AreaId]:
    """Where one must have the right: wherever the items are heard; with no items, where the bulletin belongs."""
    targets = [each.targets for item in items for each in (item.before, item.after) if each is not None]
    areas = frozenset(area for each in targets for area in heard_in(places, each))
    return areas or (frozenset() if bulletin.area is None else places.heirs(bulletin.area))


def may_alone(places: Locality, areas: frozenset[AreaId], by: Person) -> bool:
    """Whether an author may approve it: allowed to in all of `areas`, and each of them is a one-person station."""
    known = [area for area in areas if area in places.tree.areas]
    one_person = bool(known) and all(places.settings(area).one_person_station for area in known)
    return one_person and may(by.grants, Operation.APPROVE, areas, places.tree)


def timed(item: Item, now: UtcMs) -> Item:
    """What was to begin at once begins now."""
    if not item.at_once or item.after is None:
        return item
    start = from_utc_ms(UtcMs(now + AT_ONCE_MS), "UTC").replace(tzinfo=None)
    after: Schedule = replace(item.after, local_start=start, time_zone="UTC")
    return replace(item, after=after)


def settle_state(unit: Unit, contents: Mapping[BulletinId, Content], state: BulletinState) -> None:
    """Say `state` of each bulletin whose written content is among `contents` and not on air already."""
    on_air = unit.bulletins.on_air(list(contents))
    for bulletin, content in contents.items():
        if on_air.get(bulletin) != content and unit.bulletins.written(bulletin) == content:
            unit.bulletins.set_state(bulletin, state)
