"""Sign-in, sign-out and the change of one's password."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from controller.desk.accounts import Entrance
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.pages.frame import show, told
from controller.web.render import go, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Anyone, Guard, check_same_site, clear_cookie, find, needs, set_entrance, visit_of

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
TICKET_COOKIE = "loaxa_second"


def local_path(wanted: str) -> str:
    """`wanted` if it is a path of this site, else the first page."""
    safe = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if safe else "/"


@router.get("/dang-nhap")
def sign_in_page(request: Request, here: Here, tiep: str = "/") -> Response:
    if find(request, here):
        return go(request, local_path(tiep))
    return _form(here, tiep, "", None)


def _form(here: Services, tiep: str, username: str, refusal: Refusal | None) -> Response:
    return here.pages.page(
        "sign_in.html",
        status=refusal.status if refusal else 200,
        next=local_path(tiep),
        username=username,
        error=told(here, refusal) if refusal else None,
        provider=here.oidc.settings.name if here.oidc else "",
    )


@router.post("/dang-nhap", dependencies=[Depends(check_same_site)])
def sign_in(request: Request, here: Here, username: Text = "", password: Text = "", tiep: Text = "/") -> Response:
    try:
        entrance = here.accounts.sign_in(username.strip(), password, visit_of(request))
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _form(here, tiep, username, refusal)
    if entrance.ticket:
        response = go(request, f"/dang-nhap/ma?tiep={quote(local_path(tiep))}")
        _keep_ticket(response, entrance.ticket, here)
        return response
    return entered(request, here, entrance, tiep)


def entered(request: Request, here: Services, entrance: Entrance, tiep: str) -> Response:
    """Into the site, with the session that was opened."""
    person = here.accounts.person(entrance.token)
    response = go(request, "/doi-mat-khau" if person and person.must_change_password else local_path(tiep))
    set_entrance(request, response, entrance, here)
    return response


def _keep_ticket(response: Response, ticket: str, here: Services) -> None:
    secure = here.secure_cookies
    response.set_cookie(
        TICKET_COOKIE, ticket, max_age=300, httponly=True, samesite="strict", secure=secure, path="/dang-nhap"
    )


@router.get("/dang-nhap/ma")
def second_page(here: Here, tiep: str = "/") -> Response:
    return here.pages.page("second_step.html", next=local_path(tiep), error=None)


@router.post("/dang-nhap/ma", dependencies=[Depends(check_same_site)])
def second_step(request: Request, here: Here, code: Text = "", tiep: Text = "/") -> Response:
    """The second step: the code that the telephone shows, or a recovery code."""
    try:
        entrance = here.accounts.second_step(request.cookies.get(TICKET_COOKIE, ""), code, visit_of(request))
    except Refusal as refusal:
        if is_htmx(request):
            raise
        error = told(here, refusal)
        return here.pages.page("second_step.html", status=refusal.status, next=local_path(tiep), error=error)
    response = entered(request, here, entrance, tiep)
    response.delete_cookie(TICKET_COOKIE, path="/dang-nhap")
    return response


@router.post("/dang-xuat", dependencies=[needs(Operation.OWN, before_password=True), Guard])
def sign_out(request: Request, here: Here, signed: Anyone) -> Response:
    here.accounts.sign_out(signed.token)
    response = go(request, "/dang-nhap")
    clear_cookie(response, here)
    return response


@router.get("/doi-mat-khau", dependencies=[needs(Operation.OWN, before_password=True)])
def password_page(request: Request, here: Here, signed: Anyone) -> Response:
    return show(here, request, signed, "password.html", error=None)


@router.post("/doi-mat-khau", dependencies=[needs(Operation.OWN, before_password=True), Guard])
def change_password(
    request: Request, here: Here, signed: Anyone, old: Text = "", new: Text = "", again: Text = ""
) -> Response:
    try:
        if new != again:
            raise Refusal("not-the-same", n_("Hai lần gõ mật khẩu mới không giống nhau. Hãy gõ lại."), field="again")
        here.accounts.change_password(signed.token, old, new, signed.person.source)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return show(here, request, signed, "password.html", status=refusal.status, error=told(here, refusal))
    return go(request, "/")
