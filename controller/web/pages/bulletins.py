"""Bản tin: the list, and one bulletin with its steps: listen, choose where and when, send."""

from datetime import date, datetime, time, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from controller.desk.refusal import Refusal
from controller.desk.values import BulletinView, PreparationState, Understanding, WhenKind
from controller.rights import Operation
from controller.web.forms import read_schedule
from controller.web.pages.frame import show, told
from controller.web.render import go, htmx_target, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from controller.web.shown import local
from schedules.units import BulletinId

router = APIRouter(include_in_schema=False)

VOLUMES = (40, 50, 60, 70, 80, 90, 100)
USUAL_TIME = time(17)
"""When most communes play; only proposed."""


@router.get("/ban-tin", dependencies=[needs(Operation.SEE)])
def bulletins(request: Request, here: Here, signed: Staff) -> Response:
    return show(here, request, signed, "bulletins.html", bulletins=here.desk.bulletins())


def first_day(local_now: datetime) -> date:
    """The day that is proposed: the next on which the usual time is still to come."""
    return local_now.date() + timedelta(days=local_now.time() >= USUAL_TIME)


def steps(here: Services, request: Request, signed: SignedIn, bulletin: BulletinView, **more: object) -> Response:
    """The bulletin's page. `more` may carry form, understood, error, status."""
    context: dict[str, object] = {
        "bulletin": bulletin,
        "areas": here.desk.areas(),
        "volumes": VOLUMES,
        "kinds": list(WhenKind),
        "first_day": first_day(local(here.now(), here.desk.home_time_zone())),
        "first_time": f"{USUAL_TIME:%H:%M}",
        "form": FormData(),
        "understood": None,
        "error": None,
    }
    status = more.pop("status", 200)
    assert isinstance(status, int)
    return show(here, request, signed, "bulletin.html", status=status, **(context | more))


@router.get("/ban-tin/{bulletin}", dependencies=[needs(Operation.SEE)])
def bulletin_page(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    view = here.desk.bulletin(BulletinId(bulletin))
    if htmx_target(request) == "prepared":
        part = show(here, request, signed, "_prepared_part.html", bulletin=view)
        if view.preparation.state is PreparationState.DONE:
            # Nothing will change any more: the player takes the place of the part that refreshes itself.
            part.headers.update({"HX-Reselect": "#prepared", "HX-Reswap": "outerHTML"})
        if view.preparation.state is PreparationState.FAILED:
            # There is nothing to plan any more: the whole page changes.
            part.headers["HX-Refresh"] = "true"
        return part
    return steps(here, request, signed, view)


@router.post("/ban-tin/{bulletin}/lich", dependencies=[needs(Operation.COMPOSE), Guard])
async def plan(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    """Both buttons of step 3: `step=understand` says what was understood, `step=send` sends."""
    form = await request.form()
    return await run_in_threadpool(_plan, request, here, signed, BulletinId(bulletin), form)


def _plan(request: Request, here: Services, signed: SignedIn, bulletin: BulletinId, form: FormData) -> Response:
    view = here.desk.bulletin(bulletin)
    sending = form.get("step") == "send"
    try:
        order = read_schedule(form, bulletin, here.desk.areas())
        if sending:
            _, broadcasts = here.desk.schedule(order, signed.person)
            return go(request, f"/luot-phat/{broadcasts[0]}" if broadcasts else "/")
        understood: Understanding | None = here.desk.understand(order)
        error = None
    except Refusal as refusal:
        if sending and is_htmx(request):
            raise
        understood, error = None, refusal
    return _understood(here, request, signed, view, form, understood, error)


def _understood(
    here: Services,
    request: Request,
    signed: SignedIn,
    view: BulletinView,
    form: FormData,
    understood: Understanding | None,
    refusal: Refusal | None,
) -> Response:
    error = told(here, refusal) if refusal else None
    if is_htmx(request):
        return show(
            here, request, signed, "_understood_part.html", bulletin=view, form=form, understood=understood, error=error
        )
    status = refusal.status if refusal else 200
    return steps(here, request, signed, view, form=form, understood=understood, error=error, status=status)
