"""The switch between the languages, on every page: a plain form that leads back to where it was pressed."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.routing import Match

from controller.desk.language import remember
from controller.language import LANGUAGES, SOURCE
from controller.web.choice import LANGUAGE_COOKIE, LANGUAGE_COOKIE_S
from controller.web.services import Here, Services
from controller.web.session import check_same_site, find

router = APIRouter(include_in_schema=False)


def came_from(request: Request) -> str:
    """The path and query of the page with the switch, by the Referer; "/" if that page cannot be asked for again."""
    try:
        referer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    scope = dict(request.scope) | {"path": referer.path, "method": "GET", "root_path": ""}
    known = any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    if not known or referer.path.startswith(("//", "/api/", "/static/")):
        return "/"
    return f"{referer.path}?{referer.query}" if referer.query else referer.path


def set_language_cookie(response: Response, chosen: str, here: Services) -> None:
    response.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=LANGUAGE_COOKIE_S, httponly=True, samesite="lax", secure=here.secure_cookies
    )


@router.post("/ngon-ngu", dependencies=[Depends(check_same_site)])
def switch(request: Request, here: Here, language: Annotated[str, Form()] = SOURCE) -> Response:
    chosen = language if language in LANGUAGES else SOURCE
    signed = find(request, here)
    if signed:
        remember(here.room, signed.person, chosen)
    response = RedirectResponse(came_from(request), status_code=303)
    set_language_cookie(response, chosen, here)
    return response
