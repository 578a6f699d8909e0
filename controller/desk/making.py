"""Making a bulletin of a programme: its row, its parts, its audit, and the job that prepares its sound."""

from collections.abc import Mapping
from dataclasses import replace

from audio.parts import Part, PartKind, Programme, script
from audio.sources import VoiceChoice
from audio.speech.normalise import spoken
from audio.speech.readings import Readings
from controller.desk.composing import check_new
from controller.desk.room import Room
from controller.desk.sight import home_of
from controller.desk.values import NewBulletin, Person, PreparationState
from controller.ids import new_id
from controller.own_readings import own_readings
from controller.preparation import JOBS
from controller.store.unit import Unit
from controller.store.values import Bulletin, Job
from schedules.model import BulletinState
from schedules.units import BulletinId, RecordingId, UtcMs

RECORDED = "[Bản ghi: {}]"
"""How a script names what is not written in it."""


def make_bulletin(
    room: Room, new: NewBulletin, programme: Programme, by: Person, *, prepare: bool = True
) -> BulletinId:
    """A new bulletin of `programme`; its sound is prepared in the background, or (not `prepare`) when it is asked for.
    The caller has checked the parts."""
    check_new(new)
    now, bulletin = room.now(), BulletinId(new_id("bu"))
    with room.store.write() as unit:
        area = home_of(by, room.places(unit), new.area)
        written = script_of(unit, programme)
        made = replace(_about(bulletin, new, by, now), area=area, text=written)
        made = replace(made, spoken=spoken_of(programme, own_readings(unit, room.places(unit), area)))
        made = replace(made, filename=_filename(unit, programme))
        unit.bulletins.add(made)
        unit.parts.put(bulletin, programme)
        told = {"title": made.title, "area": area or "", "text": written, "filename": made.filename}
        room.record(unit, by, "bulletin.make", f"bulletin:{bulletin}", None, told)
        unit.changed(f"bulletin:{bulletin}")
        if prepare:
            prepare_anew(unit, bulletin, now)
        else:
            unit.bulletins.put_job(Job(bulletin, PreparationState.EDITED, "", 0, "", "", ""), now)
    return bulletin


def prepare_anew(unit: Unit, bulletin: BulletinId, now: UtcMs) -> None:
    """What it sounded like is no more what it says: a new sound is made in the background."""
    unit.bulletins.set_clips(bulletin, ())
    unit.bulletins.put_job(Job(bulletin, PreparationState.WAITING, "", 0, "", "", ""), now)
    unit.changed(JOBS, f"bulletin:{bulletin}")


def script_of(unit: Unit, programme: Programme) -> str:
    """All that it says, as written."""
    return script(programme, titles_of(unit, programme), RECORDED)


def titles_of(unit: Unit, programme: Programme) -> Mapping[RecordingId, str]:
    found = unit.recordings.many(programme.recordings)
    return {each.id: each.title or each.filename for each in found.values()}


def spoken_of(programme: Programme, readings: Readings) -> str:
    """All its texts as they will be read."""
    texts = [part.text for part in programme.parts if part.kind is PartKind.TEXT]
    return "\n\n".join(spoken(text, readings).text for text in texts)


def text_part(text: str, language: str, voice: VoiceChoice) -> Part:
    return read_by(Part(PartKind.TEXT, text=text, language=language), voice)


def read_by(part: Part, voice: VoiceChoice) -> Part:
    return replace(part, voice=voice.name, second_voice=voice.second, rate=voice.rate, pitch=voice.pitch)


def _filename(unit: Unit, programme: Programme) -> str:
    """Of the one recording that it is, "" when it is anything else."""
    body = programme.simple
    found = unit.recordings.get(body.recording) if body and body.recording else None
    return found.filename if found else ""


def _about(bulletin: BulletinId, new: NewBulletin, by: Person, now: UtcMs) -> Bulletin:
    return Bulletin(
        id=bulletin,
        title=new.title.strip(),
        field=new.field,
        summary=new.summary,
        author=new.author,
        source=new.source,
        language=new.language,
        priority=new.priority,
        state=BulletinState.DRAFT,
        text="",
        spoken="",
        filename="",
        approved_by="",
        one_person=False,
        made=now,
        made_by=by.username,
    )
