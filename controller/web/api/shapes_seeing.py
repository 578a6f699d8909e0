"""Shapes of what is looked at: the programme, a speaker's timeline, the library."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from controller.desk.programme import Item as DeskItem
from controller.desk.programme import Span as DeskSpan
from controller.desk.values import BroadcastPhase
from controller.web.shown import local


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
    movable: Annotated[bool, Field(description="it can still be moved, by whoever may change its schedule")]

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


class Programme(BaseModel):
    first: date
    days: int
    time_zone: str
    total: Annotated[int, Field(description="how many lines there are; `items` holds those asked for")]
    items: list[ProgrammeLine]

    @classmethod
    def of(cls, span: DeskSpan) -> Self:
        return cls(
            first=span.first,
            days=span.days,
            time_zone=span.time_zone,
            total=span.total,
            items=[ProgrammeLine.of(item, span.time_zone) for item in span.items],
        )
