"""The JSON shapes of changes: what waits for an approval, and what became of it. Times are UTC milliseconds."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from controller.desk.changes import Proposed
from controller.desk.values import NewBulletin
from controller.desk.values_changes import ChangeLine, ChangeView, ContentView, ItemView
from controller.web.api.shapes import In


class Decision(In):
    digest: Annotated[str, Field(max_length=64)]
    """As the change was shown: what has changed since is not approved."""


class Reason(In):
    reason: Annotated[str, Field(max_length=10_000)]


class Heard(In):
    heard_ms: Annotated[int, Field(ge=0, le=2**53)]
    """How much of the clip the player has put out, no part counted twice."""


class HeardSoFar(BaseModel):
    percent: int


class BulletinEdit(In):
    """All that is edited of a bulletin, as it is to be."""

    version: Annotated[int, Field(ge=1, le=2**31)]
    """The one that was edited; 409 `edited-meanwhile` when somebody saved first."""
    title: str
    text: str = ""
    """What is read out; not for a recording."""
    field: int = Field(default=1, ge=1, le=6)
    summary: str = ""
    author: str = ""
    source: str = ""

    def about(self) -> NewBulletin:
        return NewBulletin(self.title, self.field, self.summary, self.author, self.source)


class ProposedOut(BaseModel):
    change: str
    state: str
    broadcasts: list[str]
    night: bool

    @classmethod
    def of(cls, made: Proposed) -> Self:
        return cls(change=made.change, state=made.state.value, broadcasts=list(made.broadcasts), night=made.night)


class Change(BaseModel):
    """One line of a list. `own`: you proposed or wrote of it; `can_decide`: you may approve where it is heard."""

    id: str
    bulletin: str
    title: str
    state: str
    words: str
    places: str
    priority: int
    night: bool
    made_ms: int
    made_by: str
    own: bool
    can_decide: bool

    @classmethod
    def told(cls, line: ChangeLine) -> dict[str, object]:
        return {
            "id": line.id,
            "bulletin": line.bulletin,
            "title": line.title,
            "state": line.state.value,
            "words": line.words,
            "places": line.places_sentence,
            "priority": int(line.priority),
            "night": line.night,
            "made_ms": line.made,
            "made_by": line.made_by,
            "own": line.own,
            "can_decide": line.can_decide,
        }

    @classmethod
    def of(cls, line: ChangeLine) -> Self:
        return cls.model_validate(cls.told(line))


class Piece(BaseModel):
    """`same`, `gone` (of what was approved before) or `new`."""

    kind: str
    text: str


class ClipHeard(BaseModel):
    id: str
    duration_ms: int
    heard_percent: int


class Content(BaseModel):
    bulletin: str
    title: str
    text: str
    spoken: str
    first: bool
    to_hear: bool
    changed: bool
    sound_changed: bool
    title_pieces: list[Piece]
    text_pieces: list[Piece]
    clips: list[ClipHeard]

    @classmethod
    def of(cls, view: ContentView) -> Self:
        return cls(
            bulletin=view.bulletin,
            title=view.title,
            text=view.text,
            spoken=view.spoken,
            first=view.first,
            to_hear=view.to_hear,
            changed=view.changed,
            sound_changed=view.sound_changed,
            title_pieces=[Piece(kind=each.kind.value, text=each.text) for each in view.title_pieces],
            text_pieces=[Piece(kind=each.kind.value, text=each.text) for each in view.text_pieces],
            clips=[ClipHeard(id=each.id, duration_ms=each.duration, heard_percent=each.percent) for each in view.clips],
        )


class Row(BaseModel):
    name: str
    pieces: list[Piece]
    changed: bool


class Item(BaseModel):
    """One schedule of a change; `kind`: new, changed, kept, less, ended."""

    schedule: str
    kind: str
    title: str
    speakers: int
    rows: list[Row]
    starts: list[datetime]

    @classmethod
    def of(cls, view: ItemView) -> Self:
        rows = [
            Row(
                name=row.name,
                changed=row.changed,
                pieces=[Piece(kind=each.kind.value, text=each.text) for each in row.pieces],
            )
            for row in view.rows
        ]
        return cls(
            schedule=view.schedule,
            kind=view.kind,
            title=view.title,
            speakers=view.speakers,
            rows=rows,
            starts=list(view.starts),
        )


class ChangeInFull(Change):
    digest: str
    contents: list[Content]
    items: list[Item]
    first_tonight: str
    clashes: list[str]
    breaches: list[str]
    confirmed_by: str
    decided_ms: int
    decided_by: str
    reason: str
    one_person: bool
    listened: Annotated[
        bool | None,
        Field(description="of a one-person approval: whether its author had listened to all of it; null: not kept"),
    ]

    @classmethod
    def in_full(cls, view: ChangeView) -> Self:
        return cls.model_validate(
            {
                **cls.told(view.line),
                "digest": view.digest,
                "contents": [Content.of(each) for each in view.contents],
                "items": [Item.of(each) for each in view.items],
                "first_tonight": view.first_tonight,
                "clashes": [each.sentence for each in view.clashes],
                "breaches": list(view.breaches),
                "confirmed_by": view.confirmed_by,
                "decided_ms": view.decided,
                "decided_by": view.decided_by,
                "reason": view.reason,
                "one_person": view.one_person,
                "listened": view.listened,
            }
        )
