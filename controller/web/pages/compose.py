"""Bản tin mới: the first step, a text to be read out or a recording to be uploaded."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from controller.desk.refusal import Refusal
from controller.desk.values import NewBulletin
from controller.desk.voices import Voicing, table
from controller.rights import Operation
from controller.web import upload
from controller.web.forms import read_bulletin
from controller.web.handing_in import handed_in
from controller.web.pages.frame import show, told
from controller.web.pages.hearing import heard
from controller.web.pages.preview import UNICODE, Aloud, is_step, take_step
from controller.web.render import go, is_htmx
from controller.web.services import Here, Services
from controller.web.session import CSRF_FIELD, CSRF_HEADER, Guard, SignedIn, Staff, check_csrf, needs
from controller.web.voice_forms import PITCH_WORDS, RATE_WORDS, as_fields, read_voice
from schedules.units import BulletinId

router = APIRouter(include_in_schema=False)


def voice_context(here: Services, *, may_remember: bool = True) -> dict[str, object]:
    """What _voice.html needs besides the form's values."""
    return {
        "voices": table(here.room.voices),
        "rate_words": RATE_WORDS,
        "pitch_words": PITCH_WORDS,
        "may_remember": may_remember,
    }


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    values: dict[str, str],
    refusal: Refusal | None = None,
    aloud: Aloud | None = None,
    heard: dict[str, str] | None = None,
) -> Response:
    usual = as_fields(Voicing(here.room).usual(signed.person))
    return show(
        here,
        request,
        signed,
        "compose.html",
        status=refusal.status if refusal else 200,
        values=usual | values,
        aloud=aloud,
        hear_without_script=True,
        **voice_context(here),
        error=told(here, refusal) if refusal else None,
        heard=heard,
        max_bytes=here.max_upload_bytes,
    )


@router.get("/ban-tin/moi", dependencies=[needs(Operation.COMPOSE)])
def compose_page(request: Request, here: Here, signed: Staff) -> Response:
    return _page(here, request, signed, {})


@router.post("/ban-tin/doc-la", dependencies=[needs(Operation.COMPOSE), Guard])
async def spoken(request: Request, here: Here, signed: Staff) -> Response:
    """The text as it will be read, for the preview beside the text field; also what a button of the preview asks."""
    form = await request.form()
    fields = {name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_preview, request, here, signed, fields)


def _preview(request: Request, here: Services, signed: SignedIn, fields: dict[str, str]) -> Response:
    aloud = take_step(here, signed, fields)
    # Turned into Unicode, the text itself goes back into its field.
    text = fields.get("text", "") if fields.get("step") == UNICODE else None
    return show(here, request, signed, "_spoken.html", aloud=aloud, new_text=text, error=None)


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
        step, _, number = fields.get("step", "").partition(":")
        if step == "hear" or is_step(step):
            sound = heard(here, signed, fields | {"hear": number}) if step == "hear" else None
            aloud = take_step(here, signed, fields)
            return _page(here, request, signed, fields, aloud=aloud, heard=sound)
        new = read_bulletin(fields)
        if fields.get("content") == "audio":
            with handed_in(here, signed, received, fields) as (path, filename):
                made = here.desk.bulletin_from_audio(new, path, filename, signed.person)
        else:
            made = _from_text(here, signed, new, fields)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _page(here, request, signed, fields, refusal)
    return go(request, f"/ban-tin/{made}")


def _from_text(here: Services, signed: SignedIn, new: NewBulletin, fields: dict[str, str]) -> BulletinId:
    """The bulletin, and when it was asked for the station remembers its voice."""
    voicing = Voicing(here.room)
    choice = read_voice(fields, here.room.voices, voicing.usual(signed.person))
    made = here.desk.bulletin_from_text(replace(new, voice=choice), fields.get("text", ""), signed.person)
    if fields.get("remember_voice") == "1":
        voicing.remember(choice, signed.person)
    return made
