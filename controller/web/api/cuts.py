"""API: how a recorded part of a bulletin looks and sounds as it came, and what of it is to be heard."""

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from audio.parts import MOST_CUTS
from controller.desk.cutting import Cutting
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.api.shapes import Bulletin, In
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import BulletinId

router = APIRouter(tags=["bulletins"])

Ms = Field(ge=0, le=86_400_000)


class Waveform(BaseModel):
    """`peaks`: 0 … 100, the highest of each `step_ms`; `failed`: why there is none, for people."""

    state: Literal["ready", "working", "failed"]
    length_ms: int = 0
    step_ms: int = 0
    peaks: list[int] = []
    failed: str = ""


class KeptRange(In):
    """From … until in milliseconds of the recording, the second not in it."""

    start_ms: int = Ms
    until_ms: int = Ms


class CutsIn(In):
    """`version`: of the bulletin that was looked at. `kept`: what is heard, rising; none: all of it."""

    version: int = Field(ge=0, le=10**9)
    kept: list[KeptRange] = Field(max_length=MOST_CUTS)


@router.get("/bulletins/{bulletin}/parts/{part}/waveform", dependencies=[needs(Operation.COMPOSE)])
def waveform(here: Here, signed: Staff, bulletin: str, part: int) -> Waveform:
    """Ask again while it is `working`."""
    copy = here.copies.ask(Cutting(here.room).stands(BulletinId(bulletin), part, signed.person).recording.id)
    if copy.failed:
        return Waveform(state="failed", failed=copy.failed)
    if copy.overview is None:
        return Waveform(state="working")
    seen = copy.overview
    return Waveform(state="ready", length_ms=seen.length_ms, step_ms=seen.step_ms, peaks=list(seen.peaks))


@router.get(
    "/bulletins/{bulletin}/parts/{part}/recording",
    response_class=FileResponse,
    dependencies=[needs(Operation.COMPOSE)],
)
def recording(here: Here, signed: Staff, bulletin: str, part: int) -> FileResponse:
    """The recording before it was levelled and cut, as Ogg/Opus; 404 until the waveform is `ready`."""
    known = Cutting(here.room).stands(BulletinId(bulletin), part, signed.person).recording.id
    if here.copies.ask(known).overview is None:
        raise Refusal("not-read-yet", n_("Bản ghi còn đang được đọc. Hãy chờ vài giây rồi mở lại."), status=404)
    return FileResponse(here.copies.file(known), media_type="audio/ogg")


@router.put("/bulletins/{bulletin}/parts/{part}/cuts", dependencies=[needs(Operation.COMPOSE), Guard])
def cut(here: Here, signed: Staff, bulletin: str, part: int, given: CutsIn) -> Bulletin:
    """Say what is heard of it; the sound is made anew. 409 `edited-meanwhile` when `version` is not the newest."""
    kept = tuple((each.start_ms, each.until_ms) for each in given.kept)
    Cutting(here.room).cut(BulletinId(bulletin), part, given.version, kept, signed.person)
    return Bulletin.of(here.desk.bulletin(BulletinId(bulletin), signed.person))
