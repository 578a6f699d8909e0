"""API: the tree of areas, the speakers in it, and a test tone."""

from fastapi import APIRouter

from controller.rights import Operation
from controller.web.api.shapes import Area, Speaker
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import SpeakerId

router = APIRouter(tags=["places"])


@router.get("/areas", dependencies=[needs(Operation.SEE)])
def areas(here: Here, signed: Staff) -> list[Area]:
    """The tree, roots first."""
    return [Area.of(node) for node in here.desk.areas(signed.person)]


@router.get("/speakers", dependencies=[needs(Operation.SEE)])
def speakers(here: Here, signed: Staff) -> list[Speaker]:
    return [Speaker.of(view) for view in here.desk.speakers(signed.person)]


@router.post("/speakers/{speaker}/test-tone", status_code=202, dependencies=[needs(Operation.TEND), Guard])
def test_tone(here: Here, signed: Staff, speaker: str) -> dict[str, str]:
    """Ask a speaker that is online for a short tone."""
    here.desk.test_tone(SpeakerId(speaker), signed.person)
    return {"speaker": speaker}
