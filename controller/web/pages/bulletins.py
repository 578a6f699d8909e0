"""Bản tin: the list, and one bulletin with its steps: listen, choose where and when, send."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from controller.desk.reading import Reading
from controller.desk.refusal import Refusal
from controller.desk.values import BulletinView, PreparationState, Scheduled, Understanding
from controller.rights import Operation
from controller.web.forms import read_schedule
from controller.web.pages.frame import show, told
from controller.web.pages.planning import filled, plan_context
from controller.web.render import go, htmx_target, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.model import BulletinState
from schedules.units import BulletinId

router = APIRouter(include_in_schema=False)


@router.get("/ban-tin", dependencies=[needs(Operation.SEE)])
def bulletins(request: Request, here: Here, signed: Staff) -> Response:
    return show(here, request, signed, "bulletins.html", bulletins=here.desk.bulletins(signed.person))


def steps(here: Services, request: Request, signed: SignedIn, bulletin: BulletinView, **more: object) -> Response:
    """The bulletin's page. `more` may carry form, understood, error, status."""
    form = more.pop("form", FormData())
    assert isinstance(form, FormData)
    context = plan_context(here, signed, form, f"/ban-tin/{bulletin.id}/lich", bulletin.priority)
    standing = Reading(here.room).standing(bulletin.id, signed.person)
    context |= {"bulletin": bulletin, "standing": standing, "understood": None, "error": None}
    status = more.pop("status", 200)
    assert isinstance(status, int)
    return show(here, request, signed, "bulletin.html", status=status, **(context | more))


@router.get("/ban-tin/{bulletin}", dependencies=[needs(Operation.SEE)])
def bulletin_page(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    view = here.desk.bulletin(BulletinId(bulletin), signed.person)
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
    view = here.desk.bulletin(bulletin, signed.person)
    sending = form.get("step") == "send"
    try:
        form = filled(here, signed, form)
        order = read_schedule(form, bulletin, here.desk.areas(signed.person, Operation.COMPOSE))
        if sending:
            return go(request, after(here.desk.schedule(order, signed.person), bulletin))
        understood: Understanding | None = here.desk.understand(order, signed.person)
        error = None
    except Refusal as refusal:
        if sending and is_htmx(request):
            raise
        understood, error = None, refusal
    return _understood(here, request, signed, view, form, understood, error)


def after(made: Scheduled, bulletin: BulletinId) -> str:
    """Where to go when it was sent: to the first broadcast, or to what became of the bulletin while it waits."""
    if made.state is BulletinState.PENDING:
        return f"/ban-tin/{bulletin}"
    return f"/luot-phat/{made.broadcasts[0]}" if made.broadcasts else "/"


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
    if is_htmx(request) and htmx_target(request) not in ("when", "plan"):
        fill_url = f"/ban-tin/{view.id}/lich"
        part: dict[str, Any] = {
            "bulletin": view,
            "form": form,
            "understood": understood,
            "error": error,
            "fill_url": fill_url,
        }
        return show(here, request, signed, "_understood_part.html", **part)
    status = refusal.status if refusal else 200
    return steps(here, request, signed, view, form=form, understood=understood, error=error, status=status)
