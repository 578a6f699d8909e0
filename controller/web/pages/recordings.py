"""Bản ghi: the recordings of the library; handing one in, what is said of each, and who uses it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from controller.desk.checked import findings
from controller.desk.recording_shelf import Details, RecordingShelf, Wanted, read_tags
from controller.desk.recordings import take
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.store.values import RecordingKind
from controller.tongues import TONGUES
from controller.web import upload
from controller.web.asking import Listed
from controller.web.forms import read_day
from controller.web.pages.compose import csrf_before_file
from controller.web.pages.frame import show, told
from controller.web.render import go, htmx_target, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import RecordingId

router = APIRouter(include_in_schema=False)

PER_PAGE = 20
MOST_WORDS = 200
KINDS = {
    RecordingKind.RECORDING: n_("Bản ghi"),
    RecordingKind.IDENT: n_("Nhạc hiệu đài"),
    RecordingKind.MUSIC: n_("Nhạc nền"),
}


@dataclass(frozen=True, slots=True)
class Asked(Listed):
    """The search as the form says it; what is not among the choices narrows nothing."""

    tim: str = ""
    loai: str = ""
    nhan: str = ""
    tieng: str = ""

    @property
    def wanted(self) -> Wanted:
        kind = RecordingKind(self.loai) if self.loai in set(RecordingKind) else None
        tongue = self.tieng if self.tieng in TONGUES else ""
        return Wanted(self.tim[:MOST_WORDS], kind, self.nhan[:MOST_WORDS], tongue)


Page = Annotated[int, Query(ge=1, le=100_000)]


@router.get("/thu-vien/ban-ghi", dependencies=[needs(Operation.SEE)])
def recordings(
    request: Request,
    here: Here,
    signed: Staff,
    tim: str = "",
    loai: str = "",
    nhan: str = "",
    tieng: str = "",
    trang: Page = 1,
) -> Response:
    return _list(here, request, signed, Asked(tim, loai, nhan, tieng), trang)


def _list(
    here: Services, request: Request, signed: SignedIn, asked: Asked, page: int = 1, refusal: Refusal | None = None
) -> Response:
    found = RecordingShelf(here.room).find(signed.person, asked.wanted, skip=(page - 1) * PER_PAGE, most=PER_PAGE)
    return show(
        here,
        request,
        signed,
        "_recordings.html" if htmx_target(request) == "results" else "recordings.html",
        status=refusal.status if refusal else 200,
        asked=asked,
        found=found,
        kinds=KINDS,
        tongues=TONGUES,
        page=page,
        pages=-(-found.total // PER_PAGE),
        max_bytes=here.max_upload_bytes,
        error=told(here, refusal) if refusal else None,
    )


@router.post("/thu-vien/ban-ghi", dependencies=[needs(Operation.COMPOSE)])
async def hand_in(request: Request, here: Here, signed: Staff) -> Response:
    check = csrf_before_file(request, signed)
    async with upload.receive(request, here.upload_dir, check) as received:
        check(received.fields)
        return await run_in_threadpool(_take, request, here, signed, received)


def _take(request: Request, here: Services, signed: SignedIn, received: upload.Upload) -> Response:
    fields = received.fields
    kind = fields.get("kind", "")
    try:
        if received.path is None:
            raise Refusal("no-file", n_("Hãy chọn một tệp âm thanh để tải lên."), field="file")
        taken = take(
            here.room,
            received.path,
            received.filename,
            signed.person,
            title=fields.get("title", "")[:MOST_WORDS],
            kind=RecordingKind(kind) if kind in set(RecordingKind) else RecordingKind.RECORDING,
        )
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _list(here, request, signed, Asked(), refusal=refusal)
    return go(request, f"/thu-vien/ban-ghi/{taken}")


@router.get("/thu-vien/ban-ghi/{recording}", dependencies=[needs(Operation.SEE)])
def recording(request: Request, here: Here, signed: Staff, recording: str) -> Response:
    return _one(here, request, signed, RecordingId(recording))


def _one(
    here: Services, request: Request, signed: SignedIn, recording: RecordingId, refusal: Refusal | None = None
) -> Response:
    found, can_change = RecordingShelf(here.room).view(recording, signed.person)
    return show(
        here,
        request,
        signed,
        "recording_details.html",
        status=refusal.status if refusal else 200,
        found=found,
        findings=None if found.recording.verdict is None else findings(found.recording.verdict),
        can_change=can_change,
        kinds=KINDS,
        tongues=TONGUES,
        error=told(here, refusal) if refusal else None,
    )


@router.post("/thu-vien/ban-ghi/{recording}", dependencies=[needs(Operation.COMPOSE), Guard])
async def change(request: Request, here: Here, signed: Staff, recording: str) -> Response:
    form = await request.form()
    fields = {name: str(value) for name, value in form.items()}
    return await run_in_threadpool(_change, request, here, signed, RecordingId(recording), fields)


def _change(
    request: Request, here: Services, signed: SignedIn, recording: RecordingId, fields: dict[str, str]
) -> Response:
    try:
        kind = fields.get("kind", "")
        if kind not in set(RecordingKind):
            raise Refusal("bad-recording-kind", n_("Không có loại bản ghi này. Hãy chọn lại."), field="kind")
        expires = fields.get("expires", "")
        details = Details(
            fields.get("title", ""),
            RecordingKind(kind),
            read_tags(fields.get("tags", "")),
            fields.get("language", ""),
            read_day(expires, "expires") if expires else None,
        )
        RecordingShelf(here.room).change(recording, details, signed.person)
    except Refusal as refusal:
        if is_htmx(request) or refusal.status in (403, 404):
            raise
        return _one(here, request, signed, recording, refusal)
    return go(request, f"/thu-vien/ban-ghi/{recording}")
