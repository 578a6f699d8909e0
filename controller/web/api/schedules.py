"""API: say when and where a bulletin is heard, look at it, change it and end it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from controller.desk.changes import Proposed
from controller.desk.series import Series
from controller.desk.values import Scheduled as Made
from controller.rights import Operation
from controller.store.changes import ChangeState
from controller.web.api.shapes_timetable import (
    Definition,
    EditIn,
    EditPreviewOut,
    OccurrenceIn,
    OccurrenceOut,
    Schedule,
    Scheduled,
    ScheduleIn,
    Understood,
)
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.model import BulletinState
from schedules.units import AreaId, ScheduleId

router = APIRouter(tags=["schedules"])

LOOKS = [needs(Operation.SEE)]
WRITES = [needs(Operation.COMPOSE), Guard]
TAKES_AWAY = [needs(Operation.STOP), Guard]
WAITS: dict[int | str, dict[str, Any]] = {202: {"description": "It waits to be approved.", "model": Scheduled}}


def _told(response: Response, made: Made) -> Scheduled:
    if made.state is BulletinState.PENDING:
        response.status_code = 202
    return Scheduled.of(made)


def _changed(response: Response, schedule: str, proposed: Proposed) -> Scheduled:
    state = BulletinState.PENDING if proposed.state is ChangeState.PENDING else BulletinState.APPROVED
    return _told(response, Made(ScheduleId(schedule), proposed.broadcasts, proposed.change, state))


@router.post("/schedules/preview", dependencies=WRITES)
def preview(here: Here, signed: Staff, given: ScheduleIn) -> Understood:
    """What would be understood; nothing is stored. `places_sentence` is what an emergency must confirm."""
    return Understood.of(here.desk.understand(given.value(), signed.person))


@router.post("/schedules", status_code=201, dependencies=WRITES, responses=WAITS)
def schedule(here: Here, signed: Staff, given: ScheduleIn, response: Response) -> Scheduled:
    """Propose the schedule: on air at once (201) where one person may do both, else it waits (202)."""
    return _told(response, here.desk.schedule(given.value(), signed.person))


@router.get("/schedules", dependencies=LOOKS)
def schedules(
    here: Here,
    signed: Staff,
    area: str = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[Definition]:
    """The schedules that still bring something, in one's own places or in `area`."""
    found = Series(here.room).live(signed.person, AreaId(area) if area else None)
    return [Definition.of(each) for each in found[offset : offset + limit]]


@router.get("/schedules/{schedule}", dependencies=LOOKS)
def view(here: Here, signed: Staff, schedule: str) -> Schedule:
    return Schedule.of(here.desk.schedule_view(ScheduleId(schedule), signed.person))


@router.get("/schedules/{schedule}/definition", dependencies=LOOKS)
def definition(here: Here, signed: Staff, schedule: str) -> Definition:
    """Everything the series says."""
    return Definition.of(Series(here.room).summary(ScheduleId(schedule), signed.person))


@router.put("/schedules/{schedule}", dependencies=WRITES, responses=WAITS)
def edit(here: Here, signed: Staff, schedule: str, given: EditIn, response: Response) -> Scheduled:
    """Revise one occurrence, it and the following, or all. What was skipped, moved or replaced by hand stays so."""
    return _changed(response, schedule, Series(here.room).save(ScheduleId(schedule), given.wish(), signed.person))


@router.post("/schedules/{schedule}/preview", dependencies=WRITES)
def preview_edit(here: Here, signed: Staff, schedule: str, given: EditIn) -> EditPreviewOut:
    """What that would change; nothing is stored."""
    return EditPreviewOut.of(Series(here.room).preview(ScheduleId(schedule), given.wish(), signed.person))


@router.get("/schedules/{schedule}/occurrences", dependencies=LOOKS)
def occurrences(here: Here, signed: Staff, schedule: str) -> list[OccurrenceOut]:
    """What it brings next, at most twenty; what was removed too."""
    view = Series(here.room).view(ScheduleId(schedule), signed.person)
    return [OccurrenceOut.of(each) for each in view.occasions]


@router.post("/schedules/{schedule}/occurrences/{original}", dependencies=TAKES_AWAY, responses=WAITS)
def change_occurrence(
    here: Here, signed: Staff, schedule: str, original: datetime, given: OccurrenceIn, response: Response
) -> Scheduled:
    """Skip, move or replace the occurrence known by its original local start, it and the following, or all."""
    return _changed(
        response, schedule, Series(here.room).save(ScheduleId(schedule), given.wish(original), signed.person)
    )


@router.post("/schedules/{schedule}/occurrences/{original}/preview", dependencies=TAKES_AWAY)
def preview_occurrence(
    here: Here, signed: Staff, schedule: str, original: datetime, given: OccurrenceIn
) -> EditPreviewOut:
    """What that would change; nothing is stored."""
    return EditPreviewOut.of(Series(here.room).preview(ScheduleId(schedule), given.wish(original), signed.person))


@router.post("/schedules/{schedule}/end", dependencies=TAKES_AWAY)
def end(here: Here, signed: Staff, schedule: str) -> Schedule:
    """No further occurrences: what is to come is cancelled, what plays now goes on to its end. Idempotent."""
    here.desk.end_schedule(ScheduleId(schedule), signed.person)
    return Schedule.of(here.desk.schedule_view(ScheduleId(schedule), signed.person))
