"""Hôm nay: what plays now, what plays next, what played, of one local day."""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.desk.values import BroadcastLine, BroadcastPhase
from controller.rights import Operation
from controller.web.forms import read_day
from controller.web.pages.frame import show
from controller.web.render import htmx_target
from controller.web.services import Here
from controller.web.session import Staff, needs
from controller.web.shown import local

router = APIRouter(include_in_schema=False)

PHASES = {
    "playing": (BroadcastPhase.PLAYING,),
    "coming": (BroadcastPhase.COMING,),
    "over": (BroadcastPhase.OVER, BroadcastPhase.CANCELLED),
}


def groups(lines: tuple[BroadcastLine, ...]) -> dict[str, list[BroadcastLine]]:
    """The day's lines by what matters to the reader; those that played, newest first."""
    found = {name: [line for line in lines if line.phase in phases] for name, phases in PHASES.items()}
    found["over"].reverse()
    return found


@router.get("/", dependencies=[needs(Operation.SEE)])
def today(request: Request, here: Here, signed: Staff, ngay: str = "") -> Response:
    now_day = local(here.now(), here.desk.home_time_zone()).date()
    day: date = read_day(ngay, "ngay") if ngay else now_day
    speakers = here.desk.speakers(signed.person)
    return show(
        here,
        request,
        signed,
        "_today.html" if htmx_target(request) == "today" else "today.html",
        shown_day=day,
        is_today=day == now_day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        online=sum(speaker.online for speaker in speakers),
        speakers=len(speakers),
        groups=groups(here.desk.day(None if day == now_day else day, signed.person)),
    )
