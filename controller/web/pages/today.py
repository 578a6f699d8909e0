"""Hôm nay: what plays now, what plays next, what played, of one local day."""

from datetime import timedelta

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from controller.desk.programme import Programme
from controller.rights import Operation
from controller.web.forms import read_day
from controller.web.pages.frame import show
from controller.web.render import htmx_target
from controller.web.services import Here
from controller.web.session import Staff, needs
from controller.web.shown import local
from schedules.units import AreaId

router = APIRouter(include_in_schema=False)

AREA = Query(default="", alias="dia-ban")


@router.get("/", dependencies=[needs(Operation.SEE)])
def today(request: Request, here: Here, signed: Staff, ngay: str = "", area: str = AREA) -> Response:
    day = read_day(ngay, "ngay") if ngay else None
    board = Programme(here.room).board(signed.person, day, AreaId(area) if area else None)
    return show(
        here,
        request,
        signed,
        "_today.html" if htmx_target(request) == "today" else "today.html",
        board=board,
        area=area,
        shown_day=board.day,
        is_today=board.day == local(here.now(), board.time_zone).date(),
        before=board.day - timedelta(days=1),
        after=board.day + timedelta(days=1),
    )
