"""Loa phát gì?: what one speaker will play on a day and tonight, drawn and as a list."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.desk.timelines import Timeline, Timelines
from controller.language import n_
from controller.rights import Operation
from controller.web.forms import read_day
from controller.web.lanes import lane_of
from controller.web.pages.frame import show
from controller.web.render import go
from controller.web.services import Here
from controller.web.session import Staff, needs
from schedules.rails import Rail
from schedules.units import SpeakerId

router = APIRouter(include_in_schema=False)

RAILS: Mapping[Rail, str] = {
    Rail.QUIET_HOURS: n_("rơi vào giờ yên tĩnh"),
    Rail.WEEKDAY: n_("ngày này không được phát"),
    Rail.SESSION_CAP: n_("phiên phát quá dài"),
    Rail.DAILY_CAP: n_("quá số phút phát trong ngày"),
}


@router.get("/dong-thoi-gian", dependencies=[needs(Operation.SEE)])
def choose(request: Request, here: Here, signed: Staff, loa: str = "", ngay: str = "") -> Response:
    """The speakers; the form of this page leads to one."""
    if loa:
        return go(request, f"/dong-thoi-gian/{quote(loa, safe='')}" + (f"?{urlencode({'ngay': ngay})}" if ngay else ""))
    return show(
        here, request, signed, "timeline.html", speakers=Timelines(here.room).speakers(signed.person), line=None
    )


@router.get("/dong-thoi-gian/{speaker}", dependencies=[needs(Operation.SEE)])
def timeline(request: Request, here: Here, signed: Staff, speaker: str, ngay: str = "") -> Response:
    desk = Timelines(here.room)
    line: Timeline = desk.day(signed.person, SpeakerId(speaker), read_day(ngay, "ngay") if ngay else None)
    return show(
        here,
        request,
        signed,
        "timeline.html",
        speakers=desk.speakers(signed.person),
        line=line,
        lane=lane_of(line, here.now()),
        rails=RAILS,
        now=here.now(),
        before=line.day - timedelta(days=1),
        after=line.day + timedelta(days=1),
    )
