"""Loa mới: boxes that ask to be taken in; one is compared by its code and placed, or turned away."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from controller.desk.new_speakers import NewSpeakers
from controller.desk.places import Places
from controller.desk.refusal import Refusal
from controller.language import _, n_
from controller.rights import Operation
from controller.web.pages.frame import show, told
from controller.web.pages.places import Sent
from controller.web.permission import May
from controller.web.place_forms import text
from controller.web.render import go, htmx_target
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import AreaId, SpeakerId

router = APIRouter(include_in_schema=False)

DONE = {"tu-choi": n_("Đã từ chối hộp loa.")}


@router.get("/cum-loa/moi", dependencies=[needs(Operation.TEND)])
def waiting(request: Request, here: Here, signed: Staff, xong: str = "") -> Response:
    boxes = NewSpeakers(here.room).waiting(signed.person)
    template = "_new_speakers.html" if htmx_target(request) == "new-speakers" else "new_speakers.html"
    return show(here, request, signed, template, boxes=boxes, done=_(DONE.get(xong, "")))


@router.get("/cum-loa/moi/{enrolment}", dependencies=[needs(Operation.TEND)])
def one(request: Request, here: Here, signed: Staff, enrolment: str, thay: str = "") -> Response:
    return _page(here, request, signed, enrolment, FormData({"speaker": thay}))


@router.post("/cum-loa/moi/{enrolment}/nhan", dependencies=[needs(Operation.TEND), Guard])
def accept(request: Request, here: Here, signed: Staff, enrolment: str, form: Sent) -> Response:
    desk = NewSpeakers(here.room)
    try:
        code = _compared(form)
        speaker = desk.accept(enrolment, code, AreaId(text(form, "area")), text(form, "name"), signed.person)
    except Refusal as refusal:
        return _back(here, request, signed, enrolment, form, refusal)
    return go(request, f"/cum-loa/{speaker}?xong=nhan")


@router.post("/cum-loa/moi/{enrolment}/thay", dependencies=[needs(Operation.TEND), Guard])
def replace(request: Request, here: Here, signed: Staff, enrolment: str, form: Sent) -> Response:
    speaker = SpeakerId(text(form, "speaker"))
    try:
        if not speaker:
            raise Refusal("no-speaker", n_("Hãy chọn cụm loa mà hộp này thay thế."), field="speaker")
        NewSpeakers(here.room).replace(enrolment, _compared(form), speaker, signed.person)
    except Refusal as refusal:
        return _back(here, request, signed, enrolment, form, refusal)
    return go(request, f"/cum-loa/{speaker}?xong=thay")


@router.post("/cum-loa/moi/{enrolment}/tu-choi", dependencies=[needs(Operation.TEND), Guard])
def reject(request: Request, here: Here, signed: Staff, enrolment: str) -> Response:
    NewSpeakers(here.room).reject(enrolment, signed.person)
    return go(request, "/cum-loa/moi?xong=tu-choi")


def _compared(form: FormData) -> str:
    """The code that the person says is the box's."""
    if not (code := text(form, "code")):
        sentence = n_("Hãy so mã với mã hộp loa đọc rồi đánh dấu “Mã đúng”.")
        raise Refusal("not-compared", sentence, field="code")
    return code


def _back(
    here: Services, request: Request, signed: SignedIn, enrolment: str, form: FormData, refusal: Refusal
) -> Response:
    if refusal.status in (403, 404, 409):
        raise refusal
    return _page(here, request, signed, enrolment, form, refusal)


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    enrolment: str,
    form: FormData,
    refusal: Refusal | None = None,
) -> Response:
    desk, may = Places(here.room), May(here.room)
    box = NewSpeakers(here.room).box(enrolment, signed.person)
    speakers = [
        each for each in here.desk.speakers(signed.person) if each.area and may(signed.person, "tend", each.area)
    ]
    return show(
        here,
        request,
        signed,
        "new_speaker.html",
        status=refusal.status if refusal else 200,
        box=box,
        forest=desk.forest(desk.today(), signed.person),
        speakers=speakers,
        form=form,
        error=told(here, refusal) if refusal else None,
    )
