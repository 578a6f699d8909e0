"""API: the programme of some days, and what one speaker will play."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from controller.desk.programme import Programme as Desk
from controller.desk.programme import today
from controller.rights import Operation
from controller.web.api.shapes_seeing import Programme
from controller.web.services import Here
from controller.web.session import Staff, needs
from schedules.units import AreaId

router = APIRouter(tags=["programme"])

MOST_DAYS = 42
MOST = 2_000


@router.get("/programme", dependencies=[needs(Operation.SEE)])
def programme(
    here: Here,
    signed: Staff,
    first: date | None = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7,
    area: str | None = None,
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Programme:
    """What starts on `days` local days from `first` (default: today), by start: what is planned, and beyond the
    planning horizon what the schedules will bring forth."""
    begin = first or today(here.now(), here.desk.home_time_zone())
    chosen = AreaId(area) if area else None
    return Programme.of(Desk(here.room).span(signed.person, begin, days, chosen, skip=skip, most=limit))
