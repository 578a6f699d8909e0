"""Who has listened to what: an approver must have, before what they approve is put on air.

What is recorded is how much of a clip the player put out, in this person's browser, of a clip that this person
fetched. Nobody can have heard more than twice the time since they fetched it: players go no faster here.
"""

from collections.abc import Iterable

from controller.desk.proposals import takes_away
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.values import Person
from controller.language import n_
from controller.proof import played_by
from controller.store.changes import Change, Listening
from controller.store.unit import Unit
from schedules.units import BulletinId, ClipId

ENOUGH_PERCENT = 90
FASTEST = 2
SLACK_MS = 3_000
"""Of two clocks and a request."""


def heard_percent(unit: Unit, user: str, clip: ClipId) -> int:
    """How much of the clip the person has heard, 0 … 100, rounded down."""
    listening, found = unit.approvals.listening(user, clip), unit.bulletins.clip(clip)
    if listening is None or found is None or found.ref.duration <= 0:
        return 0
    return min(100, listening.heard_ms * 100 // found.ref.duration)


def has_heard(unit: Unit, user: str, clips: Iterable[ClipId]) -> bool:
    return all(heard_percent(unit, user, clip) >= ENOUGH_PERCENT for clip in clips)


def to_hear(change: Change) -> frozenset[BulletinId]:
    """The bulletins that an approver must have heard: all that the change lets sound, not what it only takes away."""
    if not change.items:
        return frozenset(change.contents)
    sounding = [item.after for item in change.items if item.after is not None and not takes_away(item)]
    return frozenset(bulletin for schedule in sounding for bulletin in played_by(schedule))


def clips_to_hear(change: Change) -> list[ClipId]:
    """The sounds of those bulletins, by their hashes: what was heard on another day, or of another change, counts."""
    return [clip for bulletin in to_hear(change) for clip in change.contents[bulletin].clips]


class Hearing:
    def __init__(self, room: Room) -> None:
        self._room = room

    def fetched(self, clip: ClipId, by: Person) -> None:
        """The person's browser fetches the sound; from now on they can have heard it."""
        with self._room.store.read() as unit:
            if unit.bulletins.clip(clip) is None or unit.approvals.listening(by.id, clip) is not None:
                return
        with self._room.store.write() as unit:
            if unit.approvals.listening(by.id, clip) is None:
                unit.approvals.put_listening(by.id, clip, Listening(0, self._room.now()))

    def played(self, clip: ClipId, heard_ms: int, by: Person) -> int:
        """The player has put out `heard_ms` of it, no part counted twice; returns the percent heard so far."""
        return self._note(clip, heard_ms, by, "player")

    def declared(self, clip: ClipId, by: Person) -> int:
        """The person says that they heard all of it, where no script can tell; believed if there was time for it."""
        with self._room.store.read() as unit:
            whole = self._duration(unit, clip)
        return self._note(clip, whole, by, "declared")

    def _note(self, clip: ClipId, heard_ms: int, by: Person, how: str) -> int:
        with self._room.store.write() as unit:
            before = heard_percent(unit, by.id, clip)
            whole, known = self._duration(unit, clip), unit.approvals.listening(by.id, clip)
            if known is None:
                raise Refusal("not-fetched", n_("Bạn chưa mở nghe bản tin này. Hãy bấm nút phát để nghe."), status=409)
            possible = (self._room.now() - known.since) * (FASTEST if how == "player" else 1) + SLACK_MS
            if heard_ms > possible and how == "declared":
                raise Refusal(
                    "too-fast", n_("Chưa đủ thời gian để nghe hết. Hãy nghe hết bản tin rồi bấm lại."), status=409
                )
            told = max(known.heard_ms, min(heard_ms, possible, whole))
            unit.approvals.put_listening(by.id, clip, Listening(told, known.since))
            after = heard_percent(unit, by.id, clip)
            if before < ENOUGH_PERCENT <= after:
                self._room.record(unit, by, "clip.listen", f"clip:{clip}", None, {"percent": after, "how": how})
            return after

    @staticmethod
    def _duration(unit: Unit, clip: ClipId) -> int:
        found = unit.bulletins.clip(clip)
        if found is None:
            raise Refusal("unknown-clip", n_("Không có âm thanh này. Hãy tải lại trang bản tin."), status=404)
        return found.ref.duration
