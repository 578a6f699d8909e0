"""Cutting a recorded part of a bulletin: the ranges to be heard are kept with the part, the recording stays whole."""

from dataclasses import dataclass, replace

from audio.parts import MOST_CUTS, RECORDED, Part, changed
from audio.ranges import Range
from audio.speech.readings import NONE
from controller.desk.editing import EditedMeanwhile, called, edited_by, may_edit, supersede
from controller.desk.making import prepare_anew
from controller.desk.proposals import known_bulletin
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.values import Person
from controller.language import n_
from controller.store.unit import Unit
from controller.store.values import Bulletin, Recording
from schedules.units import BulletinId

SHORTEST_MS = 200
"""A bulletin of less is a mistake."""


@dataclass(frozen=True, slots=True)
class Cuttable:
    """A recorded part, the bulletin it is of, and the recording; `number` counts the parts from 1."""

    bulletin: Bulletin
    number: int
    part: Part
    recording: Recording


class Cutting:
    def __init__(self, room: Room) -> None:
        self._room = room

    def stands(self, bulletin: BulletinId, number: int, by: Person) -> Cuttable:
        """What there is to cut. Refusal `forbidden`, `not-found`, `no-recording`."""
        with self._room.store.read() as unit:
            return self._allowed(unit, bulletin, number, by)

    def cut(self, bulletin: BulletinId, number: int, version: int, kept: tuple[Range, ...], by: Person) -> Bulletin:
        """Only the ranges `kept` are heard (none: all of it); `version` is the one that was looked at.

        Raises EditedMeanwhile when somebody saved since, Refusal `bad-cuts`, and as `stands` does.
        """
        check(kept)
        with self._room.store.write() as unit:
            stands = self._allowed(unit, bulletin, number, by)
            if version != stands.bulletin.version:
                was = stands.bulletin
                raise EditedMeanwhile(was, called(unit, was.edited_by or was.made_by))
            if stands.part.cuts == kept:
                return stands.bulletin
            now, was = self._room.now(), stands.bulletin
            edited = edited_by(was, was, was.text, by, now, NONE)  # its words stay
            unit.bulletins.edit(edited)
            unit.parts.put(bulletin, changed(unit.parts.of(bulletin), number - 1, replace(stands.part, cuts=kept)))
            prepare_anew(unit, bulletin, now)
            supersede(unit, bulletin)
            before, after = (
                {"part": number, "cuts": [list(each) for each in cuts]} for cuts in (stands.part.cuts, kept)
            )
            self._room.record(unit, by, "bulletin.cut", f"bulletin:{bulletin}", before, after)
            unit.changed(f"bulletin:{bulletin}", "changes")
            return edited

    def _allowed(self, unit: Unit, bulletin: BulletinId, number: int, by: Person) -> Cuttable:
        stands = known_bulletin(unit, bulletin)
        if not may_edit(unit, self._room.places(unit), by, stands, self._room.now()):
            raise forbidden()
        parts = unit.parts.of(bulletin).parts
        part = parts[number - 1] if 1 <= number <= len(parts) else None
        recording = unit.recordings.get(part.recording) if part and part.kind in RECORDED and part.recording else None
        if part is None or recording is None:
            raise Refusal("no-recording", n_("Phần này không có bản ghi để cắt."), status=404)
        return Cuttable(stands, number, part, recording)


def check(kept: tuple[Range, ...]) -> None:
    """Refusal `bad-cuts` unless they rise, do not overlap, and leave something to hear."""
    if len(kept) > MOST_CUTS:
        told = n_("Nhiều nhất %(count)s đoạn. Hãy cắt ít chỗ hơn.")
        raise Refusal("bad-cuts", told, field="cuts", params={"count": MOST_CUTS})
    at = 0
    for start, until in kept:
        if not at <= start < until:
            raise Refusal("bad-cuts", n_("Các đoạn cắt chồng lên nhau. Hãy xem lại."), field="cuts")
        at = until
    if kept and sum(until - start for start, until in kept) < SHORTEST_MS:
        raise Refusal("bad-cuts", n_("Cắt như vậy thì không còn gì để nghe. Hãy bỏ bớt đoạn cắt."), field="cuts")
