"""Nhóm loa: named sets of speakers for schedules to be aimed at."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from controller.desk.groups import Groups
from controller.desk.places import Places
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.store.values import Group
from controller.web.pages.frame import show, told
from controller.web.pages.places import Sent
from controller.web.place_forms import text, texts
from controller.web.render import go
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import AreaId, GroupId, SpeakerId

router = APIRouter(include_in_schema=False)


@router.get("/cum-loa/nhom", dependencies=[needs(Operation.SEE)])
def groups(request: Request, here: Here, signed: Staff) -> Response:
    found = Groups(here.room).all(signed.person)
    names = Places(here.room).names()
    return show(here, request, signed, "groups.html", groups=found, names=names)


@router.get("/cum-loa/nhom/moi", dependencies=[needs(Operation.TEND)])
def make_page(request: Request, here: Here, signed: Staff) -> Response:
    return _page(here, request, signed, None, FormData())


@router.post("/cum-loa/nhom/moi", dependencies=[needs(Operation.TEND), Guard])
def make(request: Request, here: Here, signed: Staff, form: Sent) -> Response:
    try:
        area = text(form, "area")
        if not area:
            raise Refusal("no-area", n_("Chưa chọn địa bàn. Hãy chọn."), field="area")
        Groups(here.room).make(text(form, "name"), AreaId(area), _speakers(form), signed.person)
    except Refusal as refusal:
        return _back(here, request, signed, None, form, refusal)
    return go(request, "/cum-loa/nhom")


@router.get("/cum-loa/nhom/{group}", dependencies=[needs(Operation.TEND)])
def group_page(request: Request, here: Here, signed: Staff, group: str) -> Response:
    found = Groups(here.room).get(GroupId(group), signed.person)
    form = FormData([("name", found.name), *(("speakers", each) for each in found.speakers)])
    return _page(here, request, signed, found, form)


@router.post("/cum-loa/nhom/{group}", dependencies=[needs(Operation.TEND), Guard])
def change(request: Request, here: Here, signed: Staff, group: str, form: Sent) -> Response:
    desk = Groups(here.room)
    found = desk.get(GroupId(group), signed.person)
    try:
        desk.change(found.id, text(form, "name"), _speakers(form), signed.person)
    except Refusal as refusal:
        return _back(here, request, signed, found, form, refusal)
    return go(request, "/cum-loa/nhom")


@router.post("/cum-loa/nhom/{group}/bo", dependencies=[needs(Operation.TEND), Guard])
def retire(request: Request, here: Here, signed: Staff, group: str) -> Response:
    Groups(here.room).retire(GroupId(group), signed.person)
    return go(request, "/cum-loa/nhom")


def _speakers(form: FormData) -> list[SpeakerId]:
    return [SpeakerId(each) for each in texts(form, "speakers")]


def _back(
    here: Services, request: Request, signed: SignedIn, group: Group | None, form: FormData, refusal: Refusal
) -> Response:
    if refusal.status in (403, 404):
        raise refusal
    return _page(here, request, signed, group, form, refusal)


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    group: Group | None,
    form: FormData,
    refusal: Refusal | None = None,
) -> Response:
    desk = Places(here.room)
    return show(
        here,
        request,
        signed,
        "group.html",
        status=refusal.status if refusal else 200,
        group=group,
        form=form,
        forest=desk.forest(desk.today(), signed.person),
        choices=desk.speakers_by_area(signed.person, Operation.TEND, group),
        error=told(here, refusal) if refusal else None,
    )
