"""Sign-in, sign-out and the change of one's password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.pages.frame import show, told
from controller.web.render import go, is_htmx
from controller.web.services import Here
from controller.web.session import Anyone, Guard, check_same_site, clear_cookie, find, needs, set_cookie

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]


def local_path(wanted: str) -> str:
    """`wanted` if it is a path of this site, else the first page."""
    safe = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if safe else "/"


@router.get("/dang-nhap")
def sign_in_page(request: Request, here: Here, tiep: str = "/") -> Response:
    if find(request, here):
        return go(request, local_path(tiep))
    return here.pages.page("sign_in.html", next=local_path(tiep), username="", error=None)


@router.post("/dang-nhap", dependencies=[Depends(check_same_site)])
def sign_in(request: Request, here: Here, username: Text = "", password: Text = "", tiep: Text = "/") -> Response:
    source = request.client.host if request.client else ""
    try:
        token = here.accounts.sign_in(username.strip(), password, source)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return here.pages.page(
            "sign_in.html", status=refusal.status, next=local_path(tiep), username=username, error=told(here, refusal)
        )
    person = here.accounts.person(token)
    response = go(request, "/doi-mat-khau" if person and person.must_change_password else local_path(tiep))
    set_cookie(response, token, here)
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
        here.accounts.change_password(signed.token, old, new)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return show(here, request, signed, "password.html", status=refusal.status, error=told(here, refusal))
    return go(request, "/")
