"""What people are shown of changes: in a list, in full, and where a bulletin stands. Frozen."""

from dataclasses import dataclass
from datetime import datetime

from controller.desk.differences import Kind, Piece
from controller.desk.listening import ENOUGH_PERCENT
from controller.desk.values import Clash
from controller.store.changes import ChangeState
from controller.store.values import ChangeId
from schedules.model import Priority
from schedules.units import BulletinId, ClipId, DurationMs, ScheduleId, UtcMs


@dataclass(frozen=True, slots=True)
class ClipHeard:
    id: ClipId
    duration: DurationMs
    percent: int
    """How much of it this person has heard."""


@dataclass(frozen=True, slots=True)
class ContentView:
    """One bulletin of a change. The pieces tell title and text against what is on air now."""

    bulletin: BulletinId
    title: str
    text: str
    spoken: str
    clips: tuple[ClipHeard, ...]
    first: bool
    """Nothing of it was ever approved."""
    to_hear: bool
    title_pieces: tuple[Piece, ...]
    text_pieces: tuple[Piece, ...]
    sound_changed: bool

    @property
    def changed(self) -> bool:
        pieces = (*self.title_pieces, *self.text_pieces)
        return not self.first and (self.sound_changed or any(piece.kind is not Kind.SAME for piece in pieces))

    @property
    def heard(self) -> bool:
        return all(clip.percent >= ENOUGH_PERCENT for clip in self.clips)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a schedule says; the pieces tell it against what it said before."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        return any(piece.kind is not Kind.SAME for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class ItemView:
    """One schedule of a change. `kind`: new, changed, kept (only what it plays changes), less, ended."""

    schedule: ScheduleId
    kind: str
    title: str
    rows: tuple[Row, ...]
    speakers: int
    starts: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change in a list."""

    id: ChangeId
    bulletin: BulletinId
    title: str
    state: ChangeState
    words: str
    places_sentence: str
    made: UtcMs
    made_by: str
    night: bool
    priority: Priority
    own: bool
    can_decide: bool


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change in full. `own`: this person wrote or proposed of it; `alone`: they may approve it all the same."""

    line: ChangeLine
    digest: str
    contents: tuple[ContentView, ...]
    items: tuple[ItemView, ...]
    first_tonight: str
    clashes: tuple[Clash, ...]
    breaches: tuple[str, ...]
    alone: bool
    confirmed_by: str
    decided: UtcMs
    decided_by: str
    reason: str
    one_person: bool
    listened: bool | None
    """Whether who decided had listened to all of it before, where they were its author; None where that is not kept."""
    newer: ChangeId | None
    """What waits of the same bulletin, when this one waits no more."""

    @property
    def heard(self) -> bool:
        return all(content.heard for content in self.contents if content.to_hear)

    @property
    def pending(self) -> bool:
        return self.line.state is ChangeState.PENDING

    @property
    def may_approve(self) -> bool:
        """Whether the button is offered: what is still missing (listening) is said when it is pressed."""
        second = not self.line.night or not self.line.own or bool(self.confirmed_by)
        return self.pending and self.line.can_decide and (not self.line.own or self.alone) and second

    @property
    def may_confirm(self) -> bool:
        return self.pending and self.line.night and self.line.can_decide and not self.line.own and not self.confirmed_by


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a bulletin stands: its changes, the newest first; `airs_older`: what was approved before is on air still;
    `reason`: why the newest change was rejected; `may_submit`: there is something to be submitted again."""

    changes: tuple[ChangeLine, ...]
    airs_older: bool
    reason: str
    reason_by: str
    may_submit: bool
    may_edit: bool
    may_withdraw: bool
