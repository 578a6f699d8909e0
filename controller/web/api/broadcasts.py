"""API: broadcasts of a day, one broadcast speaker by speaker, cancel, stop, and the events."""

from datetime import date

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from controller.rights import Operation
from controller.web.api.shapes import Broadcast, Line
from controller.web.events import event_stream
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import AreaId, BroadcastId

router = APIRouter(tags=["broadcasts"])


@router.get("/broadcasts", dependencies=[needs(Operation.SEE)])
def day(here: Here, signed: Staff, day: date | None = None, area: str | None = None) -> list[Line]:
    """Broadcasts that start on the local `day` (default: today), by start."""
    return [Line.of(line) for line in here.desk.day(day, signed.person, AreaId(area) if area else None)]


@router.get("/broadcasts/{broadcast}", dependencies=[needs(Operation.SEE)])
def broadcast(here: Here, signed: Staff, broadcast: str) -> Broadcast:
    return Broadcast.of(here.desk.broadcast(BroadcastId(broadcast), signed.person))


@router.post("/broadcasts/{broadcast}/cancel", dependencies=[needs(Operation.STOP), Guard])
def cancel(here: Here, signed: Staff, broadcast: str) -> Broadcast:
    """Before it plays; idempotent. `holds_newest` of each playback tells whom the order has reached."""
    here.desk.cancel(BroadcastId(broadcast), signed.person)
    return Broadcast.of(here.desk.broadcast(BroadcastId(broadcast), signed.person))


@router.post("/broadcasts/{broadcast}/stop", dependencies=[needs(Operation.STOP), Guard])
def stop(here: Here, signed: Staff, broadcast: str) -> Broadcast:
    """While it plays; what was heard is recorded."""
    here.desk.stop(BroadcastId(broadcast), signed.person)
    return Broadcast.of(here.desk.broadcast(BroadcastId(broadcast), signed.person))


@router.get("/events", response_class=StreamingResponse, dependencies=[needs(Operation.SEE)])
async def events(here: Here, signed: Staff, keys: str = "") -> StreamingResponse:
    """Server-sent events: `change` with {"keys": [...], "time"}, `beat` every five seconds.

    `keys`, comma-separated, limits them: broadcast:{id}, bulletin:{id}, schedule:{id}, speakers, day.
    """
    return await event_stream(here, signed, keys)
