"""Bản tin mới: the first step, a text to be read out or a recording to be uploaded."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web import upload
from controller.web.forms import read_bulletin
from controller.web.pages.frame import show, told
from controller.web.render import go, is_htmx
from controller.web.services import Here, Services
from controller.web.session import CSRF_FIELD, CSRF_HEADER, Guard, SignedIn, Staff, check_csrf, needs

router = APIRouter(include_in_schema=False)


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    values: dict[str, str],
    refusal: Refusal | None = None,
    spoken: str = "",
) -> Response:
    return show(
        here,
        request,
        signed,
        "compose.html",
        status=refusal.status if refusal else 200,
        values=values,
        error=told(here, refusal) if refusal else None,
        spoken=spoken,
        max_bytes=here.max_upload_bytes,
    )


@router.get("/ban-tin/moi", dependencies=[needs(Operation.COMPOSE)])
def compose_page(request: Request, here: Here, signed: Staff) -> Response:
    return _page(here, request, signed, {})


@router.post("/ban-tin/doc-la", dependencies=[needs(Operation.COMPOSE), Guard])
def spoken(request: Request, here: Here, signed: Staff, text: Annotated[str, Form()] = "") -> Response:
    """The text as it will be read, for the preview beside the text field."""
    said = here.desk.spoken(text) if text.strip() else ""
    return show(here, request, signed, "_spoken.html", spoken=said)


def csrf_before_file(request: Request, signed: SignedIn) -> Callable[[dict[str, str]], None]:
    """A check for upload.receive: no byte of a file is stored for a stranger."""

    def check(fields: dict[str, str]) -> None:
        check_csrf(signed, request.headers.get(CSRF_HEADER) or fields.get(CSRF_FIELD, ""))

    return check


@router.post("/ban-tin/moi", dependencies=[needs(Operation.COMPOSE)])
async def compose(request: Request, here: Here, signed: Staff) -> Response:
    check = csrf_before_file(request, signed)
    async with upload.receive(request, here.upload_dir, check) as received:
        check(received.fields)
        return await run_in_threadpool(_create, request, here, signed, received)


def _create(request: Request, here: Services, signed: SignedIn, received: upload.Upload) -> Response:
    fields = received.fields
    try:
        if fields.get("step") == "preview":
            return _page(here, request, signed, fields, spoken=here.desk.spoken(fields.get("text", "")))
        new = read_bulletin(fields)
        if fields.get("content") == "audio":
            if received.path is None:
                raise Refusal("no-file", n_("Hãy chọn một tệp âm thanh để tải lên."), field="file")
            made = here.desk.bulletin_from_audio(new, received.path, received.filename, signed.person)
        else:
            made = here.desk.bulletin_from_text(new, fields.get("text", ""), signed.person)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _page(here, request, signed, fields, refusal)
    return go(request, f"/ban-tin/{made}")
