"""Lịch phát: the programme of a week or a day as a list, for the screen and for paper, and as a grid beside it."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from controller.desk.pending import Pending
from controller.desk.programme import Item, Programme, Span, today
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.forms import read_day
from controller.web.pages.frame import show
from controller.web.services import Here
from controller.web.session import Staff, needs
from controller.web.shown import local
from schedules.units import AreaId

router = APIRouter(include_in_schema=False)

PER_PAGE = 150
"""Lines: what a phone shows at once without a pause."""
AREA = Query(default="", alias="dia-ban")


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the calendar is asked for: `days` is 1 or 7, `first` a Monday for a week."""

    first: date
    days: int
    area: str
    grid: bool
    page: int = 1

    def link(self, **change: object) -> str:
        """The address of the same with some of it changed."""
        asked = {"first": self.first, "days": self.days, "area": self.area, "grid": self.grid, "page": 1} | change
        query = {"ngay" if asked["days"] == 1 else "tuan": str(asked["first"])}
        if asked["area"]:
            query["dia-ban"] = str(asked["area"])
        if asked["grid"]:
            query["dang"] = "luoi"
        if asked["page"] != 1:
            query["trang"] = str(asked["page"])
        return f"/lich?{urlencode(query)}"

    @property
    def before(self) -> str:
        return self.link(first=self.first - timedelta(days=self.days))

    @property
    def after(self) -> str:
        return self.link(first=self.first + timedelta(days=self.days))

    def as_day(self, now_day: date) -> str:
        inside = self.first <= now_day < self.first + timedelta(days=self.days)
        return self.link(days=1, first=now_day if inside else self.first)

    @property
    def as_week(self) -> str:
        return self.link(days=7, first=monday(self.first))


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def read_week(text: str) -> date:
    """The Monday of `2026-W50`, or of the week in which a day lies."""
    year, _, week = text.partition("-W")
    if year.isascii() and year.isdigit() and week.isascii() and week.isdigit():
        try:
            return read_day(date.fromisocalendar(int(year), int(week), 1).isoformat(), "tuan")
        except ValueError:
            raise Refusal("bad-week", n_("Tuần này không có trong lịch. Hãy chọn lại."), field="tuan") from None
    return monday(read_day(text, "tuan"))


def by_day(span: Span) -> list[tuple[date, list[Item]]]:
    """The lines of each local day; of a week that fits on one page the days without any too."""
    found = {
        day: list(items) for day, items in groupby(span.items, lambda item: local(item.start, span.time_zone).date())
    }
    if span.total == len(span.items):
        return [(day, found.get(day, [])) for day in (span.first + timedelta(days=n) for n in range(span.days))]
    return list(found.items())


def pending_by_day(span: Span) -> dict[date, list[Pending]]:
    """What waits to be approved, by the local day on which it would be heard."""
    found: dict[date, list[Pending]] = {}
    for each in span.waiting:
        found.setdefault(local(each.start, span.time_zone).date(), []).append(each)
    return found


@router.get("/lich", dependencies=[needs(Operation.SEE)])
def calendar(
    request: Request,
    here: Here,
    signed: Staff,
    tuan: str = "",
    ngay: str = "",
    xem: str = "",
    dang: str = "",
    area: str = AREA,
    trang: int = Query(default=1, ge=1, le=10_000),
) -> Response:
    """Of the week of `tuan` or, with `ngay` (or `xem=ngay`: today), of one day."""
    now_day = today(here.now(), here.desk.home_time_zone())
    if xem == "ngay" and not ngay:
        ngay = now_day.isoformat()
    first, days = (read_day(ngay, "ngay"), 1) if ngay else (read_week(tuan) if tuan else monday(now_day), 7)
    asked = Shown(first, days, area, dang == "luoi", trang)
    span = Programme(here.room).span(
        signed.person, first, days, AreaId(area) if area else None, skip=(trang - 1) * PER_PAGE, most=PER_PAGE
    )
    return show(
        here,
        request,
        signed,
        "calendar.html",
        asked=asked,
        span=span,
        days=by_day(span),
        pending=pending_by_day(span),
        now_day=now_day,
        last=first + timedelta(days=days - 1),
        pages=-(-span.total // PER_PAGE),
    )
