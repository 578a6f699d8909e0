"""The JSON shapes of places in API v1: areas with their history and limits, decisions about them, groups, holidays."""

from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from controller.desk.consequences import Consequences
from controller.desk.holidays import HolidayLine
from controller.desk.place_sheet import Table
from controller.desk.places import AreaView
from controller.desk.reforms import End, Limit, Make, Merge, Move, Named, Piece, Rename, Split, Wish
from controller.desk.speakers import SpeakerCard
from controller.ids import new_id
from controller.language import _
from controller.store.values import Group
from controller.web.api.shapes import In
from schedules.model import Area, AreaSettings, QuietHours, VolumeHours
from schedules.units import AreaId, DurationMs, Percent, SpeakerId

Text = Annotated[str, Field(max_length=500)]


class QuietHoursShape(In):
    """Local times HH:MM; `begin` after `end` crosses midnight."""

    begin: time
    end: time


class VolumeHoursShape(In):
    """Local times HH:MM; `begin` not before `end` crosses midnight. What is louder than `most` is turned down."""

    begin: time
    end: time
    most: Annotated[int, Field(ge=0, le=100)]

    @classmethod
    def of(cls, hours: VolumeHours) -> Self:
        return cls(begin=hours.begin, end=hours.end, most=hours.most)

    def value(self) -> VolumeHours:
        return VolumeHours(_local(self.begin), _local(self.end), Percent(self.most))


class SettingsShape(In):
    """Guard rails. null: as in the area above. `weekdays`: 0 = Monday."""

    time_zone: Text | None = None
    quiet_hours: Annotated[list[QuietHoursShape], Field(max_length=20)] | None = None
    volume_max_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    volume_hours: Annotated[list[VolumeHoursShape], Field(max_length=20)] | None = None
    session_cap_ms: Annotated[int, Field(ge=1, le=86_400_000)] | None = None
    daily_cap_ms: Annotated[int, Field(ge=1, le=86_400_000)] | None = None
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] | None = None
    night_allowed: bool | None = None
    one_person_station: bool | None = None

    @classmethod
    def of(cls, settings: AreaSettings) -> Self:
        hours, louder = settings.quiet_hours, settings.volume_hours
        return cls(
            time_zone=settings.time_zone,
            quiet_hours=None if hours is None else [QuietHoursShape(begin=h.begin, end=h.end) for h in hours],
            volume_max_percent=settings.volume_max_percent,
            volume_hours=None if louder is None else [VolumeHoursShape.of(each) for each in louder],
            session_cap_ms=settings.session_cap,
            daily_cap_ms=settings.daily_cap,
            weekdays=None if settings.weekdays is None else list(settings.weekdays),
            night_allowed=settings.night_allowed,
            one_person_station=settings.one_person_station,
        )

    def value(self) -> AreaSettings:
        hours, louder = self.quiet_hours, self.volume_hours
        return AreaSettings(
            time_zone=self.time_zone,
            quiet_hours=None if hours is None else tuple(QuietHours(_local(h.begin), _local(h.end)) for h in hours),
            volume_max_percent=None if self.volume_max_percent is None else Percent(self.volume_max_percent),
            volume_hours=None if louder is None else tuple(each.value() for each in louder),
            session_cap=None if self.session_cap_ms is None else DurationMs(self.session_cap_ms),
            daily_cap=None if self.daily_cap_ms is None else DurationMs(self.daily_cap_ms),
            weekdays=None if self.weekdays is None else tuple(sorted(set(self.weekdays))),
            night_allowed=self.night_allowed,
            one_person_station=self.one_person_station,
        )


def _local(given: time) -> time:
    return given.replace(second=0, microsecond=0, tzinfo=None)


class Period(BaseModel):
    """How an area is from a day up to but not including another."""

    valid_from: date
    valid_until: date | None
    parent: str | None
    name: str
    kind: str
    full_name: str
    code: str
    settings: SettingsShape

    @classmethod
    def of(cls, area: Area) -> Self:
        return cls(
            valid_from=area.valid_from,
            valid_until=area.valid_until,
            parent=area.parent,
            name=area.name,
            kind=area.kind,
            full_name=area.full_name,
            code=area.code,
            settings=SettingsShape.of(area.settings),
        )


class Heir(BaseModel):
    area: str
    name: str
    day: date


class AreaDetail(BaseModel):
    """An area on a day. `there`: false when it has ended by then or has not begun; `now` is how it was last.
    `said_by`: which area's word each limit that holds is."""

    id: str
    there: bool
    now: Period
    periods: list[Period]
    ancestors: list[str]
    children: list[str]
    speakers: list[str]
    held: SettingsShape | None
    said_by: dict[str, str]
    became: list[Heir]
    came_from: list[Heir]

    @classmethod
    def of(cls, view: AreaView) -> Self:
        limits = view.limits
        return cls(
            id=view.area.id,
            there=view.there,
            now=Period.of(view.area),
            periods=[Period.of(period) for period in view.periods],
            ancestors=[area.id for area in view.path],
            children=[area.id for area in view.children],
            speakers=[speaker for speaker, _name in view.speakers],
            held=SettingsShape.of(limits.held) if limits else None,
            said_by={name: area.id for name, area in limits.said_by.items()} if limits else {},
            became=[Heir(area=each.successor, name=name, day=each.day) for each, name in view.became],
            came_from=[Heir(area=each.area, name=name, day=each.day) for each, name in view.came_from],
        )


class NamedIn(In):
    name: Text
    kind: Text = ""
    code: Text = ""

    def value(self) -> Named:
        return Named(self.name, self.kind, self.code)


class MakeIn(NamedIn):
    """A new area; `parent` null: at the top."""

    deed: Literal["make"]
    parent: Text | None
    day: date

    def wish(self) -> Wish:
        return Make(AreaId(new_id("a")), self.value(), _area(self.parent), self.day)


class RenameIn(NamedIn):
    deed: Literal["rename"]
    area: Text
    day: date

    def wish(self) -> Wish:
        return Rename(AreaId(self.area), self.value(), self.day)


class MoveIn(In):
    """`keep_limits`: nothing is allowed in the area that was not before."""

    deed: Literal["move"]
    area: Text
    parent: Text | None
    day: date
    keep_limits: bool = True

    def wish(self) -> Wish:
        return Move(AreaId(self.area), _area(self.parent), self.day, self.keep_limits)


class LimitIn(In):
    deed: Literal["limit"]
    area: Text
    settings: SettingsShape
    day: date

    def wish(self) -> Wish:
        return Limit(AreaId(self.area), self.settings.value(), self.day)


class MergeIn(In):
    """Into `into`, or into a new area `named` in `parent`."""

    deed: Literal["merge"]
    parts: Annotated[list[Text], Field(min_length=1, max_length=200)]
    into: Text | None = None
    named: NamedIn | None = None
    parent: Text | None = None
    day: date

    def wish(self) -> Wish:
        parts = tuple(AreaId(part) for part in self.parts)
        if self.into is not None:
            return Merge(parts, AreaId(self.into), self.day)
        named = self.named.value() if self.named else Named("")
        return Merge(parts, AreaId(new_id("a")), self.day, named, _area(self.parent))


class PieceIn(NamedIn):
    children: list[Text] = Field(default_factory=list, max_length=1000)
    speakers: list[Text] = Field(default_factory=list, max_length=5000)


class SplitIn(In):
    deed: Literal["split"]
    area: Text
    pieces: Annotated[list[PieceIn], Field(max_length=50)]
    day: date

    def wish(self) -> Wish:
        pieces = tuple(
            Piece(
                AreaId(new_id("a")),
                each.value(),
                tuple(AreaId(child) for child in each.children),
                tuple(SpeakerId(speaker) for speaker in each.speakers),
            )
            for each in self.pieces
        )
        return Split(AreaId(self.area), pieces, self.day)


class EndIn(In):
    deed: Literal["end"]
    area: Text
    day: date

    def wish(self) -> Wish:
        return End(AreaId(self.area), self.day)


WishIn = Annotated[
    MakeIn | RenameIn | MoveIn | LimitIn | MergeIn | SplitIn | EndIn,
    Field(discriminator="deed"),
]


def _area(given: str | None) -> AreaId | None:
    return AreaId(given) if given is not None else None


class ConsequencesOut(BaseModel):
    day: date
    changed: list[str]
    ended: list[str]
    moving: list[str]
    """Speakers that stand in another area."""
    limits: list[str]
    """Limits that are others than before, for some speaker."""
    review: list[str]
    """Schedules that name an area which has ended."""
    rights: list[str]
    """Whose rights are granted on an area that has ended."""

    @classmethod
    def of(cls, found: Consequences) -> Self:
        return cls(
            day=found.day,
            changed=list(found.changed),
            ended=list(found.ended),
            moving=[each.speaker for each in found.moving],
            limits=sorted({each.name for each in found.shifts}),
            review=[each.schedule for each in found.reviews],
            rights=[f"{each.person}: {each.role.value}, {each.area}" for each in found.rights],
        )


class Done(BaseModel):
    """`configs`: boxes that are told something new; `broadcasts`: coming ones with other speakers."""

    area: str
    configs: int
    broadcasts: int


class TableIn(In):
    """CSV with the headings Mã, Loại, Tên, Thuộc, Từ ngày; `parent` null: at the top. Nothing is kept unless `save`."""

    content: Annotated[str, Field(max_length=1_500_000)]
    parent: Text | None
    day: date
    save: bool = False


class FaultOut(BaseModel):
    row: int
    column: str
    code: str
    detail: str


class TableOut(BaseModel):
    saved: bool
    lines: list[dict[str, str | int]]
    faults: list[FaultOut]

    @classmethod
    def of(cls, table: Table, *, saved: bool) -> Self:
        return cls(
            saved=saved,
            lines=[
                {"row": each.row, "deed": each.deed, "area": each.area.full_name, "parent": each.parent}
                for each in table.lines
            ],
            faults=[
                FaultOut(
                    row=each.row,
                    column=each.column,
                    code=each.refusal.code,
                    detail=_(each.refusal.message) % each.refusal.params,
                )
                for each in table.faults
            ],
        )


class StayOut(BaseModel):
    area: str
    since: date | None
    until: date | None


class SpeakerCardOut(BaseModel):
    id: str
    name: str
    retired: bool
    revoked: bool
    """Its box was put out; the place waits for another."""
    area: str | None
    stays: list[StayOut]
    groups: list[str]

    @classmethod
    def of(cls, card: SpeakerCard) -> Self:
        return cls(
            id=card.speaker.id,
            name=card.speaker.name,
            retired=card.speaker.retired,
            revoked=card.speaker.revoked,
            area=card.area.id if card.area else None,
            stays=[StayOut(area=each.area, since=each.since, until=each.until) for each in card.stays],
            groups=[group.id for group in card.groups],
        )


class SpeakerNameIn(In):
    name: Text


class SpeakerMoveIn(In):
    area: Text
    day: date


class GroupOut(BaseModel):
    id: str
    name: str
    area: str
    speakers: list[str]

    @classmethod
    def of(cls, group: Group) -> Self:
        return cls(id=group.id, name=group.name, area=group.area, speakers=list(group.speakers))


class GroupChange(In):
    name: Text
    speakers: Annotated[list[Text], Field(max_length=5000)]


class GroupIn(GroupChange):
    area: Text


class HolidayIn(In):
    name: Text


class HolidayOut(BaseModel):
    """`area`: whose it is, null for the country's; `own`: of the very area that was asked for."""

    day: date
    name: str
    area: str | None
    own: bool

    @classmethod
    def of(cls, line: HolidayLine) -> Self:
        return cls(day=line.day, name=line.name, area=line.area, own=line.own)
