"""Duyệt: what waits for an approval, and one change in full, on a phone: listen, read, approve or send back."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from controller.desk.approval import Approval
from controller.desk.listening import Hearing
from controller.desk.reading import Reading
from controller.desk.refusal import Refusal
from controller.rights import Operation
from controller.store.values import ChangeId
from controller.web.pages.frame import show, told
from controller.web.render import go, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import ClipId

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]


@router.get("/duyet", dependencies=[needs(Operation.SEE)])
def approvals(request: Request, here: Here, signed: Staff) -> Response:
    reading = Reading(here.room)
    return show(
        here,
        request,
        signed,
        "approvals.html",
        waiting_changes=reading.waiting(signed.person),
        decided=reading.decided(signed.person),
    )


def page(
    here: Services, request: Request, signed: SignedIn, change: ChangeId, refusal: Refusal | None = None
) -> Response:
    """The change as it stands now; after a refusal with what was refused, so that nothing typed is lost."""
    return show(
        here,
        request,
        signed,
        "approval.html",
        status=refusal.status if refusal else 200,
        change=Reading(here.room).change(change, signed.person),
        error=told(here, refusal) if refusal else None,
        reason=str(getattr(request.state, "reason", "")),
    )


@router.get("/duyet/{change}", dependencies=[needs(Operation.SEE)])
def approval(request: Request, here: Here, signed: Staff, change: str) -> Response:
    return page(here, request, signed, ChangeId(change))


def refused(here: Services, request: Request, signed: SignedIn, change: ChangeId, refusal: Refusal) -> Response:
    """With htmx a notice, else the page as it stands now with the sentence above it."""
    if is_htmx(request) or refusal.code in ("unknown-change", "forbidden"):
        raise refusal
    return page(here, request, signed, change, refusal)


@router.post("/duyet/{change}/duyet", dependencies=[needs(Operation.APPROVE), Guard])
def approve(request: Request, here: Here, signed: Staff, change: str, digest: Text = "") -> Response:
    try:
        Approval(here.room).approve(ChangeId(change), digest, signed.person)
    except Refusal as refusal:
        return refused(here, request, signed, ChangeId(change), refusal)
    return go(request, f"/duyet/{change}")


@router.post("/duyet/{change}/tu-choi", dependencies=[needs(Operation.APPROVE), Guard])
def reject(request: Request, here: Here, signed: Staff, change: str, reason: Text = "") -> Response:
    try:
        Approval(here.room).reject(ChangeId(change), reason, signed.person)
    except Refusal as refusal:
        request.state.reason = reason
        return refused(here, request, signed, ChangeId(change), refusal)
    return go(request, f"/duyet/{change}")


@router.post("/duyet/{change}/xac-nhan-dem", dependencies=[needs(Operation.APPROVE), Guard])
def confirm_night(request: Request, here: Here, signed: Staff, change: str, digest: Text = "") -> Response:
    try:
        Approval(here.room).confirm_night(ChangeId(change), digest, signed.person)
    except Refusal as refusal:
        return refused(here, request, signed, ChangeId(change), refusal)
    return go(request, f"/duyet/{change}")


@router.post("/duyet/{change}/rut", dependencies=[needs(Operation.SEE), Guard])
def take_back(request: Request, here: Here, signed: Staff, change: str) -> Response:
    """By its author, or by who may approve it."""
    try:
        Approval(here.room).take_back(ChangeId(change), signed.person)
    except Refusal as refusal:
        return refused(here, request, signed, ChangeId(change), refusal)
    return go(request, f"/duyet/{change}")


@router.post("/duyet/nghe/{clip}", dependencies=[needs(Operation.APPROVE), Guard])
def heard(
    request: Request, here: Here, signed: Staff, clip: str, heard_ms: Annotated[int, Form(ge=0)] = 0, change: Text = ""
) -> Response:
    """The player tells what it put out; the button of a page without script says that all was heard."""
    hearing = Hearing(here.room)
    if not change:
        percent = hearing.played(ClipId(clip), heard_ms, signed.person)
        return here.pages.page("_heard.html", percent=percent)
    try:
        hearing.declared(ClipId(clip), signed.person)
    except Refusal as refusal:
        return refused(here, request, signed, ChangeId(change), refusal)
    return go(request, f"/duyet/{change}")
