"""Địa bàn: the tree of a day, one area with its history, and what is decided about areas: looked at, then kept."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from controller.desk.consequences import Consequences
from controller.desk.places import Places, area_of
from controller.desk.reforms import Wish
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.limit_words import DAYS, LIMITS, ROLES, limit_words
from controller.web.pages.frame import show, told
from controller.web.place_forms import HOURS, MOST_PIECES, ROOT, read_day, read_make, read_merge, read_wish
from controller.web.render import go
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import AreaId

router = APIRouter(include_in_schema=False)

DEEDS = {
    "doi-ten": n_("Đổi tên"),
    "chuyen": n_("Chuyển sang cấp trên khác"),
    "gioi-han": n_("Giới hạn phát"),
    "tach": n_("Tách địa bàn"),
    "ket-thuc": n_("Kết thúc địa bàn"),
    "moi": n_("Thêm địa bàn"),
    "gop": n_("Gộp địa bàn"),
}


WORDS: Mapping[str, Any] = {
    "limit_names": LIMITS,
    "limit_words": limit_words,
    "day_names": DAYS,
    "role_names": ROLES,
}
"""What the templates about limits and rights need."""


async def _form(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_form)]


def day_of(here: Services, written: str) -> date:
    """The day that the page shows: as the address says it, else today."""
    return read_day(written, "ngay") if written else Places(here.room).today()


@router.get("/dia-ban", dependencies=[needs(Operation.SEE)])
def tree(request: Request, here: Here, signed: Staff, ngay: str = "") -> Response:
    desk = Places(here.room)
    forest = desk.forest(day_of(here, ngay), signed.person)
    return show(here, request, signed, "places.html", forest=forest, today=desk.today())


@router.get("/dia-ban/moi", dependencies=[needs(Operation.ARRANGE)])
def make_page(request: Request, here: Here, signed: Staff, trong: str = "") -> Response:
    return _reform(here, request, signed, "moi", None, FormData({"parent": trong}))


@router.post("/dia-ban/moi", dependencies=[needs(Operation.ARRANGE), Guard])
def make(request: Request, here: Here, signed: Staff, form: Sent) -> Response:
    return _decide(here, request, signed, "moi", None, form)


@router.get("/dia-ban/gop", dependencies=[needs(Operation.ARRANGE)])
def merge_page(request: Request, here: Here, signed: Staff) -> Response:
    return _reform(here, request, signed, "gop", None, FormData())


@router.post("/dia-ban/gop", dependencies=[needs(Operation.ARRANGE), Guard])
def merge(request: Request, here: Here, signed: Staff, form: Sent) -> Response:
    return _decide(here, request, signed, "gop", None, form)


@router.get("/dia-ban/{area}", dependencies=[needs(Operation.SEE)])
def area_page(request: Request, here: Here, signed: Staff, area: str, ngay: str = "", xong: str = "") -> Response:
    day = day_of(here, ngay)
    view = Places(here.room).view(AreaId(area), day, signed.person)
    done = DEEDS.get(xong, "")
    today = Places(here.room).today()
    return show(here, request, signed, "place.html", view=view, shown_day=day, today=today, done=done, **WORDS)


@router.get("/dia-ban/{area}/{deed}", dependencies=[needs(Operation.ARRANGE)])
def deed_page(request: Request, here: Here, signed: Staff, area: str, deed: str) -> Response:
    return _reform(here, request, signed, _known(deed), AreaId(area), FormData())


@router.post("/dia-ban/{area}/{deed}", dependencies=[needs(Operation.ARRANGE), Guard])
def carry_out(request: Request, here: Here, signed: Staff, area: str, deed: str, form: Sent) -> Response:
    return _decide(here, request, signed, _known(deed), AreaId(area), form)


def _known(deed: str) -> str:
    if deed not in DEEDS:
        raise Refusal("unknown-page", n_("Không có trang này. Hãy quay lại trang địa bàn."), status=404)
    return deed


def _read(deed: str, area: AreaId | None, form: FormData) -> Wish:
    if area is None:
        return read_make(form) if deed == "moi" else read_merge(form)
    return read_wish(deed, area, form)


def _decide(
    here: Services, request: Request, signed: SignedIn, deed: str, area: AreaId | None, form: FormData
) -> Response:
    """Show what it would change, and keep it only when the person has seen that and asks once more."""
    desk = Places(here.room)
    try:
        wish = _read(deed, area, form)
        if form.get("step") != "save":
            told_before = desk.consider(wish, signed.person)
            return _reform(here, request, signed, deed, area, form, told_before)
        desk.carry_out(wish, signed.person)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _reform(here, request, signed, deed, area, form, refusal=refusal)
    return go(request, f"/dia-ban/{area_of(wish)}?ngay={wish.day.isoformat()}&xong={deed}")


def _reform(
    here: Services,
    request: Request,
    signed: SignedIn,
    deed: str,
    area: AreaId | None,
    form: FormData,
    consequences: Consequences | None = None,
    refusal: Refusal | None = None,
) -> Response:
    desk = Places(here.room)
    today = desk.today()
    view = desk.view(area, today, signed.person) if area is not None else None
    return show(
        here,
        request,
        signed,
        "reform.html",
        status=refusal.status if refusal else 200,
        deed=deed,
        title=DEEDS[deed],
        view=view,
        forest=desk.forest(today, signed.person),
        form=form,
        today=today,
        told=consequences,
        error=told(here, refusal) if refusal else None,
        root=ROOT,
        pieces=range(1, MOST_PIECES + 1),
        hours=range(1, max(HOURS, len((view.area.settings.quiet_hours if view else None) or ())) + 1),
        volume_rows=range(1, max(1, len((view.area.settings.volume_hours if view else None) or ()) + 1) + 1),
        **WORDS,
    )
