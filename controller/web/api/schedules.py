"""API: say when and where a bulletin is heard."""

from fastapi import APIRouter

from controller.web.api.shapes import Scheduled, ScheduleIn, Understood
from controller.web.services import Here
from controller.web.session import Guard, Staff

router = APIRouter(tags=["schedules"])


@router.post("/schedules/preview", dependencies=[Guard])
def preview(here: Here, signed: Staff, given: ScheduleIn) -> Understood:
    """What would be understood; nothing is stored. `places_sentence` is what an emergency must confirm."""
    return Understood.of(here.desk.understand(given.value()))


@router.post("/schedules", status_code=201, dependencies=[Guard])
def schedule(here: Here, signed: Staff, given: ScheduleIn) -> Scheduled:
    """Store the schedule and send its broadcasts to the speakers."""
    made, broadcasts = here.desk.schedule(given.value(), signed.person)
    return Scheduled(schedule=made, broadcasts=list(broadcasts))
