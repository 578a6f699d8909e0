"""The desk's functions. Each call is one unit of work; a Refusal changes nothing."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol

from controller.desk.values import (
    AreaNode,
    BroadcastLine,
    BroadcastView,
    BulletinView,
    NewBulletin,
    NewSchedule,
    Person,
    Scheduled,
    ScheduleView,
    SpeakerView,
    Understanding,
)
from controller.rights import Operation
from schedules.units import AreaId, BroadcastId, BulletinId, ClipId, ScheduleId, SpeakerId


class Desk(Protocol):
    """What the web room may ask for. `by` is the person on whose behalf: what lies outside of their places is left
    out of every list, and asking for it by name is a Refusal `forbidden`."""

    def areas(self, by: Person, operation: Operation = Operation.SEE) -> tuple[AreaNode, ...]: ...
    def home_time_zone(self) -> str: ...
    def speakers(self, by: Person) -> tuple[SpeakerView, ...]: ...

    def bulletin_from_text(self, new: NewBulletin, text: str, by: Person) -> BulletinId:
        """Store it and begin to prepare its sound in the background."""
        ...

    def bulletin_from_audio(self, new: NewBulletin, upload: Path, filename: str, by: Person) -> BulletinId:
        """The same for an uploaded file, which is moved into the desk's keeping."""
        ...

    def bulletin(self, bulletin: BulletinId, by: Person) -> BulletinView: ...
    def bulletins(self, by: Person, limit: int = 50) -> tuple[BulletinView, ...]: ...
    def clip_file(self, clip: ClipId, by: Person) -> Path: ...
    def understand(self, new: NewSchedule, by: Person) -> Understanding: ...
    def schedule(self, new: NewSchedule, by: Person) -> Scheduled: ...

    def schedule_view(self, schedule: ScheduleId, by: Person) -> ScheduleView: ...

    def end_schedule(self, schedule: ScheduleId, by: Person) -> None:
        """No further occurrences; every coming broadcast is cancelled, what plays now goes on. Idempotent."""
        ...

    def broadcast(self, broadcast: BroadcastId, by: Person) -> BroadcastView: ...
    def day(self, day: date | None, by: Person, area: AreaId | None = None) -> tuple[BroadcastLine, ...]:
        """Broadcasts that start on the local day (None: today), by start."""
        ...

    def cancel(self, broadcast: BroadcastId, by: Person) -> None:
        """Before it plays: a new revision, cancelled. Idempotent."""
        ...

    def stop(self, broadcast: BroadcastId, by: Person) -> None:
        """While it plays: the same revision, by the other button; what was heard is recorded."""
        ...

    def test_tone(self, speaker: SpeakerId, by: Person) -> None: ...

    def on_change(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(key)` (any thread; must not block) after a commit that changed what is shown:
        `broadcast:{id}`, `schedule:{id}`, `speakers`, `bulletin:{id}`, `day`. Returns the function that
        unsubscribes."""
        ...
