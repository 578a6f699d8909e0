"""API: make a bulletin from a text or a recording, follow its preparation, fetch its sound."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from controller.desk.listening import Hearing
from controller.desk.readings import ReadingTable
from controller.desk.values import NewBulletin
from controller.rights import Operation, allows
from controller.web import upload
from controller.web.api.shapes import Bulletin, BulletinAbout, SpokenIn, TextBulletin
from controller.web.api.shapes_readings import SpokenOut
from controller.web.handing_in import FIELD, handed_in
from controller.web.pages.compose import csrf_before_file
from controller.web.services import Here, Services
from controller.web.session import CSRF_FIELD, Guard, SignedIn, Staff, needs
from schedules.units import BulletinId, ClipId

router = APIRouter(tags=["bulletins"])

_UPLOAD = upload.described(
    "title",
    {
        "file": upload.FILE,
        FIELD: upload.TEXT | {"description": "Instead of `file`: what was sent to /uploads."},
        **{name: upload.TEXT for name in BulletinAbout.model_fields},
    },
)


@router.get("/bulletins", dependencies=[needs(Operation.SEE)])
def bulletins(here: Here, signed: Staff) -> list[Bulletin]:
    """The newest fifty."""
    return [Bulletin.of(view) for view in here.desk.bulletins(signed.person)]


@router.post("/bulletins", status_code=201, dependencies=[needs(Operation.COMPOSE), Guard])
def from_text(response: Response, here: Here, signed: Staff, given: TextBulletin) -> Bulletin:
    """Store a text; its sound is prepared in the background."""
    made = here.desk.bulletin_from_text(given.about(), given.text, signed.person)
    response.headers["Location"] = f"/api/v1/bulletins/{made}"
    return Bulletin.of(here.desk.bulletin(made, signed.person))


@router.post(
    "/bulletins/audio",
    status_code=201,
    response_model=Bulletin,
    openapi_extra=_UPLOAD,
    dependencies=[needs(Operation.COMPOSE)],
)
async def from_audio(request: Request, response: Response, here: Here, signed: Staff) -> Bulletin:
    """Upload a recording (wav, mp3, m4a, ogg/opus, flac) as multipart/form-data with `title` and
    `file`, or with the id of a finished upload (POST /uploads) as `upload`."""
    check = csrf_before_file(request, signed)
    async with upload.receive(request, here.upload_dir, check) as received:
        check(received.fields)
        made = await run_in_threadpool(_store, here, signed, received)
    response.headers["Location"] = f"/api/v1/bulletins/{made.id}"
    return made


def _store(here: Services, signed: SignedIn, received: upload.Upload) -> Bulletin:
    with handed_in(here, signed, received, received.fields) as (path, filename):
        made = here.desk.bulletin_from_audio(_about(received.fields), path, filename, signed.person)
    return Bulletin.of(here.desk.bulletin(made, signed.person))


def _about(given: Mapping[str, str]) -> NewBulletin:
    fields = {name: text for name, text in given.items() if name not in (CSRF_FIELD, FIELD)}
    try:
        return BulletinAbout.model_validate(fields).about()
    except ValidationError as error:
        raise RequestValidationError([{**found, "loc": ("body", *found["loc"])} for found in error.errors()]) from error


@router.post("/bulletins/spoken", dependencies=[needs(Operation.COMPOSE), Guard])
def spoken(here: Here, signed: Staff, given: SpokenIn) -> SpokenOut:
    """How a text will be read out, piece by piece, and what in it nobody has said how to read."""
    return SpokenOut.of(ReadingTable(here.room).preview(given.text, signed.person))


@router.get("/bulletins/{bulletin}", dependencies=[needs(Operation.SEE)])
def bulletin(here: Here, signed: Staff, bulletin: str) -> Bulletin:
    return Bulletin.of(here.desk.bulletin(BulletinId(bulletin), signed.person))


@router.get("/clips/{clip}/audio", response_class=FileResponse, dependencies=[needs(Operation.SEE)])
def clip_audio(here: Here, signed: Staff, clip: str) -> FileResponse:
    """The prepared sound, as the speakers play it (Ogg/Opus)."""
    file = here.desk.clip_file(ClipId(clip), signed.person)
    if allows(signed.person.grants, Operation.APPROVE):
        Hearing(here.room).fetched(ClipId(clip), signed.person)
    return FileResponse(file, media_type="audio/ogg")
