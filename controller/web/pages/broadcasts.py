"""Lượt phát: one broadcast, speaker by speaker, live, with the two buttons that end it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.desk.values import BroadcastView
from controller.web.bars import states_bar
from controller.web.pages.frame import show
from controller.web.render import htmx_target, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff
from schedules.units import BroadcastId

router = APIRouter(include_in_schema=False)


def _show(here: Services, request: Request, signed: SignedIn, view: BroadcastView) -> Response:
    template = "_broadcast.html" if htmx_target(request) == "broadcast" else "broadcast.html"
    counts = [(playback.state, 1) for playback in view.playbacks]
    return show(here, request, signed, template, broadcast=view, bar_segments=states_bar(counts))


@router.get("/luot-phat/{broadcast}")
def broadcast_page(request: Request, here: Here, signed: Staff, broadcast: str) -> Response:
    return _show(here, request, signed, here.desk.broadcast(BroadcastId(broadcast)))


@router.post("/luot-phat/{broadcast}/huy", dependencies=[Guard])
def cancel(request: Request, here: Here, signed: Staff, broadcast: str) -> Response:
    here.desk.cancel(BroadcastId(broadcast), signed.person)
    return _after(request, here, signed, broadcast)


@router.post("/luot-phat/{broadcast}/dung", dependencies=[Guard])
def stop(request: Request, here: Here, signed: Staff, broadcast: str) -> Response:
    here.desk.stop(BroadcastId(broadcast), signed.person)
    return _after(request, here, signed, broadcast)


def _after(request: Request, here: Services, signed: SignedIn, broadcast: str) -> Response:
    if is_htmx(request):
        return _show(here, request, signed, here.desk.broadcast(BroadcastId(broadcast)))
    return Response(status_code=303, headers={"Location": f"/luot-phat/{broadcast}"})
