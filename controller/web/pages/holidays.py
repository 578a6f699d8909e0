"""Ngày nghỉ: the holidays of an area, the country's and those that its staff name."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.desk.holidays import Holidays
from controller.desk.places import Places
from controller.desk.refusal import Refusal
from controller.rights import Operation
from controller.web.pages.frame import show, told
from controller.web.pages.places import Sent
from controller.web.place_forms import read_day, text
from controller.web.render import go
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import AreaId

router = APIRouter(include_in_schema=False)


@router.get("/dia-ban/{area}/ngay-nghi", dependencies=[needs(Operation.SEE)])
def holidays(request: Request, here: Here, signed: Staff, area: str, nam: int = 0) -> Response:
    return _page(here, request, signed, AreaId(area), nam)


@router.post("/dia-ban/{area}/ngay-nghi", dependencies=[needs(Operation.ARRANGE), Guard])
def name(request: Request, here: Here, signed: Staff, area: str, form: Sent) -> Response:
    try:
        day = read_day(text(form, "day"))
        Holidays(here.room).name(AreaId(area), day, text(form, "name"), signed.person)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(here, request, signed, AreaId(area), 0, dict(form.items()), refusal)
    return go(request, f"/dia-ban/{area}/ngay-nghi?nam={day.year}")


@router.post("/dia-ban/{area}/ngay-nghi/{day}/bo", dependencies=[needs(Operation.ARRANGE), Guard])
def forget(request: Request, here: Here, signed: Staff, area: str, day: str) -> Response:
    found = read_day(day)
    Holidays(here.room).forget(AreaId(area), found, signed.person)
    return go(request, f"/dia-ban/{area}/ngay-nghi?nam={found.year}")


def _page(
    here: Services,
    request: Request,
    signed: SignedIn,
    area: AreaId,
    year: int,
    form: dict[str, object] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    desk = Places(here.room)
    view = desk.view(area, desk.today(), signed.person)
    year = year or desk.today().year
    return show(
        here,
        request,
        signed,
        "holidays.html",
        status=refusal.status if refusal else 200,
        view=view,
        year=year,
        today=desk.today(),
        lines=Holidays(here.room).of(area, year, signed.person),
        form=form or {},
        error=told(here, refusal) if refusal else None,
    )
