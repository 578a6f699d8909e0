"""Chương trình: what a bulletin is made of, as an ordered list; every button is a form and works without scripts."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from audio.parts import Part, PartKind, Programme, added, changed, moved, removed
from controller.desk.parts import KIND_WORDS, Parts
from controller.desk.refusal import Refusal
from controller.desk.templates import Templates
from controller.language import n_
from controller.rights import Operation
from controller.store.values import RecordingKind, TemplateId
from controller.tongues import TONGUES
from controller.web.forms import read_bulletin
from controller.web.pages.frame import show, told
from controller.web.part_forms import LEVELS, cut_words, new_part, place_of, read_bed, read_part
from controller.web.render import go, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import BulletinId

router = APIRouter(include_in_schema=False)

Fields = Mapping[str, str]
PAGE = "/ban-tin/{bulletin}/chuong-trinh"


def page(
    here: Services,
    request: Request,
    signed: SignedIn,
    bulletin: BulletinId,
    refusal: Refusal | None = None,
    typed: Fields | None = None,
) -> Response:
    """The programme as it stands. `typed`: what somebody wrote that could not be saved."""
    view = Parts(here.room).view(bulletin, signed.person)
    offered = Parts(here.room).offered(signed.person) if view.can_edit else ()
    return show(
        here,
        request,
        signed,
        "parts.html",
        status=refusal.status if refusal else 200,
        view=view,
        bulletin=here.desk.bulletin(bulletin, signed.person),
        kinds=KIND_WORDS,
        adding=[kind for kind in PartKind],
        offered={kind: [each for each in offered if each.kind is kind] for kind in RecordingKind},
        voices=here.room.voices,
        tongues=TONGUES,
        levels=LEVELS,
        cut_words=cut_words,
        open_part=_number(request.query_params.get("mo", "")),
        moved_part=_number(request.query_params.get("chuyen", "")),
        moved_by=request.query_params.get("nut", ""),
        error=told(here, refusal) if refusal else None,
        typed=typed.get("text", "") if typed else "",
    )


@router.get(PAGE, dependencies=[needs(Operation.SEE)])
def programme(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    return page(here, request, signed, BulletinId(bulletin))


@router.post(PAGE + "/them", dependencies=[needs(Operation.COMPOSE), Guard])
async def add(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    """An empty part of the kind, before the closing chime; its form is then open.

    No fragment here or after a move: browsers put the focus on nothing by themselves when the address has one.
    """

    def put(programme: Programme, fields: Fields) -> tuple[Programme, str]:
        at = place_of(programme)
        return added(programme, new_part(fields.get("kind", "")), at), f"?mo={at + 1}"

    return await _changed(request, here, signed, bulletin, put)


@router.post(PAGE + "/phan", dependencies=[needs(Operation.COMPOSE), Guard])
async def write(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    """Save what one part says; an upload of a recording has a page of its own."""

    def put(programme: Programme, fields: Fields) -> tuple[Programme, str]:
        at = _place(programme, fields)
        return changed(programme, at, read_part(fields, programme.parts[at])), f"#part-{at + 1}"

    return await _changed(request, here, signed, bulletin, put)


@router.post(PAGE + "/chuyen", dependencies=[needs(Operation.COMPOSE), Guard])
async def move(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    """One part up or down (`by`: -1, 1), or to the place of another (`to`); the focus goes with it."""

    def put(programme: Programme, fields: Fields) -> tuple[Programme, str]:
        at = _place(programme, fields)
        step = {"-1": -1, "1": 1}.get(fields.get("by", ""), 0)
        to = at + step if step else _place(programme, fields, "to")
        to = min(max(0, to), len(programme.parts) - 1)
        return moved(programme, at, to), f"?chuyen={to + 1}&nut={'xuong' if step > 0 else 'len'}"

    return await _changed(request, here, signed, bulletin, put)


@router.post(PAGE + "/bo", dependencies=[needs(Operation.COMPOSE), Guard])
async def remove(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    def put(programme: Programme, fields: Fields) -> tuple[Programme, str]:
        return removed(programme, _place(programme, fields)), "#parts"

    return await _changed(request, here, signed, bulletin, put)


@router.post(PAGE + "/nen", dependencies=[needs(Operation.COMPOSE), Guard])
async def music(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    """The music below; chosen for the first time it is put under all texts and recordings."""

    def put(programme: Programme, fields: Fields) -> tuple[Programme, str]:
        bed = read_bed(fields)
        parts = programme.parts
        if programme.bed is None and bed is not None and not any(part.bed for part in parts):
            parts = tuple(replace(part, bed=_spoken(part)) for part in parts)
        return Programme(parts, bed), "#bed"

    return await _changed(request, here, signed, bulletin, put)


def _spoken(part: Part) -> bool:
    return part.kind in (PartKind.TEXT, PartKind.RECORDING, PartKind.PAUSE)


@router.post(PAGE + "/am-thanh", dependencies=[needs(Operation.COMPOSE), Guard])
def make_sound(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    try:
        Parts(here.room).prepare(BulletinId(bulletin), signed.person)
    except Refusal as refusal:
        if is_htmx(request) or refusal.status in (403, 404):
            raise
        return page(here, request, signed, BulletinId(bulletin), refusal)
    return go(request, f"/ban-tin/{bulletin}/chuong-trinh#listen-title")


@router.post(PAGE + "/mau", dependencies=[needs(Operation.COMPOSE), Guard])
async def keep(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    """Keep the programme as a template of the bulletin's place."""
    fields = await _fields(request)
    return await run_in_threadpool(_keep, request, here, signed, BulletinId(bulletin), fields)


def _keep(request: Request, here: Services, signed: SignedIn, bulletin: BulletinId, fields: Fields) -> Response:
    try:
        programme = Parts(here.room).view(bulletin, signed.person).programme
        Templates(here.room).keep(fields.get("name", ""), programme, signed.person)
    except Refusal as refusal:
        if is_htmx(request) or refusal.status in (403, 404):
            raise
        return page(here, request, signed, bulletin, refusal)
    return go(request, "/mau-chuong-trinh")


@router.post("/ban-tin/tu-mau", dependencies=[needs(Operation.COMPOSE), Guard])
async def begin(request: Request, here: Here, signed: Staff) -> Response:
    """A new bulletin from a template, or from an empty text between the chimes."""
    fields = await _fields(request)
    return await run_in_threadpool(_begin, request, here, signed, fields)


def _begin(request: Request, here: Services, signed: SignedIn, fields: Fields) -> Response:
    template = TemplateId(fields["template"]) if fields.get("template") else None
    new = read_bulletin(dict(fields))
    made = Templates(here.room).begin(template, new, signed.person)
    return go(request, f"/ban-tin/{made}/chuong-trinh")


async def _changed(
    request: Request,
    here: Services,
    signed: SignedIn,
    bulletin: str,
    put: Callable[[Programme, Fields], tuple[Programme, str]],
) -> Response:
    fields = await _fields(request)
    return await run_in_threadpool(_saved, request, here, signed, BulletinId(bulletin), fields, put)


def _saved(
    request: Request,
    here: Services,
    signed: SignedIn,
    bulletin: BulletinId,
    fields: Fields,
    put: Callable[[Programme, Fields], tuple[Programme, str]],
) -> Response:
    desk = Parts(here.room)
    try:
        version = fields.get("version", "")
        if not version.isascii() or not version.isdigit() or len(version) > 9:
            raise Refusal("bad-version", n_("Trang đã cũ. Hãy tải lại trang rồi sửa lại."), field="version")
        stands = desk.view(bulletin, signed.person)
        if stands.bulletin.version != int(version):
            desk.save(bulletin, int(version), stands.programme, signed.person)  # says who saved meanwhile
        programme, where = put(stands.programme, fields)
        desk.save(bulletin, int(version), programme, signed.person)
    except Refusal as refusal:
        if is_htmx(request) or refusal.status in (403, 404):
            raise
        return page(here, request, signed, bulletin, refusal, fields)
    return go(request, f"/ban-tin/{bulletin}/chuong-trinh{where}")


async def _fields(request: Request) -> dict[str, str]:
    """Browsers send line ends in forms as CR LF."""
    form = await request.form()
    return {name: str(value).replace("\r\n", "\n") for name, value in form.items()}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _place(programme: Programme, fields: Fields, name: str = "number") -> int:
    """From 0, of the number that a form says."""
    at = _number(fields.get(name, "")) - 1
    if not 0 <= at < len(programme.parts):
        raise Refusal("unknown-part", n_("Không có phần này. Hãy tải lại trang rồi làm lại."), field=name)
    return at
