"""Tài khoản của tôi: one's rights, sessions and second factor."""

from io import BytesIO

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.desk.own import OwnSessions
from controller.desk.refusal import Refusal
from controller.desk.second_factor import SecondFactor
from controller.rights import Operation
from controller.web import roles
from controller.web.pages.frame import show, told
from controller.web.pages.sign_in import Text
from controller.web.render import go, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs

router = APIRouter(include_in_schema=False)
OWN = needs(Operation.OWN)


def _factor(here: Services) -> SecondFactor:
    return SecondFactor(here.room, here.accounts.throttle)


@router.get("/tai-khoan", dependencies=[OWN])
def account(request: Request, here: Here, signed: Staff) -> Response:
    with here.room.store.read() as unit:
        tree, user = here.room.tree(unit), unit.people.by_id(signed.person.id)
        left = unit.people.recovery_codes_left(signed.person.id)
    return show(
        here,
        request,
        signed,
        "account.html",
        sessions=OwnSessions(here.room).all(signed.person, signed.token),
        lines=lambda grants: roles.grant_lines(grants, tree),
        browser=roles.browser_words,
        outside=user is not None and bool(user.oidc_subject),
        second_factor=user is not None and user.totp_on,
        codes_left=left,
    )


@router.post("/tai-khoan/phien/{session}/ket-thuc", dependencies=[OWN, Guard])
def end_session(request: Request, here: Here, signed: Staff, session: str) -> Response:
    OwnSessions(here.room).end(signed.person, session)
    return go(request, "/tai-khoan")


@router.post("/tai-khoan/phien-khac/ket-thuc", dependencies=[OWN, Guard])
def end_others(request: Request, here: Here, signed: Staff) -> Response:
    OwnSessions(here.room).end_others(signed.person, signed.token)
    return go(request, "/tai-khoan")


@router.get("/tai-khoan/hai-buoc", dependencies=[OWN])
def second_factor(request: Request, here: Here, signed: Staff) -> Response:
    return _second_factor(request, here, signed, None)


def _second_factor(request: Request, here: Services, signed: SignedIn, refusal: Refusal | None) -> Response:
    on = here.accounts.needs_second_step(signed.person.id)
    return show(
        here,
        request,
        signed,
        "second_factor.html",
        status=refusal.status if refusal else 200,
        offer=None if on else _factor(here).offer(signed.person),
        error=told(here, refusal) if refusal else None,
    )


@router.get("/tai-khoan/hai-buoc/ma.svg", dependencies=[OWN])
def picture(here: Here, signed: Staff) -> Response:
    """The secret as a QR code, until it is confirmed."""
    drawn = BytesIO()
    code = segno.make(_factor(here).offer(signed.person).address, error="m", micro=False)
    code.save(drawn, kind="svg", scale=4, border=4, light="#ffffff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.post("/tai-khoan/hai-buoc", dependencies=[OWN, Guard])
def confirm(request: Request, here: Here, signed: Staff, code: Text = "") -> Response:
    try:
        codes = _factor(here).confirm(signed.person, code)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _second_factor(request, here, signed, refusal)
    return show(here, request, signed, "recovery_codes.html", codes=codes)


@router.post("/tai-khoan/hai-buoc/ma-du-phong", dependencies=[OWN, Guard])
def renew(request: Request, here: Here, signed: Staff, code: Text = "") -> Response:
    try:
        codes = _factor(here).renew(signed.person, code)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _second_factor(request, here, signed, refusal)
    return show(here, request, signed, "recovery_codes.html", codes=codes)


@router.post("/tai-khoan/hai-buoc/tat", dependencies=[OWN, Guard])
def switch_off(request: Request, here: Here, signed: Staff, code: Text = "") -> Response:
    try:
        _factor(here).switch_off(signed.person, code)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _second_factor(request, here, signed, refusal)
    return go(request, "/tai-khoan")
