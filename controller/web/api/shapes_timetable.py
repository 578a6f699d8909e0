"""The JSON shapes of schedules: when and where something is heard, what would change, and what became of it."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from controller.desk.happening import Effect, Occasion
from controller.desk.series import Action, EditPreview, Summary, Wish
from controller.desk.values import Clash, NewSchedule, ScheduleView, Understanding, When, WhenKind
from controller.desk.values import Scheduled as Made
from controller.web.api.shapes import In, PriorityIn
from controller.web.forms import read_time
from schedules.edits import Scope
from schedules.model import Priority, StartRule, Targets
from schedules.model import Schedule as Series
from schedules.units import AreaId, BulletinId, DurationMs, GroupId, Percent, ScheduleId, SpeakerId


class WhenIn(In):
    """Local time of the area. `at` and `times` are HH:MM or HH:MM:SS; `weekdays` 0 = Monday; `month_days` -1 = the
    last. `words` (kind words) says everything, `rrule` (kind rule) is RFC 5545. `count`: so many days of the rule."""

    kind: WhenKind
    day: date | None = None
    at: str | None = None
    times: list[str] = Field(default=[], max_length=24)
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(default=[], max_length=7)
    month_days: list[Annotated[int, Field(ge=-1, le=31)]] = Field(default=[], max_length=32)
    until: date | None = None
    count: int | None = Field(default=None, ge=1, le=10_000)
    words: str = Field(default="", max_length=1_000)
    rrule: str = Field(default="", max_length=500)

    def value(self) -> When:
        at = read_time(self.at) if self.at is not None else None
        return When(
            self.kind,
            self.day,
            at,
            tuple(sorted(set(self.weekdays))),
            self.until,
            tuple(read_time(each, "times") for each in self.times),
            tuple(sorted(set(self.month_days))),
            self.count,
            self.words,
            self.rrule,
        )


class PlanIn(In):
    """`repeats` with `gap_ms` between them; `order` decides among equals (lower first)."""

    bulletin: str
    when: WhenIn
    areas: list[str] = Field(default=[])
    speakers: list[str] = Field(default=[])
    groups: list[str] = Field(default=[])
    priority: PriorityIn = Priority.NORMAL
    volume: int = Field(default=80, ge=0, le=100)
    rule: StartRule | None = None
    confirmed_places: str = ""
    repeats: int = Field(default=1, ge=1, le=10)
    gap_ms: int = Field(default=0, ge=0, le=7_200_000)
    skip_holidays: bool = False
    order: int = Field(default=0, ge=-1_000, le=1_000)
    at_most_ms: int = Field(default=0, ge=0, le=86_400_000)
    """Cut off so long after each start; 0: not."""

    def value(self) -> NewSchedule:
        return NewSchedule(
            bulletin=BulletinId(self.bulletin),
            when=self.when.value(),
            targets=Targets(
                tuple(AreaId(area) for area in self.areas),
                tuple(SpeakerId(speaker) for speaker in self.speakers),
                tuple(GroupId(group) for group in self.groups),
            ),
            priority=self.priority,
            volume=Percent(self.volume),
            rule=self.rule,
            confirmed_places=self.confirmed_places,
            repeats=self.repeats,
            gap=DurationMs(self.gap_ms),
            skip_holidays=self.skip_holidays,
            order=self.order,
            at_most=DurationMs(self.at_most_ms),
        )


class ScheduleIn(PlanIn):
    """`instead`: schedules whose conflicting occurrences do not happen."""

    instead: list[str] = Field(default=[], max_length=20)

    def value(self) -> NewSchedule:
        return replace(super().value(), instead=tuple(ScheduleId(each) for each in self.instead))


class EditIn(PlanIn):
    """The whole of a series as it is to be. `original`: from which occurrence, for scope `this` and `following`."""

    scope: Scope = Scope.ALL
    original: datetime | None = None
    basis: str = ""

    def wish(self) -> Wish:
        return Wish(Action.REVISE, self.original, self.scope, new=self.value(), basis=self.basis)


class OccurrenceIn(In):
    """`skip`; `move` to the local `start`; `replace` by `bulletin`. `basis` from a preview refuses a stale order."""

    action: Literal[Action.SKIP, Action.MOVE, Action.REPLACE]
    scope: Scope = Scope.THIS
    start: datetime | None = None
    bulletin: str = ""
    basis: str = ""

    def wish(self, original: datetime) -> Wish:
        return Wish(self.action, original, self.scope, self.start, BulletinId(self.bulletin), basis=self.basis)


class ClashOut(BaseModel):
    """`choices`: name, value and label of each way out."""

    sentence: str
    choices: list[dict[str, str]]

    @classmethod
    def of(cls, clash: Clash) -> Self:
        choices = [{"name": each.name, "value": each.value, "label": each.label} for each in clash.choices]
        return cls(sentence=clash.sentence, choices=choices)


class Understood(BaseModel):
    """`first_tonight`: a sentence. `night`: a second person must confirm. `makes_way`: what does not happen for it.
    `at_once`: no approval is needed."""

    sentence: str
    places_sentence: str
    speakers: int
    time_zone: str
    starts: list[str]
    needs_confirmation: bool
    rrule: str
    first_tonight: str
    clashes: list[ClashOut]
    night: bool
    makes_way: list[str]
    at_once: bool

    @classmethod
    def of(cls, view: Understanding) -> Self:
        return cls(
            sentence=view.sentence,
            places_sentence=view.places_sentence,
            speakers=view.speakers,
            time_zone=view.time_zone,
            starts=[start.isoformat() for start in view.starts],
            needs_confirmation=view.needs_confirmation,
            rrule=view.rrule,
            first_tonight=view.first_tonight,
            clashes=[ClashOut.of(each) for each in view.clashes],
            night=view.night,
            makes_way=list(view.makes_way),
            at_once=view.at_once,
        )


class Scheduled(BaseModel):
    """`state`: approved, with its first broadcasts, or pending, with none."""

    schedule: str
    broadcasts: list[str]
    change: str
    state: str

    @classmethod
    def of(cls, made: Made) -> Self:
        return cls(schedule=made.schedule, broadcasts=list(made.broadcasts), change=made.change, state=made.state)


class Schedule(BaseModel):
    """`starts`: the next, local, at most ten. `ended_ms` is null while nobody has ended it."""

    id: str
    bulletin: str
    title: str
    words: str
    recurring: bool
    places_sentence: str
    time_zone: str
    starts: list[str]
    ended_ms: int | None
    ended_by: str

    @classmethod
    def of(cls, view: ScheduleView) -> Self:
        return cls(
            id=view.id,
            bulletin=view.bulletin,
            title=view.title,
            words=view.words,
            recurring=view.recurring,
            places_sentence=view.places_sentence,
            time_zone=view.time_zone,
            starts=[start.isoformat() for start in view.starts],
            ended_ms=view.ended,
            ended_by=view.ended_by,
        )


class Definition(BaseModel):
    """Everything a series says; local times without an offset. `moved`, `replaced`: by the original local start."""

    id: str
    bulletin: str
    title: str
    words: str
    local_start: str
    time_zone: str
    rrule: str
    times: list[str]
    repeats: int
    gap_ms: int
    exceptions: list[str]
    moved: dict[str, str]
    replaced: dict[str, str]
    skip_holidays: bool
    areas: list[str]
    speakers: list[str]
    groups: list[str]
    priority: int
    volume: int
    rule: str
    order: int
    at_most_ms: int
    basis: str

    @classmethod
    def of(cls, summary: Summary) -> Self:
        series: Series = summary.schedule
        return cls(
            id=series.id,
            bulletin=series.bulletin,
            title=summary.title,
            words=summary.words,
            local_start=series.local_start.isoformat(),
            time_zone=series.time_zone,
            rrule=series.rrule,
            times=[each.isoformat() for each in series.times],
            repeats=series.repeats,
            gap_ms=series.gap,
            exceptions=sorted(each.isoformat() for each in series.exceptions),
            moved={original.isoformat(): start.isoformat() for original, start in series.moved},
            replaced={original.isoformat(): bulletin for original, bulletin in series.replaced},
            skip_holidays=series.skip_holidays,
            areas=list(series.targets.areas),
            speakers=list(series.targets.speakers),
            groups=list(series.targets.groups),
            priority=series.priority,
            volume=series.volume,
            rule=series.rule,
            order=series.order,
            at_most_ms=series.at_most,
            basis=summary.basis,
        )


class OccurrenceOut(BaseModel):
    """`gone`: removed or taken back. `broadcast`: null while it is not planned yet."""

    original: str
    start_ms: int
    title: str
    moved: bool
    replaced: bool
    gone: bool
    broadcast: str | None

    @classmethod
    def of(cls, each: Occasion) -> Self:
        return cls(
            original=each.original.isoformat(),
            start_ms=each.start,
            title=each.title,
            moved=each.moved,
            replaced=each.replaced,
            gone=each.gone,
            broadcast=each.broadcast,
        )


class EffectOut(BaseModel):
    """The first of each, local; `counts` is up to `until`."""

    gone: list[str]
    new: list[str]
    moved: list[tuple[str, str]]
    altered: list[tuple[str, str]]
    counts: dict[str, int]
    until: str

    @classmethod
    def of(cls, effect: Effect) -> Self:
        return cls(
            gone=[at.isoformat() for at in effect.gone],
            new=[at.isoformat() for at in effect.new],
            moved=[(was.isoformat(), at.isoformat()) for was, at in effect.moved],
            altered=[(at.isoformat(), title) for at, title in effect.altered],
            counts=dict(zip(("gone", "new", "moved", "altered", "kept"), effect.counts, strict=True)),
            until=effect.until.isoformat(),
        )


class EditPreviewOut(BaseModel):
    """`starts`: the next of all that is left, local, at most ten."""

    before: str
    after: list[str]
    effect: EffectOut
    starts: list[str]
    first_tonight: str
    clashes: list[ClashOut]
    night: bool
    basis: str
    at_once: bool

    @classmethod
    def of(cls, preview: EditPreview) -> Self:
        return cls(
            before=preview.before,
            after=list(preview.after),
            effect=EffectOut.of(preview.effect),
            starts=[start.isoformat() for start in preview.starts],
            first_tonight=preview.first_tonight,
            clashes=[ClashOut.of(each) for each in preview.clashes],
            night=preview.night,
            basis=preview.basis,
            at_once=preview.at_once,
        )
