"""Lượt phát: one broadcast, speaker by speaker, live, with the buttons that end it or its schedule."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.desk.values import BroadcastView
from controller.rights import Operation
from controller.web.bars import states_bar
from controller.web.pages.frame import show
from controller.web.render import go, htmx_target, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import BroadcastId

router = APIRouter(include_in_schema=False)


def _show(here: Services, request: Request, signed: SignedIn, view: BroadcastView) -> Response:
    template = "_broadcast.html" if htmx_target(request) == "broadcast" else "broadcast.html"
    counts = [(playback.state, 1) for playback in view.playbacks]
    series = here.desk.schedule_view(view.schedule, signed.person)
    return show(here, request, signed, template, broadcast=view, series=series, bar_segments=states_bar(counts))


@router.get("/luot-phat/{broadcast}", dependencies=[needs(Operation.SEE)])
def broadcast_page(request: Request, here: Here, signed: Staff, broadcast: str) -> Response:
    return _show(here, request, signed, here.desk.broadcast(BroadcastId(broadcast), signed.person))


@router.post("/luot-phat/{broadcast}/huy", dependencies=[needs(Operation.STOP), Guard])
def cancel(request: Request, here: Here, signed: Staff, broadcast: str) -> Response:
    here.desk.cancel(BroadcastId(broadcast), signed.person)
    return _after(request, here, signed, broadcast)


@router.post("/luot-phat/{broadcast}/dung", dependencies=[needs(Operation.STOP), Guard])
def stop(request: Request, here: Here, signed: Staff, broadcast: str) -> Response:
    here.desk.stop(BroadcastId(broadcast), signed.person)
    return _after(request, here, signed, broadcast)


def _after(request: Request, here: Services, signed: SignedIn, broadcast: str) -> Response:
    if is_htmx(request):
        return _show(here, request, signed, here.desk.broadcast(BroadcastId(broadcast), signed.person))
    return Response(status_code=303, headers={"Location": f"/luot-phat/{broadcast}"})


@router.get("/luot-phat/{broadcast}/ket-thuc-lich", dependencies=[needs(Operation.STOP)])
def ask_to_end(request: Request, here: Here, signed: Staff, broadcast: str) -> Response:
    """A page of its own asks once more: the broadcast's page renews itself and would close any question on it."""
    view = here.desk.broadcast(BroadcastId(broadcast), signed.person)
    series = here.desk.schedule_view(view.schedule, signed.person)
    return show(here, request, signed, "end_schedule.html", broadcast=view, series=series)


@router.post("/luot-phat/{broadcast}/ket-thuc-lich", dependencies=[needs(Operation.STOP), Guard])
def end_schedule(request: Request, here: Here, signed: Staff, broadcast: str) -> Response:
    here.desk.end_schedule(here.desk.broadcast(BroadcastId(broadcast), signed.person).schedule, signed.person)
    return go(request, f"/luot-phat/{broadcast}")
