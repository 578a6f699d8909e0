"""API: how the stations of an area read what is written so."""

from fastapi import APIRouter
from fastapi.responses import Response

from controller.desk.readings import ReadingTable
from controller.rights import Operation
from controller.web.api.shapes_readings import ReadingIn, ReadingLineOut, ReadingOut, WrittenIn
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import AreaId

router = APIRouter(tags=["readings"])


@router.get("/areas/{area}/readings", dependencies=[needs(Operation.SEE)])
def readings(here: Here, signed: Staff, area: str) -> list[ReadingLineOut]:
    """What holds in the area: its own readings, then those of the areas above that it does not replace."""
    return [ReadingLineOut.of_line(line) for line in ReadingTable(here.room).of(AreaId(area), signed.person)]


@router.put("/areas/{area}/readings", dependencies=[needs(Operation.COMPOSE), Guard])
def remember(here: Here, signed: Staff, area: str, given: ReadingIn) -> ReadingOut:
    """From now on `written` is read `read` there and below; sound that is made stays as it is."""
    return ReadingOut.of(ReadingTable(here.room).remember(AreaId(area), given.written, given.read, signed.person))


@router.post("/areas/{area}/readings/forget", status_code=204, dependencies=[needs(Operation.COMPOSE), Guard])
def forget(here: Here, signed: Staff, area: str, given: WrittenIn) -> Response:
    """The area reads it again as the areas above do, or the program."""
    ReadingTable(here.room).forget(AreaId(area), given.written, signed.person)
    return Response(status_code=204)
