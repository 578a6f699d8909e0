"""Ghi âm: a bulletin is recorded in the browser; the form that it hands in is that of Bản tin mới."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from audio.prepare import Limits
from controller.rights import Operation
from controller.web.pages.frame import show
from controller.web.security import MICROPHONE, allowing
from controller.web.services import Here
from controller.web.session import Staff, needs

router = APIRouter(include_in_schema=False)


@router.get("/ban-tin/ghi-am", dependencies=[needs(Operation.COMPOSE)])
def recorder(request: Request, here: Here, signed: Staff) -> Response:
    """The one page that may use the microphone, and play what only this browser has so far."""
    page = show(
        here,
        request,
        signed,
        "recording.html",
        max_seconds=Limits().seconds,
        address=here.public_url if here.public_url.startswith("https://") else "",
    )
    page.headers["Permissions-Policy"] = MICROPHONE
    page.headers["Content-Security-Policy"] = allowing("media-src", "blob:")
    return page
