"""One cụm loa: where it stands and stood, its name, a move on a day, its end."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from controller.desk.new_speakers import NewSpeakers
from controller.desk.places import Places
from controller.desk.refusal import Refusal
from controller.desk.speakers import Speakers
from controller.language import _, n_
from controller.rights import Operation
from controller.web.pages.frame import show, told
from controller.web.pages.places import Sent
from controller.web.permission import May
from controller.web.place_forms import read_day, text
from controller.web.render import go
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import AreaId, SpeakerId

router = APIRouter(include_in_schema=False)

DONE = {
    "doi-ten": n_("Đã đổi tên cụm loa."),
    "chuyen": n_("Đã chuyển cụm loa."),
    "ngung": n_("Đã ngừng dùng."),
    "nhan": n_("Đã nhận hộp loa. Hộp tự kết nối trong vài giây."),
    "thay": n_("Đã thay hộp loa. Hộp mới tự kết nối trong vài giây."),
    "thu-hoi": n_("Đã thu hồi hộp loa."),
}


@router.get("/cum-loa/{speaker}", dependencies=[needs(Operation.SEE)])
def speaker_page(request: Request, here: Here, signed: Staff, speaker: str, xong: str = "") -> Response:
    return _page(here, request, signed, SpeakerId(speaker), FormData(), done=_(DONE.get(xong, "")))


@router.post("/cum-loa/{speaker}/doi-ten", dependencies=[needs(Operation.TEND), Guard])
def rename(request: Request, here: Here, signed: Staff, speaker: str, form: Sent) -> Response:
    try:
        Speakers(here.room).rename(SpeakerId(speaker), text(form, "name"), signed.person)
    except Refusal as refusal:
        return _back(here, request, signed, SpeakerId(speaker), form, refusal)
    return go(request, f"/cum-loa/{speaker}?xong=doi-ten")


@router.post("/cum-loa/{speaker}/chuyen", dependencies=[needs(Operation.TEND), Guard])
def move(request: Request, here: Here, signed: Staff, speaker: str, form: Sent) -> Response:
    try:
        day = read_day(text(form, "day"))
        Speakers(here.room).move(SpeakerId(speaker), AreaId(text(form, "area")), day, signed.person)
    except Refusal as refusal:
        return _back(here, request, signed, SpeakerId(speaker), form, refusal)
    return go(request, f"/cum-loa/{speaker}?xong=chuyen")


@router.post("/cum-loa/{speaker}/ngung", dependencies=[needs(Operation.TEND), Guard])
def retire(request: Request, here: Here, signed: Staff, speaker: str, form: Sent) -> Response:
    if text(form, "sure") != "1":
        sentence = n_("Hãy đánh dấu “Tôi chắc chắn” trước khi ngừng dùng cụm loa.")
        return _back(here, request, signed, SpeakerId(speaker), form, Refusal("not-sure", sentence, field="sure"))
    Speakers(here.room).retire(SpeakerId(speaker), signed.person)
    return go(request, "/cum-loa")


@router.post("/cum-loa/{speaker}/thu-hoi", dependencies=[needs(Operation.TEND), Guard])
def revoke(request: Request, here: Here, signed: Staff, speaker: str, form: Sent) -> Response:
    if text(form, "sure") != "1":
        sentence = n_("Hãy đánh dấu “Tôi chắc chắn” trước khi thu hồi hộp loa.")
        return _back(here, request, signed, SpeakerId(speaker), form, Refusal("not-sure", sentence, field="revoke"))
    NewSpeakers(here.room).revoke(SpeakerId(speaker), signed.person)
    return go(request, f"/cum-loa/{speaker}?xong=thu-hoi")


def _back(
    here: Services, request: Request, signed: SignedIn, speaker: SpeakerId, form: FormData, refusal: Refusal
) -> Response:
    if refusal.status in (403, 404):
        raise refusal
    return _page(here, request, signed, speaker, form, refusal=refusal)


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    speaker: SpeakerId,
    form: FormData,
    *,
    done: str = "",
    refusal: Refusal | None = None,
) -> Response:
    card = Speakers(here.room).card(speaker, signed.person)
    desk, may = Places(here.room), May(here.room)
    tended = may(signed.person, "tend", card.area.id) if card.area else may.everywhere(signed.person, "tend")
    return show(
        here,
        request,
        signed,
        "speaker.html",
        status=refusal.status if refusal else 200,
        card=card,
        may_tend=tended and not card.speaker.retired,
        boxes=NewSpeakers(here.room).waiting(signed.person) if tended else (),
        forest=desk.forest(desk.today(), signed.person),
        today=desk.today(),
        form=form,
        done=done,
        error=told(here, refusal) if refusal else None,
    )
