"""What every part of the desk works with: the store, the planner, the clips, the clock; handed over once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audio.clips import ClipStore, RecordingStore
from audio.speech.voices import Voices
from controller.desk.refusal import forbidden
from controller.desk.values import Person
from controller.locality import Locality, locality
from controller.planning import Planner
from controller.reach import BoxBroker
from controller.rights import Operation, may
from controller.store.unit import Store, Unit
from schedules.areas import AreaTree
from schedules.units import AreaId, UtcMs

Send = Callable[[str, bytes], bool]
"""Publish at once and unretained; False when the broker is not reached."""


@dataclass(frozen=True, slots=True)
class Room:
    """`now` reads the clock; `recordings` keeps sounds as they came; `boxes`: what boxes are told."""

    store: Store
    planner: Planner
    clips: ClipStore
    recordings: RecordingStore
    send: Send
    now: Callable[[], UtcMs]
    boxes: BoxBroker = field(default_factory=BoxBroker)
    voices: Voices = field(default_factory=Voices)
    """Who can read texts."""

    @property
    def zone(self) -> str:
        return self.planner.default_zone

    def places(self, unit: Unit) -> Locality:
        """The places as they are now."""
        return locality(unit, self.now(), self.zone)

    def tree(self, unit: Unit) -> AreaTree:
        """The areas of today."""
        return self.places(unit).tree

    def require(self, unit: Unit, by: Person, operation: Operation, *areas: AreaId) -> None:
        """Raise Refusal `forbidden` unless `by` may do it in all of `areas` (none named: everywhere)."""
        if not may(by.grants, operation, areas, self.tree(unit)):
            raise forbidden()

    def record(
        self,
        unit: Unit,
        by: Person,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Write into the audit, in the same transaction: `action` is `thing.verb`, `subject` is `thing:id`."""
        unit.audit.add(self.now(), by.username, by.source, action, subject, before, after)
        unit.changed("audit")
