"""Nhật ký: who did what, when, from where, before → after; with filters, and as CSV and JSON."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from controller.chain import head_json
from controller.csvs import BOM, csv_row
from controller.desk.audit import Journal, differences
from controller.desk.audit_scope import sees_all
from controller.rights import Operation
from controller.store.audit import Entry, Wanted
from controller.web import deeds
from controller.web.forms import read_day
from controller.web.pages.frame import show
from controller.web.render import htmx_target
from controller.web.services import Here
from controller.web.session import Staff, needs
from schedules.units import UtcMs
from schedules.wall import localise, utc_ms

router = APIRouter(include_in_schema=False, dependencies=[needs(Operation.AUDIT)])

COLUMNS = ("n", "at", "who", "source", "action", "subject", "before", "after", "previous", "hash")


def day_begins(day: date, zone: str) -> UtcMs:
    return utc_ms(localise(datetime.combine(day, time()), zone))


def wanted_of(here: Here, ai: str = "", viec: str = "", muc: str = "", tu: str = "", den: str = "") -> Wanted:
    """The filters as the form names them: who, action, subject, from and to (both days included)."""
    zone = here.desk.home_time_zone()
    since = day_begins(read_day(tu, "tu"), zone) if tu else None
    until = day_begins(read_day(den, "den") + timedelta(days=1), zone) if den else None
    return Wanted(ai.strip()[:64], viec.strip()[:64], muc.strip()[:100], since, until)


Filter = Annotated[Wanted, Depends(wanted_of)]
Before = Annotated[int | None, Query(ge=1, lt=2**63)]


@router.get("/nhat-ky")
def journal(request: Request, here: Here, signed: Staff, wanted: Filter, truoc: Before = None) -> Response:
    read = Journal(here.room)
    found = read.page(signed.person, wanted, truoc)
    query = {name: value for name, value in request.query_params.items() if name != "truoc" and value}
    return show(
        here,
        request,
        signed,
        "_audit.html" if htmx_target(request) == "audit" else "audit.html",
        found=found,
        names=read.names(found.entries),
        deeds=deeds,
        differences=differences,
        given=request.query_params,
        query=urlencode(query),
        whole=sees_all(signed.person),
    )


@router.get("/nhat-ky.csv")
def as_csv(here: Here, signed: Staff, wanted: Filter) -> Response:
    entries = Journal(here.room).export(signed.person, wanted, "csv")

    def lines() -> Iterator[str]:
        yield BOM + csv_row(COLUMNS)
        for entry in entries:
            yield csv_row(_cells(entry).values())

    return _file(lines(), "text/csv; charset=utf-8", "nhat-ky.csv")


@router.get("/nhat-ky.json")
def as_json(here: Here, signed: Staff, wanted: Filter) -> Response:
    """One array; every row as it is kept, so that its hash can be computed again."""
    entries = Journal(here.room).export(signed.person, wanted, "json")

    def pieces() -> Iterator[str]:
        begin = "[\n"
        for entry in entries:
            yield begin + json.dumps(_cells(entry), ensure_ascii=False)
            begin = ",\n"
        yield "[]\n" if begin == "[\n" else "\n]\n"

    return _file(pieces(), "application/json", "nhat-ky.json")


@router.get("/nhat-ky/dau.json")
def head(here: Here, signed: Staff) -> Response:
    """What `python -m controller audit verify --head` takes."""
    return _file(iter([head_json(Journal(here.room).head(signed.person))]), "application/json", "dau-nhat-ky.json")


def _cells(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in COLUMNS}


def _file(pieces: Iterator[str], media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse((piece.encode() for piece in pieces), media_type=media_type, headers=headers)
