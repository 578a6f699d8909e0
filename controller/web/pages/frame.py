"""What every page of a signed-in person is rendered with."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from controller.desk.refusal import Refusal
from controller.language import _
from controller.web.errors import SIGNING_STOPPED
from controller.web.permission import May
from controller.web.services import Services
from controller.web.session import SignedIn
from controller.web.shown import full_clock
from controller.web.waiting import Waiting


def show(
    here: Services, request: Request, signed: SignedIn, template: str, *, status: int = 200, **context: object
) -> HTMLResponse:
    """Render `template` with the person, what they may do, the CSRF token and the place in the navigation."""
    zone = here.desk.home_time_zone()
    return here.pages.page(
        template,
        status=status,
        person=signed.person,
        csrf=signed.csrf,
        path=request.url.path,
        may=May(here.room),
        waiting=Waiting(here.room, signed.person),
        zone=zone,
        rendered=full_clock(here.now(), zone),
        stopped=_(SIGNING_STOPPED) if here.room.planner.signer.stopped else "",
        **context,
    )


def told(here: Services, refusal: Refusal) -> dict[str, object]:
    """A refusal as a form shows it above its fields."""
    return {"sentence": here.pages.sentence(refusal), "field": refusal.field}
