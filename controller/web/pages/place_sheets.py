"""Nhập và xuất: areas from a table, looked at row by row before anything is kept, and the tree as CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from controller.desk.place_sheet import HEADER, PlaceSheet, Table
from controller.desk.places import Places
from controller.desk.refusal import Refusal
from controller.desk.sheets import Row, read_csv, read_file
from controller.language import n_
from controller.rights import Operation
from controller.web import upload
from controller.web.pages.compose import csrf_before_file
from controller.web.pages.frame import show, told
from controller.web.pages.places import day_of
from controller.web.place_forms import ROOT, read_day
from controller.web.render import go
from controller.web.services import Here, Services
from controller.web.session import SignedIn, Staff, needs
from schedules.units import AreaId

router = APIRouter(include_in_schema=False)

CSV_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff"
"""Without it, spreadsheets take UTF-8 for something else."""


@router.get("/dia-ban/xuat.csv", dependencies=[needs(Operation.SEE)])
def export(here: Here, signed: Staff, ngay: str = "") -> Response:
    day = day_of(here, ngay)
    content = BOM + PlaceSheet(here.room).export(day, signed.person)
    named = {"Content-Disposition": f'attachment; filename="dia-ban-{day.isoformat()}.csv"'}
    return Response(content, media_type=CSV_TYPE, headers=named)


@router.get("/dia-ban/nhap", dependencies=[needs(Operation.ARRANGE)])
def import_page(request: Request, here: Here, signed: Staff) -> Response:
    return _page(here, request, signed, {})


@router.post("/dia-ban/nhap", dependencies=[needs(Operation.ARRANGE)])
async def bring_in(request: Request, here: Here, signed: Staff) -> Response:
    check = csrf_before_file(request, signed)
    async with upload.receive(request, here.upload_dir, check) as received:
        check(received.fields)
        return await run_in_threadpool(_bring_in, request, here, signed, received)


def _bring_in(request: Request, here: Services, signed: SignedIn, received: upload.Upload) -> Response:
    fields = received.fields
    try:
        rows = read_file(received.path.read_bytes()) if received.path else read_csv(fields.get("content", ""))
        fields["content"] = as_text(rows)
        under, day = _under(fields), read_day(fields.get("day", ""))
        if fields.get("step") != "save" or received.path is not None:
            table = PlaceSheet(here.room).read(rows, under, day, signed.person)
            return _page(here, request, signed, fields, table)
        PlaceSheet(here.room).keep(rows, under, day, signed.person)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(here, request, signed, fields, refusal=refusal)
    return go(request, f"/dia-ban?ngay={day.isoformat()}")


def _under(fields: dict[str, str]) -> AreaId | None:
    chosen = fields.get("parent", "")
    if not chosen:
        raise Refusal("no-parent", n_("Chưa chọn địa bàn cấp trên. Hãy chọn."), field="parent")
    return None if chosen == ROOT else AreaId(chosen)


def as_text(rows: Sequence[Row]) -> str:
    """The rows as CSV that can be corrected by hand; empty lines keep the numbers of the file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    written = 0
    for row in rows:
        out.write("\n" * (row.number - written - 1))
        writer.writerow([cell.text for cell in row.cells])
        written = row.number
    return out.getvalue()


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    fields: dict[str, str],
    table: Table | None = None,
    refusal: Refusal | None = None,
) -> Response:
    desk = Places(here.room)
    today: date = desk.today()
    faults = [(each, here.pages.sentence(each.refusal)) for each in table.faults] if table else []
    return show(
        here,
        request,
        signed,
        "place_sheet.html",
        status=refusal.status if refusal else 200,
        form=fields,
        today=today,
        forest=desk.forest(today, signed.person),
        root=ROOT,
        table=table,
        faults=faults,
        header=HEADER,
        error=told(here, refusal) if refusal else None,
    )
