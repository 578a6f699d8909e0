"""Nhập lịch, xuất lịch: the timetable as an iCalendar file, with a look at every event before anything is kept."""

import base64
import binascii
import re
import zlib

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from controller.desk.calendars import Calendars, Plan, Sheet
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web import upload
from controller.web.forms import read_priority, read_targets, read_volume
from controller.web.pages.compose import csrf_before_file
from controller.web.pages.frame import show, told
from controller.web.pages.planning import plan_context
from controller.web.render import go
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.model import Targets
from schedules.units import AreaId

router = APIRouter(include_in_schema=False)

MOST_BYTES = 1024 * 1024
LOOK = "/lich/nhap/xem"


@router.get("/lich.ics", dependencies=[needs(Operation.SEE)])
def export(here: Here, signed: Staff, dia_ban: str = "") -> Response:
    """All series of one's places, or of one area."""
    file = Calendars(here.room).export(signed.person, AreaId(dia_ban) if dia_ban else None)
    named = {"Content-Disposition": 'attachment; filename="lich-phat.ics"'}
    return Response(file, media_type="text/calendar; charset=utf-8", headers=named)


@router.get("/lich/nhap", dependencies=[needs(Operation.COMPOSE)])
def import_page(request: Request, here: Here, signed: Staff) -> Response:
    return show(here, request, signed, "import_calendar.html", error=None)


@router.post("/lich/nhap", dependencies=[needs(Operation.COMPOSE)])
async def take_file(request: Request, here: Here, signed: Staff) -> Response:
    check = csrf_before_file(request, signed)
    async with upload.receive(request, here.upload_dir, check) as received:
        check(received.fields)
        return await run_in_threadpool(_taken, request, here, signed, received)


def _taken(request: Request, here: Services, signed: SignedIn, received: upload.Upload) -> Response:
    """Nothing is kept between the steps: the file travels in the form."""
    try:
        if received.path is None:
            raise Refusal("no-file", n_("Hãy chọn một tệp lịch (.ics)."), field="file")
        if received.path.stat().st_size > MOST_BYTES:
            raise Refusal("too-big", n_("Tệp lịch lớn hơn 1 MB. Hãy chia thành nhiều tệp nhỏ hơn."), field="file")
        data = received.path.read_bytes()
        sheet = Calendars(here.room).look(data, Plan(Targets()), signed.person)
    except Refusal as refusal:
        error = told(here, refusal)
        return show(here, request, signed, "import_calendar.html", status=refusal.status, error=error)
    return _sheet(here, request, signed, data, sheet, FormData())


@router.post(LOOK, dependencies=[needs(Operation.COMPOSE), Guard])
async def look(request: Request, here: Here, signed: Staff) -> Response:
    """`step=look` shows what would be brought in, `step=keep` does it."""
    form = await request.form()
    return await run_in_threadpool(_looked, request, here, signed, form)


def _looked(request: Request, here: Services, signed: SignedIn, form: FormData) -> Response:
    data = unpacked(str(form.get("file", "")))
    calendars, plan = Calendars(here.room), None
    try:
        plan = _plan(here, signed, form)
        if form.get("step") == "keep":
            calendars.keep(data, plan, signed.person)
            return go(request, "/lich")
        refusal = None
    except Refusal as refused:
        if refused.status == 403:
            raise
        refusal = refused
    sheet = calendars.look(data, plan or Plan(Targets(), bulletins=_chosen(form)), signed.person)
    return _sheet(here, request, signed, data, sheet, form, refusal)


def _plan(here: Services, signed: SignedIn, form: FormData) -> Plan:
    tree = here.desk.areas(signed.person, Operation.COMPOSE)
    priority, volume = read_priority(str(form.get("priority", ""))), read_volume(str(form.get("volume", "")))
    return Plan(read_targets(form, tree), priority, volume, _chosen(form))


def _chosen(form: FormData) -> dict[int, str]:
    """The bulletin of each event, by its place in the file."""
    prefix = "bulletin-"
    named = ((name.removeprefix(prefix), value) for name, value in form.multi_items() if name.startswith(prefix))
    return {int(number): str(value) for number, value in named if re.fullmatch(r"[0-9]{1,4}", number, re.ASCII)}


def _sheet(
    here: Services,
    request: Request,
    signed: SignedIn,
    data: bytes,
    sheet: Sheet,
    form: FormData,
    refusal: Refusal | None = None,
) -> Response:
    context = plan_context(here, signed, form, LOOK)
    placed = any(form.getlist(name) for name in ("areas", "groups", "speakers"))
    error = told(here, refusal) if refusal else None
    context |= {"sheet": sheet, "file": packed(data), "error": error, "placed": placed}
    return show(here, request, signed, "import_sheet.html", status=refusal.status if refusal else 200, **context)


def packed(data: bytes) -> str:
    """A file as a form's field carries it from step to step."""
    return base64.b64encode(zlib.compress(data, 9)).decode()


def unpacked(text: str) -> bytes:
    """The file again; Refusal when the field is not one of ours. Never more than MOST_BYTES."""
    try:
        whole = zlib.decompressobj()
        data = whole.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
        if whole.eof:
            return data
    except (binascii.Error, ValueError, zlib.error):
        pass
    raise Refusal("no-file", n_("Tệp lịch gửi lên bị hỏng. Hãy chọn lại tệp."), field="file")
