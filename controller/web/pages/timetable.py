"""Lịch: what is chosen from in the form that says where and when."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.desk.choosing import choosing
from controller.rights import Operation
from controller.web.pages.frame import show
from controller.web.services import Here
from controller.web.session import Staff, needs

router = APIRouter(include_in_schema=False)


@router.get("/lich/cum-loa", dependencies=[needs(Operation.COMPOSE)])
def speakers(request: Request, here: Here, signed: Staff, find: str = "") -> Response:
    """The speakers that were searched for, after those that are chosen already."""
    chosen = set(request.query_params.getlist("speakers"))
    return show(
        here, request, signed, "_found_speakers.html", choosing=choosing(here.room, signed.person, find[:80], chosen)
    )
