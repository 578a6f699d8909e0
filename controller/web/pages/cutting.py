"""Cắt bản ghi: what is cut out of a recorded part, typed as times, or marked on its waveform where scripts run."""

import secrets
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from audio.ranges import Range, complement, read_place, write_place
from controller.desk.cutting import Cuttable, Cutting
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.pages.frame import show, told
from controller.web.render import go
from controller.web.security import allowing
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import BulletinId

router = APIRouter(include_in_schema=False)

PAGE = "/ban-tin/{bulletin}/phan/{part}/cat"
EMPTY_ROWS = 3
"""For who has no scripts; with them rows are added."""
Row = tuple[str, str]


@router.get(PAGE, dependencies=[needs(Operation.COMPOSE)])
def cut_page(request: Request, here: Here, signed: Staff, bulletin: str, part: int) -> Response:
    return _page(here, request, signed, Cutting(here.room).stands(BulletinId(bulletin), part, signed.person))


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    stands: Cuttable,
    rows: Sequence[Row] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """`rows`: what somebody typed; None: what is kept."""
    copy, nonce = here.copies.ask(stands.recording.id, again=request.method == "GET"), secrets.token_urlsafe(16)
    length = length_of(here, stands)
    page = show(
        here,
        request,
        signed,
        "cut.html",
        status=refusal.status if refusal else 200,
        stands=stands,
        copy=copy,
        length=write_place(length) if length else "",
        rows=[*(_rows_of(stands, length) if rows is None else rows), *[("", "")] * EMPTY_ROWS],
        nonce=nonce,
        error=told(here, refusal) if refusal else None,
    )
    # The waveform stands in a shadow tree with a style of its own.
    page.headers["Content-Security-Policy"] = allowing("style-src", f"'nonce-{nonce}'")
    return page


def length_of(here: Services, stands: Cuttable) -> int:
    """Of the recording as decoded, in ms; 0 while nobody knows."""
    overview = here.copies.ask(stands.recording.id).overview
    return overview.length_ms if overview else stands.recording.duration


def _rows_of(stands: Cuttable, length: int) -> list[Row]:
    if not stands.part.cuts or not length:
        return []
    return [(write_place(start), write_place(until)) for start, until in complement(stands.part.cuts, length)]


@router.post(PAGE, dependencies=[needs(Operation.COMPOSE), Guard])
async def cut(request: Request, here: Here, signed: Staff, bulletin: str, part: int) -> Response:
    form = await request.form()
    return await run_in_threadpool(_cut, request, here, signed, BulletinId(bulletin), part, form)


def _cut(
    request: Request, here: Services, signed: SignedIn, bulletin: BulletinId, part: int, form: FormData
) -> Response:
    cutting = Cutting(here.room)
    stands = cutting.stands(bulletin, part, signed.person)
    rows = [(str(a), str(b)) for a, b in zip(form.getlist("from"), form.getlist("to"), strict=False) if a or b]
    version = str(form.get("version", ""))
    try:
        if not version.isascii() or not version.isdigit() or len(version) > 9:
            raise Refusal("bad-version", n_("Trang đã cũ. Hãy tải lại trang rồi sửa lại."), field="version")
        kept = _kept(rows, length_of(here, stands))
        cutting.cut(bulletin, part, int(version), kept, signed.person)
    except Refusal as refusal:
        return _page(here, request, signed, stands, rows, refusal)
    return go(request, f"/ban-tin/{bulletin}")


def _kept(rows: Sequence[Row], length: int) -> tuple[Range, ...]:
    """What is left when the rows are cut out; nothing cut: (), which is all of it."""
    if not rows:
        return ()
    if not length:
        raise Refusal("not-read-yet", n_("Bản ghi còn đang được đọc. Hãy chờ vài giây rồi lưu lại."), status=409)
    kept = complement([_range(row, length) for row in rows], length)
    if not kept:
        raise Refusal("bad-cuts", n_("Cắt như vậy thì không còn gì để nghe. Hãy bỏ bớt đoạn cắt."), field="from")
    return () if kept == ((0, length),) else kept


def _range(row: Row, length: int) -> Range:
    """An empty field is the beginning, or the end."""
    start = read_place(row[0]) if row[0].strip() else 0
    until = read_place(row[1]) if row[1].strip() else length
    if start is None or until is None:
        wrong = row[0] if start is None else row[1]
        message = n_("“%(typed)s” không phải là thời điểm. Hãy gõ phút:giây, ví dụ 1:05,5.")
        raise Refusal("bad-place", message, field="from", params={"typed": wrong[:20]})
    # What is shown of the end is rounded.
    if until <= start or start > length or until > length + 10:
        message = n_("Đoạn từ %(start)s đến %(until)s không nằm trong bản ghi. Hãy xem lại.")
        params = {"start": write_place(start), "until": write_place(until)}
        raise Refusal("bad-range", message, field="from", params=params)
    return start, until
