"""Areas as staff keep them: the tree of a day, what a decision would change, and the decision itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date

from controller.desk.consequences import Consequences, consequences
from controller.desk.reforms import (
    Decision,
    End,
    Limit,
    Make,
    Merge,
    Move,
    Named,
    Rename,
    Split,
    Wish,
    decide,
    last_known,
    periods_json,
    stranded,
)
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.values import Person
from controller.language import n_
from controller.locality import Atlas, atlas, day_start
from controller.rearrange import Rearranged, rearrange
from controller.rights import Operation, may
from controller.store.reforms import Became
from controller.store.unit import Unit
from schedules.areas import AreaTree
from schedules.model import Area, AreaSettings
from schedules.reform import BadReform, Trouble, difference
from schedules.units import AreaId, SpeakerId
from schedules.wall import UnknownZone, local_date, zone_of

MAX_NAME = 120
YEARS = range(1970, 2301)
TROUBLES: Mapping[Trouble, str] = {
    Trouble.UNKNOWN: n_("Ngày %(day)s không có địa bàn %(area)s. Hãy chọn ngày khác hoặc địa bàn khác."),
    Trouble.NO_PARENT: n_(
        "Ngày %(day)s, %(area)s nằm trong %(other)s, mà %(other)s không còn hoặc chưa có. "
        "Hãy chuyển hoặc gộp các địa bàn bên dưới trước."
    ),
    Trouble.CIRCLE: n_("%(area)s không thể nằm trong chính nó. Hãy chọn địa bàn cấp trên khác."),
    Trouble.TOO_EARLY: n_("%(area)s chỉ bắt đầu từ ngày %(day)s hoặc sau đó. Hãy chọn ngày muộn hơn."),
    Trouble.SAME_NAME: n_("Ngày %(day)s có hai địa bàn cùng tên %(area)s ở cùng một nơi. Hãy đặt tên khác."),
    Trouble.NOTHING: n_("Chưa đủ địa bàn. Hãy chọn ít nhất hai."),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The guard rails of an area: its own, those that hold, and which area each one that holds is said by."""

    own: AreaSettings
    held: AreaSettings
    said_by: Mapping[str, Area]


@dataclass(frozen=True, slots=True)
class AreaView:
    """One area on a day, its history, and what became of it."""

    area: Area
    there: bool
    """False: it has ended by that day, or has not begun; `area` is then how it was last."""
    path: tuple[Area, ...]
    """The areas above, the highest first."""
    children: tuple[Area, ...]
    periods: tuple[Area, ...]
    limits: Limits | None
    became: tuple[tuple[Became, str], ...]
    came_from: tuple[tuple[Became, str], ...]
    speakers: tuple[tuple[SpeakerId, str], ...]
    """Those directly in it, by name."""


class Places:
    def __init__(self, room: Room) -> None:
        self._room = room

    def today(self) -> date:
        return local_date(self._room.now(), self._room.zone)

    def atlas(self, by: Person) -> Atlas:
        """Everything about places, for somebody who may see something."""
        with self._room.store.read() as unit:
            return atlas(unit, self._room.zone)

    def view(self, area: AreaId, day: date, by: Person) -> AreaView:
        with self._room.store.read() as unit:
            places, became = atlas(unit, self._room.zone), unit.reforms.successors()
            self._require(unit, places, by, Operation.SEE, [area])
        known = last_known(places, area, day)
        if known is None:
            raise unknown_area()
        at = places.at(day_start(_checked(day), self._room.zone))
        there = area in at.tree.areas
        inside = sorted((places.speakers[s].name, s) for s, where in at.where.items() if where == area)

        def name_of(other: AreaId) -> str:
            found = last_known(places, other, day)
            return found.full_name if found else other

        return AreaView(
            area=at.tree.areas[area] if there else known,
            there=there,
            path=tuple(at.tree.areas[each] for each in reversed(at.tree.ancestors(area))) if there else (),
            children=tuple(at.tree.areas[each] for each in at.tree.children.get(area, ())) if there else (),
            periods=tuple(period for period in places.areas if period.id == area),
            limits=limits(at.tree, area) if there else None,
            became=tuple((each, name_of(each.successor)) for each in became if each.area == area),
            came_from=tuple((each, name_of(each.area)) for each in became if each.successor == area),
            speakers=tuple((speaker, name) for name, speaker in inside),
        )

    def consider(self, wish: Wish, by: Person) -> Consequences:
        """What the wish would change; nothing is stored. Raises Refusal."""
        with self._room.store.read() as unit:
            places, decision = self._decide(unit, wish, by)
            after = _after(places, decision)
            return consequences(unit, places, after, decision, wish.day, self._room.now())

    def carry_out(self, wish: Wish, by: Person) -> Rearranged:
        """Do it; boxes and coming broadcasts follow. Raises Refusal, and then nothing has changed."""
        with self._room.store.write() as unit:
            places, decision = self._decide(unit, wish, by)
            return self.keep(unit, places, decision, by, f"area.{type(wish).__name__.lower()}", subject_of(wish))

    def keep(self, unit: Unit, places: Atlas, decision: Decision, by: Person, action: str, subject: str) -> Rearranged:
        """Store a decision that has been checked, in the caller's transaction."""
        now = self._room.now()
        put, gone = difference(places.areas, decision.periods)
        unit.reforms.put_periods(put, gone, now, by.username)
        unit.reforms.put_members(places.members, decision.members)
        unit.reforms.add_successors(decision.became)
        keys = {(each.id, each.valid_from) for each in (*put, *gone)}
        before = [each for each in places.areas if (each.id, each.valid_from) in keys]
        self._room.record(unit, by, action, subject, periods_json(before), periods_json(put))
        return rearrange(unit, self._room.planner, places, by.username, now)

    def _decide(self, unit: Unit, wish: Wish, by: Person) -> tuple[Atlas, Decision]:
        places = atlas(unit, self._room.zone)
        self._require(unit, places, by, Operation.ARRANGE, _concerned(wish))
        _check(wish)
        return places, checked_decision(wish, places)

    def _require(
        self, unit: Unit, places: Atlas, by: Person, operation: Operation, areas: Iterable[AreaId | None]
    ) -> None:
        """Raise Refusal unless `by` may do it in all of `areas` (None: everywhere), in today's tree.

        An area that is not of today counts as the nearest of today above it.
        """
        tree = places.tree(self._room.now())
        today = [nearest_of_today(places, tree, each) for each in areas]
        named = [] if None in today else [each for each in today if each is not None]
        if not may(by.grants, operation, named, tree):
            raise forbidden()


def nearest_of_today(places: Atlas, tree: AreaTree, area: AreaId | None) -> AreaId | None:
    seen: set[AreaId] = set()
    while area is not None and area not in tree.areas and area not in seen:
        seen.add(area)
        area = next((each.parent for each in reversed(places.areas) if each.id == area), None)
    return area if area in tree.areas else None


def named_area(places: Atlas, area: AreaId) -> str:
    """Its full name as it is or was last; its id when there never was one."""
    found = last_known(places, area, date.max)
    return found.full_name if found else area


def unknown_area() -> Refusal:
    return Refusal("unknown-area", n_("Không có địa bàn này. Hãy tải lại trang và chọn lại."), status=404)


def limits(tree: AreaTree, area: AreaId) -> Limits:
    """What holds in the area, and whose word each of it is."""
    chain = (area, *tree.ancestors(area))
    said_by = {
        each.name: next(
            (tree.areas[one] for one in chain if getattr(tree.areas[one].settings, each.name) is not None),
            tree.areas[area],
        )
        for each in fields(AreaSettings)
    }
    return Limits(tree.areas[area].settings, tree.settings(area), said_by)


def checked_decision(wish: Wish, places: Atlas) -> Decision:
    """`decide`, with every reason against it as a Refusal."""
    try:
        decision = decide(wish, places)
    except BadReform as bad:
        raise Refusal("bad-reform", TROUBLES[bad.trouble], field="day", params=_named(places, bad)) from bad
    left = stranded(_after(places, decision), wish.day)
    if left:
        speaker, area = min(left.items())
        found = last_known(places, area, wish.day)
        raise Refusal(
            "speakers-left",
            n_(
                "%(count)s cụm loa (ví dụ %(speaker)s) vẫn ở %(area)s, mà địa bàn này không còn. "
                "Hãy chuyển cụm loa, hoặc gộp hay tách địa bàn, trước."
            ),
            field="day",
            params={
                "count": len(left),
                "speaker": places.speakers[speaker].name,
                "area": found.full_name if found else area,
            },
        )
    return decision


def _after(places: Atlas, decision: Decision) -> Atlas:
    speakers, groups = places.speakers.values(), places.groups.values()
    return Atlas(decision.periods, speakers, decision.members, groups, places.zone)


def _named(places: Atlas, bad: BadReform) -> dict[str, object]:
    def name(area: str) -> str:
        found = last_known(places, AreaId(area), bad.day)
        return found.full_name if found else area

    return {"area": name(bad.area), "other": name(bad.other), "day": f"{bad.day:%d/%m/%Y}"}


def _checked(day: date) -> date:
    if day.year not in YEARS:
        raise Refusal("bad-day", n_("Ngày không hợp lệ. Hãy chọn ngày từ năm 1970 đến năm 2300."), field="day")
    return day


def _check(wish: Wish) -> None:
    _checked(wish.day)
    match wish:
        case Make(_, named) | Rename(_, named):
            check_name(named)
        case Merge(named=named) if named is not None:
            check_name(named)
        case Split(pieces=pieces):
            for piece in pieces:
                check_name(piece.named)
        case Limit(settings=settings):
            check_settings(settings)


def check_name(named: Named) -> None:
    """Refusal for what no sign and no table can carry."""
    for text, field in ((named.name, "name"), (named.kind, "kind"), (named.code, "code")):
        if len(text) > MAX_NAME:
            raise Refusal(
                "name-too-long",
                n_("Tên dài hơn %(limit)s ký tự. Hãy rút gọn."),
                field=field,
                params={"limit": MAX_NAME},
            )
        if not text.isprintable() or (text[:1] in "=+-@" and text):
            raise Refusal(
                "bad-name",
                n_("Tên không được có ký tự lạ và không được bắt đầu bằng = + - @. Hãy gõ lại."),
                field=field,
            )
    if not named.name.strip():
        raise Refusal("no-name", n_("Chưa có tên. Hãy nhập tên."), field="name")


def check_settings(settings: AreaSettings) -> None:
    """Refusal for limits that mean nothing."""
    if settings.time_zone is not None:
        try:
            zone_of(settings.time_zone)
        except UnknownZone as bad:
            raise Refusal(
                "unknown-zone",
                n_("Không có múi giờ %(zone)s. Hãy ghi như Asia/Ho_Chi_Minh."),
                field="time_zone",
                params={"zone": bad.name},
            ) from bad
    if any(hours.begin == hours.end for hours in settings.quiet_hours or ()):
        raise Refusal("bad-quiet-hours", n_("Giờ yên tĩnh phải có lúc bắt đầu khác lúc kết thúc."), field="quiet_hours")
    if settings.volume_max_percent is not None and not 0 <= settings.volume_max_percent <= 100:
        raise Refusal("bad-volume", n_("Âm lượng lớn nhất là một số từ 0 đến 100."), field="volume_max_percent")
    for name, longest in (("session_cap", 86_400_000), ("daily_cap", 86_400_000)):
        value = getattr(settings, name)
        if value is not None and not 0 < value <= longest:
            raise Refusal("bad-cap", n_("Số phút tối đa là một số từ 1 đến 1440."), field=name)
    if settings.weekdays is not None and (not settings.weekdays or not set(settings.weekdays) <= set(range(7))):
        raise Refusal("no-weekday", n_("Hãy chọn ít nhất một ngày trong tuần được phát."), field="weekdays")


def _concerned(wish: Wish) -> tuple[AreaId | None, ...]:
    match wish:
        case Make(parent=parent):
            return (parent,)
        case Rename(area=area) | Limit(area=area) | Split(area=area) | End(area=area):
            return (area,)
        case Move(area=area, parent=parent):
            return (area, parent)
        case Merge(parts=parts, into=into, named=named, parent=parent):
            return (*parts, parent if named is not None else into)


def subject_of(wish: Wish) -> str:
    match wish:
        case Make(id=area) | Merge(into=area):
            return f"area:{area}"
        case Rename(area=area) | Limit(area=area) | Split(area=area) | End(area=area) | Move(area=area):
            return f"area:{area}"
