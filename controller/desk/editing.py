"""Editing a bulletin: the later of two editors sees what the earlier changed, and neither loses a word.

What is on air stays on air: an edited bulletin is a draft again until it is approved anew.
"""

from dataclasses import replace

from audio.parts import Part, PartKind, simple
from audio.sources import DEFAULT_VOICE, VoiceChoice
from audio.speech.normalise import spoken
from audio.speech.readings import Readings
from controller.desk.composing import check_new, check_text
from controller.desk.making import prepare_anew, read_by
from controller.desk.proposals import known_bulletin, places_heard, playing
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.values import NewBulletin, Person
from controller.desk.voices import check_choice
from controller.language import n_
from controller.locality import Locality
from controller.own_readings import own_readings
from controller.rights import Operation, allows, may, places_of
from controller.store.changes import EDITED, ChangeState, Item
from controller.store.unit import Unit
from controller.store.values import Bulletin
from schedules.model import BulletinState
from schedules.units import BulletinId, UtcMs


def may_edit(unit: Unit, places: Locality, by: Person, bulletin: Bulletin, now: UtcMs) -> bool:
    """One's own, one of one's places, or heard in them alone, for who may compose there: what the district says is
    not each town's to rewrite."""
    if not allows(by.grants, Operation.COMPOSE):
        return False
    theirs = places_of(by.grants, Operation.COMPOSE, places.tree)
    own = bulletin.made_by == by.username
    if own or (bulletin.area is not None and theirs.intersection(places.heirs(bulletin.area))):
        return True
    heard = [Item(each.id, each, each) for each in playing(unit, [bulletin.id], now)]
    return may(by.grants, Operation.COMPOSE, places_heard(places, replace(bulletin, area=None), heard), places.tree)


class EditedMeanwhile(Refusal):
    """Somebody else saved first; `stands` is what they saved."""

    def __init__(self, stands: Bulletin, who: str) -> None:
        super().__init__(
            "edited-meanwhile",
            n_("%(who)s vừa sửa bản tin này. Bài của bạn vẫn còn ở dưới: hãy xem phần khác nhau, sửa lại rồi lưu."),
            status=409,
            params={"who": who},
        )
        self.stands = stands


class Editing:
    def __init__(self, room: Room) -> None:
        self._room = room

    def stands(self, bulletin: BulletinId, by: Person) -> Bulletin:
        """What an edit begins from; its version is what the edit must name."""
        with self._room.store.read() as unit:
            return self._allowed(unit, bulletin, by)

    def edit(self, bulletin: BulletinId, version: int, new: NewBulletin, text: str, by: Person) -> Bulletin:
        """Save; `version` is the one that was edited. Raises EditedMeanwhile, other Refusals; both change nothing."""
        check_new(new)
        with self._room.store.write() as unit:
            stands = self._allowed(unit, bulletin, by)
            programme = unit.parts.of(bulletin)
            body = programme.simple
            writes = body is not None and body.kind is PartKind.TEXT
            if writes:
                check_text(text)
            if version != stands.version:
                raise EditedMeanwhile(stands, called(unit, stands.edited_by or stands.made_by))
            now = self._room.now()
            readings = own_readings(unit, self._room.places(unit), stands.area)
            edited = edited_by(stands, about(stands, new), text if writes else stands.text, by, now, readings)
            before, after = _told(stands), _told(edited)
            read = self._read(body, new, text) if body is not None and writes else None
            if read is not None and body is not None and _manner(read) != _manner(body):
                before, after = before | _manner(body), after | _manner(read)
            if before == after:
                return stands
            unit.bulletins.edit(edited)
            if read is not None and read != body:
                unit.parts.put(bulletin, simple(read))
                prepare_anew(unit, bulletin, now)
            supersede(unit, bulletin)
            self._room.record(unit, by, EDITED, f"bulletin:{bulletin}", before, after)
            unit.changed(f"bulletin:{bulletin}", "changes")
            return edited

    def voice(self, bulletin: BulletinId) -> VoiceChoice | None:
        """Who reads it; None for what is not one text."""
        with self._room.store.read() as unit:
            body = unit.parts.of(bulletin).simple
        return voice_of(body) if body is not None and body.kind is PartKind.TEXT else None

    def _read(self, body: Part, new: NewBulletin, text: str) -> Part:
        """The text as it is to be read from now on; a voice that is only kept need not be available."""
        if new.voice is None or new.voice == voice_of(body):
            return replace(body, text=text)
        check_choice(new.voice, self._room.voices)
        return read_by(replace(body, text=text), new.voice)

    def _allowed(self, unit: Unit, bulletin: BulletinId, by: Person) -> Bulletin:
        stands = known_bulletin(unit, bulletin)
        if not may_edit(unit, self._room.places(unit), by, stands, self._room.now()):
            raise forbidden()
        return stands


def supersede(unit: Unit, bulletin: BulletinId) -> None:
    """What waits with the old words waits no more; its items are kept until it is submitted again."""
    on_air, written = unit.bulletins.on_air([bulletin]).get(bulletin), unit.bulletins.written(bulletin)
    for change in unit.approvals.of_bulletin(bulletin):
        content = change.contents.get(bulletin)
        if change.state is ChangeState.PENDING and content is not None and content not in (on_air, written):
            unit.approvals.put(replace(change, state=ChangeState.SUPERSEDED))
    same = on_air is not None and on_air == written
    unit.bulletins.set_state(bulletin, BulletinState.APPROVED if same else BulletinState.DRAFT)


def called(unit: Unit, username: str) -> str:
    user = unit.people.by_username(username)
    return (user.display_name if user else "") or username


def about(stands: Bulletin, new: NewBulletin) -> Bulletin:
    """With what an edit may say about it."""
    return replace(
        stands,
        title=new.title.strip(),
        field=new.field,
        summary=new.summary,
        author=new.author,
        source=new.source,
    )


def edited_by(stands: Bulletin, edited: Bulletin, text: str, by: Person, now: UtcMs, readings: Readings) -> Bulletin:
    """The next version, with `text`, by this person."""
    return replace(
        edited,
        text=text,
        spoken=spoken(text, readings).text if text != stands.text else stands.spoken,
        version=stands.version + 1,
        edited=now,
        edited_by=by.username,
    )


def voice_of(part: Part) -> VoiceChoice:
    return VoiceChoice(part.voice or DEFAULT_VOICE, part.second_voice, part.rate, part.pitch)


def _manner(part: Part) -> dict[str, str | int]:
    """Who reads it and how, as the audit tells it."""
    choice = voice_of(part)
    return {"voice": choice.name, "second_voice": choice.second, "rate": choice.rate, "pitch": choice.pitch}


def _told(bulletin: Bulletin) -> dict[str, str | int]:
    """What an edit changes, as the audit tells it."""
    return {name: getattr(bulletin, name) for name in ("title", "field", "summary", "author", "source", "text")}
