"""API: the table of voices, a station's usual voice, and one paragraph as sound before anything is saved."""

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from audio.sources import Manner, VoiceChoice
from controller.desk.voices import Voicing, table
from controller.rights import Operation
from controller.web.api.shapes import In, WholeText
from controller.web.pages.hearing import heard
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import AreaId

router = APIRouter(tags=["voices"])


class Voice(BaseModel):
    name: str
    label: str
    language: str
    engine: str
    available: bool
    trouble: str
    """Why it cannot read now, in words."""
    failed_last: str
    """Why it did not read when it was asked last, in words; "" when it did."""


class UsualVoice(BaseModel):
    voice: str
    second_voice: str
    rate: int
    pitch: int


class UsualVoiceIn(In):
    voice: str
    second_voice: str = ""
    rate: int = Field(default=100, ge=Manner.LEAST_RATE, le=Manner.MOST_RATE)
    pitch: int = Field(default=100, ge=Manner.LEAST_PITCH, le=Manner.MOST_PITCH)
    area: str | None = None

    def choice(self) -> VoiceChoice:
        return VoiceChoice(self.voice, self.second_voice, self.rate, self.pitch)


class SpeechIn(UsualVoiceIn):
    voice: str = ""
    text: WholeText
    paragraph: int = Field(default=0, ge=0, le=9_999)
    """Of those that have anything to read, from 0."""


def _usual(choice: VoiceChoice) -> UsualVoice:
    return UsualVoice(voice=choice.name, second_voice=choice.second, rate=choice.rate, pitch=choice.pitch)


@router.get("/voices", dependencies=[needs(Operation.COMPOSE)])
def voices(here: Here, signed: Staff) -> list[Voice]:
    """Every voice, whether it can read now or not."""
    return [
        Voice(
            name=each.name,
            label=each.label,
            language=each.language,
            engine=each.engine,
            available=not each.trouble,
            trouble=each.trouble,
            failed_last=each.failed_last,
        )
        for each in table(here.room.voices)
    ]


@router.get("/voices/usual", dependencies=[needs(Operation.COMPOSE)])
def usual(here: Here, signed: Staff, area: str | None = None) -> UsualVoice:
    """Who reads the bulletins of a place (one's own) unless somebody chooses otherwise."""
    return _usual(Voicing(here.room).usual(signed.person, AreaId(area) if area else None))


@router.put("/voices/usual", dependencies=[needs(Operation.COMPOSE), Guard])
def remember(here: Here, signed: Staff, given: UsualVoiceIn) -> UsualVoice:
    """Remember it for a place and all below."""
    choice = given.choice()
    Voicing(here.room).remember(choice, signed.person, AreaId(given.area) if given.area else None)
    return _usual(choice)


@router.post("/speech", dependencies=[needs(Operation.COMPOSE), Guard], response_class=Response)
def speech(here: Here, signed: Staff, given: SpeechIn) -> Response:
    """One paragraph as Ogg/Opus; nothing is saved. 429 after 20 in a minute."""
    fields = {
        "text": given.text,
        "hear": str(given.paragraph),
        "voice": given.voice,
        "second_voice": given.second_voice,
        "rate": str(given.rate),
        "pitch": str(given.pitch),
    }
    key = heard(here, signed, fields)["key"]
    kept = here.previews.get(key, signed.person.id)
    assert kept is not None, "it was made for this person a moment ago"
    return Response(kept.file.read_bytes(), media_type="audio/ogg")
