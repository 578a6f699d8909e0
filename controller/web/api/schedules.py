"""API: say when and where a bulletin is heard, and end that."""

from fastapi import APIRouter

from controller.rights import Operation
from controller.web.api.shapes import Schedule, Scheduled, ScheduleIn, Understood
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import ScheduleId

router = APIRouter(tags=["schedules"])


@router.post("/schedules/preview", dependencies=[needs(Operation.COMPOSE), Guard])
def preview(here: Here, signed: Staff, given: ScheduleIn) -> Understood:
    """What would be understood; nothing is stored. `places_sentence` is what an emergency must confirm."""
    return Understood.of(here.desk.understand(given.value(), signed.person))


@router.post("/schedules", status_code=201, dependencies=[needs(Operation.COMPOSE), Guard])
def schedule(here: Here, signed: Staff, given: ScheduleIn) -> Scheduled:
    """Store the schedule and send its broadcasts to the speakers."""
    made, broadcasts = here.desk.schedule(given.value(), signed.person)
    return Scheduled(schedule=made, broadcasts=list(broadcasts))


@router.get("/schedules/{schedule}", dependencies=[needs(Operation.SEE)])
def view(here: Here, signed: Staff, schedule: str) -> Schedule:
    return Schedule.of(here.desk.schedule_view(ScheduleId(schedule), signed.person))


@router.post("/schedules/{schedule}/end", dependencies=[needs(Operation.STOP), Guard])
def end(here: Here, signed: Staff, schedule: str) -> Schedule:
    """No further occurrences: what is to come is cancelled, what plays now goes on to its end. Idempotent."""
    here.desk.end_schedule(ScheduleId(schedule), signed.person)
    return Schedule.of(here.desk.schedule_view(ScheduleId(schedule), signed.person))
