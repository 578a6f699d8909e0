"""Cách đọc: the readings of an area, its own and those from above; add, change, remove, try out."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from audio.speech.lexicon import table
from controller.desk.readings import ReadingTable
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.pages.frame import show, told
from controller.web.pages.places import Sent
from controller.web.place_forms import text
from controller.web.render import go
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import AreaId

router = APIRouter(include_in_schema=False)

MOST_FOUND = 100
"""Of the program's own table, shown at once."""


@router.get("/cach-doc", dependencies=[needs(Operation.SEE)])
def readings(request: Request, here: Here, signed: Staff, dia_ban: str = "", tim: str = "") -> Response:
    return _page(here, request, signed, dia_ban, {"find": tim[:60]})


@router.post("/cach-doc", dependencies=[needs(Operation.COMPOSE), Guard])
def remember(request: Request, here: Here, signed: Staff, form: Sent) -> Response:
    """Keep a reading, or only try it (`step` preview): how a sentence would sound with it."""
    area = text(form, "area")
    fields = {name: text(form, name) for name in ("written", "read", "sample", "step")}
    desk = ReadingTable(here.room)
    try:
        if fields["step"] == "preview":
            heard = desk.try_out(AreaId(area), fields["written"], fields["read"], fields["sample"], signed.person)
            return _page(here, request, signed, area, fields | {"heard": heard.text})
        desk.remember(AreaId(area), fields["written"], fields["read"], signed.person)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(here, request, signed, area, fields, refusal)
    return go(request, f"/cach-doc?dia_ban={quote(area)}")


@router.post("/cach-doc/bo", dependencies=[needs(Operation.COMPOSE), Guard])
def forget(request: Request, here: Here, signed: Staff, form: Sent) -> Response:
    area = text(form, "area")
    ReadingTable(here.room).forget(AreaId(area), text(form, "written"), signed.person)
    return go(request, f"/cach-doc?dia_ban={quote(area)}")


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    area: str,
    fields: dict[str, str],
    refusal: Refusal | None = None,
) -> Response:
    desk = ReadingTable(here.room)
    choices = desk.choices(signed.person)
    chosen = AreaId(area) if area else desk.keeps(None, signed.person) or (choices[0].id if choices else None)
    if chosen is None:
        raise Refusal("no-area", n_("Chưa có địa bàn nào. Hãy lập địa bàn trước."), status=404)
    return show(
        here,
        request,
        signed,
        "readings.html",
        status=refusal.status if refusal else 200,
        choices=choices,
        area=chosen,
        lines=desk.of(chosen, signed.person),
        keeps=desk.may_keep(chosen, signed.person),
        form=fields,
        built_in=_built_in(fields.get("find", "")),
        error=told(here, refusal) if refusal else None,
    )


def _built_in(find: str) -> list[tuple[str, str]]:
    """What comes with the program, for what is looked for."""
    wanted = find.strip().lower()
    if not wanted:
        return []
    known = sorted({**table("foreign"), **table("general")}.items())
    return [(form, read) for form, read in known if wanted in form.lower() or wanted in read][:MOST_FOUND]
