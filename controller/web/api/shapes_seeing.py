"""Shapes of what is looked at: the programme, a speaker's timeline, the library."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from controller.desk.library import Used as DeskUsed
from controller.desk.pending import Pending
from controller.desk.programme import Item as DeskItem
from controller.desk.programme import Span as DeskSpan
from controller.desk.timelines import Sounding
from controller.desk.timelines import Timeline as DeskTimeline
from controller.desk.values import BroadcastPhase
from controller.store.library import Shelved, ShelvedClip, Use
from controller.web.shown import local
from schedules.model import BulletinState
from schedules.rails import Rail
from schedules.states import PlaybackState, Reason


class ProgrammeLine(BaseModel):
    """One line of the programme; times are local with their offset."""

    id: str
    planned: Annotated[bool, Field(description="the speakers are told of it; else it is foreseen beyond the horizon")]
    schedule: str
    bulletin: str
    title: str
    priority: int
    phase: BroadcastPhase
    start_ms: int
    duration_ms: int
    start: datetime
    end: datetime
    places: str
    original: Annotated[str, Field(description="the occurrence's original local start: its name in its schedule")]
    repeat: int
    movable: Annotated[
        bool,
        Field(description="it can still be moved, by whoever may change its schedule; its further repeats go with it"),
    ]

    @classmethod
    def of(cls, item: DeskItem, zone: str) -> Self:
        return cls(
            id=item.id,
            planned=item.planned,
            schedule=item.schedule,
            bulletin=item.bulletin,
            title=item.title,
            priority=int(item.priority),
            phase=item.phase,
            start_ms=item.start,
            duration_ms=item.duration,
            start=local(item.start, zone),
            end=local(item.end, zone),
            places=item.places_sentence,
            original=item.original,
            repeat=item.repeat,
            movable=item.phase is BroadcastPhase.COMING and item.repeat == 1,
        )


class WaitingLine(BaseModel):
    """A start that would be heard if the change were approved; times are local with their offset."""

    change: str
    title: str
    priority: int
    start: datetime
    end: datetime
    places: str
    repeat: int

    @classmethod
    def of(cls, pending: Pending, zone: str) -> Self:
        return cls(
            change=pending.change,
            title=pending.title,
            priority=int(pending.priority),
            start=local(pending.start, zone),
            end=local(pending.end, zone),
            places=pending.places_sentence,
            repeat=pending.repeat,
        )


class Programme(BaseModel):
    first: date
    days: int
    time_zone: str
    total: Annotated[int, Field(description="how many lines there are; `items` holds those asked for")]
    items: list[ProgrammeLine]
    waiting: Annotated[list[WaitingLine], Field(description="what waits to be approved, beside these lines")]

    @classmethod
    def of(cls, span: DeskSpan) -> Self:
        return cls(
            first=span.first,
            days=span.days,
            time_zone=span.time_zone,
            total=span.total,
            items=[ProgrammeLine.of(item, span.time_zone) for item in span.items],
            waiting=[WaitingLine.of(each, span.time_zone) for each in span.waiting],
        )


class TimelineSlot(BaseModel):
    """One stretch of sound; what will not sound has `begin` = `end`, and a `reason` or a `rail`."""

    broadcast: str
    planned: bool
    schedule: str
    bulletin: str
    title: str
    priority: int
    begin: datetime
    end: datetime
    offset_ms: Annotated[int, Field(description="where in the content the stretch begins")]
    outcome: PlaybackState
    reason: Reason
    rail: Annotated[Rail | None, Field(description="which rule of its place the speaker will keep by refusing")]
    said: Annotated[PlaybackState | None, Field(description="the speaker's own last word on the broadcast")]

    @classmethod
    def of(cls, slot: Sounding, zone: str) -> Self:
        return cls(
            broadcast=slot.broadcast,
            planned=slot.planned,
            schedule=slot.schedule,
            bulletin=slot.bulletin,
            title=slot.title,
            priority=int(slot.priority),
            begin=local(slot.begin, zone),
            end=local(slot.end, zone),
            offset_ms=slot.offset,
            outcome=slot.outcome,
            reason=slot.reason,
            rail=slot.rail,
            said=slot.said,
        )


class Timeline(BaseModel):
    """What one speaker will play if it has power, the right time and all the audio: decided by the playhead."""

    speaker: str
    name: str
    area_name: str
    day: date
    time_zone: str
    slots: list[TimelineSlot]
    tonight: Annotated[list[TimelineSlot], Field(description="what sounds from 18:00 of the day to 06:00")]

    @classmethod
    def of(cls, line: DeskTimeline) -> Self:
        return cls(
            speaker=line.speaker,
            name=line.name,
            area_name=line.area_name,
            day=line.day,
            time_zone=line.time_zone,
            slots=[TimelineSlot.of(slot, line.time_zone) for slot in line.slots],
            tonight=[TimelineSlot.of(slot, line.time_zone) for slot in line.tonight],
        )


class LibraryBulletin(BaseModel):
    id: str
    title: str
    field: int
    author: str
    state: BulletinState
    priority: int
    made_ms: int
    made_by: str
    duration_ms: int
    schedules: Annotated[int, Field(description="how many schedules use it that nobody has ended")]
    next_start_ms: int | None
    last_heard_ms: int | None

    @classmethod
    def of(cls, bulletin: Shelved, use: Use) -> Self:
        return cls(
            id=bulletin.id,
            title=bulletin.title,
            field=bulletin.field,
            author=bulletin.author,
            state=bulletin.state,
            priority=int(bulletin.priority),
            made_ms=bulletin.made,
            made_by=bulletin.made_by,
            duration_ms=bulletin.duration,
            schedules=use.schedules,
            next_start_ms=use.next_start,
            last_heard_ms=use.last_heard,
        )


class LibraryBulletins(BaseModel):
    total: int
    items: list[LibraryBulletin]


class LibraryClip(BaseModel):
    id: str
    size_bytes: int
    duration_ms: int
    loudness_cdb: int
    made_ms: int
    bulletins: Annotated[list[str], Field(description="ids of the bulletins that it is in")]

    @classmethod
    def of(cls, clip: ShelvedClip) -> Self:
        return cls(
            id=clip.id,
            size_bytes=clip.size_bytes,
            duration_ms=clip.duration,
            loudness_cdb=clip.loudness_cdb,
            made_ms=clip.made,
            bulletins=[bulletin for bulletin, _ in clip.bulletins],
        )


class LibraryClips(BaseModel):
    total: int
    items: list[LibraryClip]


class UsingSchedule(BaseModel):
    id: str
    words: str
    places: str
    ended_ms: int | None


class Uses(BaseModel):
    """Where a bulletin is used; `broadcasts`: its newest, the latest first."""

    bulletin: str
    title: str
    next_start_ms: int | None
    last_heard_ms: int | None
    schedules: list[UsingSchedule]
    broadcasts: list[ProgrammeLine]

    @classmethod
    def of(cls, used: DeskUsed) -> Self:
        return cls(
            bulletin=used.bulletin,
            title=used.title,
            next_start_ms=used.use.next_start,
            last_heard_ms=used.use.last_heard,
            schedules=[
                UsingSchedule(id=view.id, words=view.words, places=view.places_sentence, ended_ms=view.ended)
                for view in used.schedules
            ],
            broadcasts=[ProgrammeLine.of(item, item.time_zone) for item in used.broadcasts],
        )
