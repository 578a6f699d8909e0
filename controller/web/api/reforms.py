"""API: areas with their history, decisions about them, tables of them, and their holidays."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from controller.desk.holidays import Holidays
from controller.desk.place_sheet import PlaceSheet
from controller.desk.places import Places, area_of
from controller.desk.sheets import read_csv
from controller.rights import Operation
from controller.web.api.shapes_places import (
    AreaDetail,
    ConsequencesOut,
    Done,
    HolidayIn,
    HolidayOut,
    TableIn,
    TableOut,
    WishIn,
)
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import AreaId

router = APIRouter(tags=["places"])

Year = Annotated[int, Query(ge=1970, le=2300)]


@router.get("/areas/{area}", dependencies=[needs(Operation.SEE)])
def view(here: Here, signed: Staff, area: str, day: date | None = None) -> AreaDetail:
    """One area on a day (today), with everything it was before."""
    desk = Places(here.room)
    return AreaDetail.of(desk.view(AreaId(area), day or desk.today(), signed.person))


@router.post("/area-reforms/preview", dependencies=[needs(Operation.ARRANGE), Guard])
def preview(here: Here, signed: Staff, given: WishIn) -> ConsequencesOut:
    """What a decision would change; nothing is stored."""
    return ConsequencesOut.of(Places(here.room).consider(given.wish(), signed.person))


@router.post("/area-reforms", status_code=201, dependencies=[needs(Operation.ARRANGE), Guard])
def carry_out(here: Here, signed: Staff, given: WishIn) -> Done:
    """Make, rename, move, limit, merge, split or end an area on a day; boxes and coming broadcasts follow."""
    wish = given.wish()
    done = Places(here.room).carry_out(wish, signed.person)
    return Done(area=area_of(wish), configs=done.configs, broadcasts=done.broadcasts)


@router.post("/area-tables", dependencies=[needs(Operation.ARRANGE), Guard])
def table(here: Here, signed: Staff, given: TableIn) -> TableOut:
    """Areas from CSV: every fault by row and column; kept all together, and only when asked to and without fault."""
    rows, desk = read_csv(given.content), PlaceSheet(here.room)
    under = AreaId(given.parent) if given.parent is not None else None
    found = desk.read(rows, under, given.day, signed.person)
    saves = given.save and not found.faults and bool(found.lines)
    if saves:
        desk.keep(rows, under, given.day, signed.person)
    return TableOut.of(found, saved=saves)


@router.get("/area-tables", dependencies=[needs(Operation.SEE)], response_class=Response)
def export(here: Here, signed: Staff, day: date | None = None) -> Response:
    """The areas of a day as CSV, in the columns that can be brought in again."""
    content = PlaceSheet(here.room).export(day or Places(here.room).today(), signed.person)
    return Response(content, media_type="text/csv; charset=utf-8")


@router.get("/areas/{area}/holidays", dependencies=[needs(Operation.SEE)])
def holidays(here: Here, signed: Staff, area: str, year: Year) -> list[HolidayOut]:
    """The country's, those of the areas above, and the area's own."""
    return [HolidayOut.of(line) for line in Holidays(here.room).of(AreaId(area), year, signed.person)]


@router.put("/areas/{area}/holidays/{day}", status_code=204, dependencies=[needs(Operation.ARRANGE), Guard])
def name_holiday(here: Here, signed: Staff, area: str, day: date, given: HolidayIn) -> None:
    Holidays(here.room).name(AreaId(area), day, given.name, signed.person)


@router.delete("/areas/{area}/holidays/{day}", status_code=204, dependencies=[needs(Operation.ARRANGE), Guard])
def forget_holiday(here: Here, signed: Staff, area: str, day: date) -> None:
    Holidays(here.room).forget(AreaId(area), day, signed.person)
