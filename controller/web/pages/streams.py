"""Server-sent events for open pages, and the sound of a clip for their players."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from controller.desk.listening import Hearing
from controller.rights import Operation, allows
from controller.web.events import event_stream
from controller.web.services import Here
from controller.web.session import Staff, needs
from schedules.units import ClipId

router = APIRouter(include_in_schema=False)


@router.get("/su-kien", dependencies=[needs(Operation.SEE)])
async def events(request: Request, here: Here, signed: Staff, theo: str = "") -> Response:
    """Changes of the comma-separated keys in `theo` (empty: all), as they happen."""
    return await event_stream(here, signed, theo)


@router.get("/am-thanh/{clip}.ogg", dependencies=[needs(Operation.SEE)])
def clip_sound(here: Here, signed: Staff, clip: str) -> Response:
    """The very bytes the speakers play; ranges are served, so that the player can jump."""
    file = here.desk.clip_file(ClipId(clip), signed.person)
    if allows(signed.person.grants, Operation.APPROVE):
        Hearing(here.room).fetched(ClipId(clip), signed.person)
    return FileResponse(
        file,
        media_type="audio/ogg",
        headers={"Cache-Control": "private, max-age=86400", "Accept-Ranges": "bytes"},
    )
