"""A bulletin on its way: edit it, submit it again, take it off the air."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from controller.desk.approval import Approval
from controller.desk.changes import Changes
from controller.desk.differences import differences
from controller.desk.editing import EditedMeanwhile, Editing
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.store.values import Bulletin
from controller.web.forms import read_bulletin
from controller.web.pages.compose import voice_context
from controller.web.pages.frame import show, told
from controller.web.pages.preview import Aloud, is_step, take_step
from controller.web.render import go, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from controller.web.voice_forms import VOICE_FIELDS, as_fields, read_voice
from schedules.units import BulletinId

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
FIELDS = ("title", "text", "field", "summary", "author", "source")


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    stands: Bulletin,
    values: dict[str, str] | None = None,
    refusal: Refusal | None = None,
    aloud: Aloud | None = None,
) -> Response:
    """`values` are what the person typed; None: what stands."""
    mine = values or {name: str(getattr(stands, name)) for name in FIELDS}
    voice = Editing(here.room).voice(stands.id)
    if values is None and voice is not None:
        mine |= as_fields(voice)
    clash = isinstance(refusal, EditedMeanwhile)
    return show(
        here,
        request,
        signed,
        "edit.html",
        status=refusal.status if refusal else 200,
        bulletin=stands,
        values=mine,
        aloud=aloud,
        writes=voice is not None,
        **voice_context(here, may_remember=False),
        error=told(here, refusal) if refusal else None,
        # Whoever saves after this has seen what stands.
        version=stands.version if clash or values is None else values["version"],
        clash=[(name, differences(str(getattr(stands, name)), mine.get(name, ""))) for name in ("title", "text")]
        if clash
        else [],
    )


@router.get("/ban-tin/{bulletin}/sua", dependencies=[needs(Operation.COMPOSE)])
def edit_page(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    stands = Editing(here.room).stands(BulletinId(bulletin), signed.person)
    return _page(here, request, signed, stands)


@router.post("/ban-tin/{bulletin}/sua", dependencies=[needs(Operation.COMPOSE), Guard])
async def edit(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    """Save; when somebody else saved first, show both and keep what was typed."""
    form = await request.form()
    # Browsers send line ends in forms as CR LF.
    fields = dict.fromkeys((*FIELDS, *VOICE_FIELDS, "version", "step"), "")
    fields |= {name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_edit, request, here, signed, BulletinId(bulletin), fields)


def _edit(request: Request, here: Services, signed: SignedIn, bulletin: BulletinId, fields: dict[str, str]) -> Response:
    editing = Editing(here.room)
    try:
        if is_step(fields["step"]):
            stands = editing.stands(bulletin, signed.person)
            aloud = take_step(here, signed, fields, stands.area)
            return _page(here, request, signed, stands, fields, aloud=aloud)
        new = read_bulletin(fields | {"field": fields["field"] or "1"})
        if not fields["version"].isdigit() or len(fields["version"]) > 9:
            raise Refusal("bad-version", n_("Trang đã cũ. Hãy tải lại trang rồi sửa lại."), field="version")
        kept = editing.voice(bulletin)
        if kept is not None and fields["voice"]:
            new = replace(new, voice=read_voice(fields, here.room.voices, kept, kept=kept))
        editing.edit(bulletin, int(fields["version"]), new, fields["text"], signed.person)
    except EditedMeanwhile as refusal:
        return _page(here, request, signed, refusal.stands, fields, refusal)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _page(here, request, signed, editing.stands(bulletin, signed.person), fields, refusal)
    return go(request, f"/ban-tin/{bulletin}")


@router.post("/ban-tin/{bulletin}/gui-duyet", dependencies=[needs(Operation.COMPOSE), Guard])
def submit(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    Changes(here.room).submit(BulletinId(bulletin), signed.person)
    return go(request, f"/ban-tin/{bulletin}")


@router.get("/ban-tin/{bulletin}/thu-hoi", dependencies=[needs(Operation.SEE)])
def withdraw_page(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    view = here.desk.bulletin(BulletinId(bulletin), signed.person)
    return show(here, request, signed, "withdraw.html", bulletin=view, reason="", error=None)


@router.post("/ban-tin/{bulletin}/thu-hoi", dependencies=[needs(Operation.SEE), Guard])
def withdraw(request: Request, here: Here, signed: Staff, bulletin: str, reason: Text = "") -> Response:
    """Its schedules end, what plays now stops: by who may approve, or its author while it is on no schedule."""
    try:
        Approval(here.room).withdraw(BulletinId(bulletin), reason, signed.person)
    except Refusal as refusal:
        if is_htmx(request):
            raise
        view = here.desk.bulletin(BulletinId(bulletin), signed.person)
        error = told(here, refusal)
        return show(
            here, request, signed, "withdraw.html", status=refusal.status, bulletin=view, reason=reason, error=error
        )
    return go(request, f"/ban-tin/{bulletin}")
