"""The programme of a bulletin: seen, saved against the version it began from, and prepared when it is finished."""

from dataclasses import dataclass, replace

from audio.estimate import Length, part_length, whole_length
from audio.parts import Part, PartKind, Programme
from audio.speech.normalise import Spoken, spoken
from audio.speech.readings import Readings
from controller.desk.editing import EditedMeanwhile, called, edited_by, may_edit, supersede
from controller.desk.making import make_bulletin, prepare_anew, script_of, spoken_of
from controller.desk.part_checks import Shelf, check_programme, is_expired, missing, require_complete
from controller.desk.proposals import known_bulletin
from controller.desk.refusal import forbidden
from controller.desk.room import Room
from controller.desk.scope import scope_of
from controller.desk.sight import is_asked_for, sees_bulletin
from controller.desk.values import NewBulletin, Person, PreparationState
from controller.language import n_
from controller.own_readings import own_readings
from controller.rights import Operation
from controller.store.changes import EDITED
from controller.store.parts import bed_json
from controller.store.unit import Unit
from controller.store.values import Bulletin, Job, Recording
from schedules.units import BulletinId, DurationMs, UtcMs
from schedules.wall import from_utc_ms

KIND_WORDS = {
    PartKind.IDENT: n_("Nhạc hiệu đài"),
    PartKind.CHIME: n_("Chuông mở đầu"),
    PartKind.TEXT: n_("Văn bản"),
    PartKind.RECORDING: n_("Bản ghi"),
    PartKind.PAUSE: n_("Khoảng lặng"),
    PartKind.CLOSING: n_("Chuông kết thúc"),
}


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as it is shown; `lacks`: text, recording or ""; `expired`: its recording is offered no more."""

    number: int
    part: Part
    recording: Recording | None
    length: Length
    lacks: str
    expired: bool
    reading: Spoken
    """How its text is read where the bulletin belongs; of a part without text nothing."""


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """`length` is measured when the sound is made; `cap`: how long a session may be where the bulletin belongs."""

    bulletin: Bulletin
    programme: Programme
    parts: tuple[PartView, ...]
    bed: Recording | None
    length: Length
    cap: DurationMs | None
    can_edit: bool

    @property
    def too_long(self) -> bool:
        return self.cap is not None and self.length.duration > self.cap


class Parts:
    def __init__(self, room: Room) -> None:
        self._room = room

    def view(self, bulletin: BulletinId, by: Person) -> ProgrammeView:
        """For whoever may see the bulletin."""
        with self._room.store.read() as unit:
            found, places, now = known_bulletin(unit, bulletin), self._room.places(unit), self._room.now()
            scope = scope_of(by, places)
            if not sees_bulletin(unit, scope, by, found) and not is_asked_for(unit, scope, bulletin):
                raise forbidden()
            programme = unit.parts.of(bulletin)
            clips = unit.bulletins.clips(bulletin)
            parts = part_views(unit, programme, self._room, own_readings(unit, places, found.area), now)
            length = whole_length(programme, [each.length for each in parts])
            if clips:
                length = Length(DurationMs(sum(clip.ref.duration for clip in clips)), known=True)
            home = [area for area in (places.heirs(found.area) if found.area else ()) if area in places.tree.areas]
            caps = [cap for area in home if (cap := places.settings(area).session_cap) is not None]
            bed = unit.recordings.get(programme.bed.recording) if programme.bed else None
            editable = may_edit(unit, places, by, found, now)
            return ProgrammeView(found, programme, parts, bed, length, min(caps, default=None), editable)

    def save(
        self, bulletin: BulletinId, version: int, programme: Programme, by: Person, *, prepare: bool = False
    ) -> Bulletin:
        """Keep the programme; `version` is the one that was edited. `prepare`: make its sound, which needs all parts.

        Raises EditedMeanwhile and other Refusals; they change nothing.
        """
        check_programme(programme)
        if prepare:
            require_complete(programme)
        with self._room.store.write() as unit:
            stands = self._editable(unit, bulletin, by)
            before, now = unit.parts.of(bulletin), self._room.now()
            if version != stands.version:
                raise EditedMeanwhile(stands, called(unit, stands.edited_by or stands.made_by))
            self._shelf(unit, by, now).check(programme, before)
            if programme == before:
                if prepare and not unit.bulletins.clips(bulletin):
                    prepare_anew(unit, bulletin, now)
                return stands
            readings = own_readings(unit, self._room.places(unit), stands.area)
            edited = edited_by(stands, stands, script_of(unit, programme), by, now, readings)
            edited = replace(edited, spoken=spoken_of(programme, readings))
            unit.bulletins.edit(edited)
            unit.parts.put(bulletin, programme)
            _unprepared(unit, bulletin, now)
            if prepare:
                prepare_anew(unit, bulletin, now)
            supersede(unit, bulletin)
            self._room.record(unit, by, EDITED, f"bulletin:{bulletin}", _told(unit, before), _told(unit, programme))
            unit.changed(f"bulletin:{bulletin}", "changes")
            return edited

    def prepare(self, bulletin: BulletinId, by: Person) -> None:
        """Make the sound of what was saved last; nothing when it is there or on its way."""
        with self._room.store.write() as unit:
            self._editable(unit, bulletin, by)
            require_complete(unit.parts.of(bulletin))
            job = unit.bulletins.job(bulletin)
            under_way = job is not None and job.state in (PreparationState.WAITING, PreparationState.RUNNING)
            if not under_way and not unit.bulletins.clips(bulletin):
                prepare_anew(unit, bulletin, self._room.now())

    def make(self, new: NewBulletin, programme: Programme, by: Person, *, prepare: bool) -> BulletinId:
        """A new bulletin of `programme`."""
        check_programme(programme)
        if prepare:
            require_complete(programme)
        with self._room.store.read() as unit:
            self._shelf(unit, by, self._room.now()).check(programme, Programme())
        return make_bulletin(self._room, new, programme, by, prepare=prepare)

    def begin(self, new: NewBulletin, programme: Programme, by: Person) -> BulletinId:
        """The same from a template, which is its station's: a recording that has expired is shown as such in it."""
        return make_bulletin(self._room, new, programme, by, prepare=False)

    def offered(self, by: Person) -> tuple[Recording, ...]:
        """The recordings that `by` may put into a programme today, by title."""
        with self._room.store.read() as unit:
            now = self._room.now()
            shelf = self._shelf(unit, by, now)
            found = [each for each in unit.recordings.all() if not is_expired(each, shelf.today)]
            return tuple(each for each in found if shelf.may_use(each.id))

    def _editable(self, unit: Unit, bulletin: BulletinId, by: Person) -> Bulletin:
        stands = known_bulletin(unit, bulletin)
        if not may_edit(unit, self._room.places(unit), by, stands, self._room.now()):
            raise forbidden()
        return stands

    def _shelf(self, unit: Unit, by: Person, now: UtcMs) -> Shelf:
        scope = scope_of(by, self._room.places(unit), operation=Operation.COMPOSE)
        return Shelf(unit, scope, by, from_utc_ms(now, self._room.zone).date())


def part_views(unit: Unit, programme: Programme, room: Room, readings: Readings, now: UtcMs) -> tuple[PartView, ...]:
    known = unit.recordings.many(programme.recordings)
    wholes = {each.id: each.duration for each in known.values()}
    lacking, today = missing(programme.parts), from_utc_ms(now, room.zone).date()
    found = []
    for number, part in enumerate(programme.parts, 1):
        recording = known.get(part.recording) if part.recording else None
        reading = spoken(part.text, readings)
        length = part_length(part, reading.text, wholes)
        expired = recording is not None and is_expired(recording, today)
        found.append(PartView(number, part, recording, length, lacking.get(number, ""), expired, reading))
    return tuple(found)


def _unprepared(unit: Unit, bulletin: BulletinId, now: UtcMs) -> None:
    """It says something else than what it sounded like; its sound is made when somebody asks for it."""
    unit.bulletins.set_clips(bulletin, ())
    unit.bulletins.put_job(Job(bulletin, PreparationState.EDITED, "", 0, "", "", ""), now)


def _told(unit: Unit, programme: Programme) -> dict[str, object]:
    """A programme as the audit tells it."""
    parts = [part.kind.value + (" + bed" if part.bed else "") for part in programme.parts]
    bed = {"bed": bed_json(programme.bed)} if programme.bed else {}
    return {"text": script_of(unit, programme), "parts": parts, **bed}
