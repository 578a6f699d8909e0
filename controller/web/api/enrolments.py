"""API: boxes that ask to be taken in, by themselves; staff who take them in, replace and revoke."""

from fastapi import APIRouter, Request

from controller.desk.new_speakers import NewSpeakers
from controller.desk.reception import Reception
from controller.rights import Operation
from controller.web.api.shapes_enrolment import (
    AcceptedOut,
    AcceptIn,
    AskIn,
    NewBoxOut,
    OfferOut,
    ReplaceIn,
    RevealIn,
    StandingOut,
)
from controller.web.services import Here, Services
from controller.web.session import Guard, Staff, needs, source_of
from schedules.units import AreaId, SpeakerId

router = APIRouter(tags=["enrolment"])


def _reception(here: Services) -> Reception:
    return Reception(here.room, here.knocks)


@router.post("/enrolments", status_code=201)
def knock(request: Request, here: Here, given: AskIn) -> OfferOut:
    """For boxes, without signing in: ask to be taken in. 429 says to come later."""
    return OfferOut.of(_reception(here).knock(given.ask(), source_of(request)))


@router.post("/enrolments/{enrolment}/reveal")
def reveal(here: Here, enrolment: str, given: RevealIn) -> StandingOut:
    """For boxes, without signing in: reveal the number, proven by the box's key, and learn how the request stands."""
    return StandingOut.of(_reception(here).reveal(enrolment, given.box_nonce, given.signature))


@router.get("/enrolments", dependencies=[needs(Operation.TEND)])
def waiting(here: Here, signed: Staff) -> list[NewBoxOut]:
    """The boxes that wait, wherever they will stand."""
    return [NewBoxOut.of(box) for box in NewSpeakers(here.room).waiting(signed.person)]


@router.post("/enrolments/{enrolment}/accept", status_code=201, dependencies=[needs(Operation.TEND), Guard])
def accept(here: Here, signed: Staff, enrolment: str, given: AcceptIn) -> AcceptedOut:
    """Take the box in as a new speaker; `code` is what the box said."""
    desk = NewSpeakers(here.room)
    return AcceptedOut(speaker=desk.accept(enrolment, given.code, AreaId(given.area), given.name, signed.person))


@router.post("/enrolments/{enrolment}/reject", status_code=204, dependencies=[needs(Operation.TEND), Guard])
def reject(here: Here, signed: Staff, enrolment: str) -> None:
    NewSpeakers(here.room).reject(enrolment, signed.person)


@router.post("/speakers/{speaker}/replace", status_code=204, dependencies=[needs(Operation.TEND), Guard])
def replace(here: Here, signed: Staff, speaker: str, given: ReplaceIn) -> None:
    """A waiting box takes over the speaker's id, place and history; the box that was there is put out."""
    NewSpeakers(here.room).replace(given.enrolment, given.code, SpeakerId(speaker), signed.person)


@router.post("/speakers/{speaker}/revoke", status_code=204, dependencies=[needs(Operation.TEND), Guard])
def revoke(here: Here, signed: Staff, speaker: str) -> None:
    """Its box is put out at once and believed no more; the place waits for another."""
    NewSpeakers(here.room).revoke(SpeakerId(speaker), signed.person)
