"""API: the library of recordings."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from controller.desk.recording_shelf import RecordingShelf, Wanted
from controller.desk.recordings import take
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.store.values import RecordingKind
from controller.web import upload
from controller.web.api.shapes_parts import Recording, RecordingIn
from controller.web.pages.compose import csrf_before_file
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import RecordingId

router = APIRouter(tags=["recordings"])

_UPLOAD = upload.described(
    "file",
    {"file": upload.FILE, "title": upload.TEXT, "kind": upload.TEXT | {"enum": [kind.value for kind in RecordingKind]}},
)


@router.get("/recordings", dependencies=[needs(Operation.SEE)])
def recordings(
    here: Here,
    signed: Staff,
    words: Annotated[str, Query(max_length=200)] = "",
    kind: RecordingKind | None = None,
    tag: Annotated[str, Query(max_length=200)] = "",
    language: Annotated[str, Query(max_length=64)] = "",
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[Recording]:
    """Fifty at most, the newest first; `words` with or without diacritics."""
    found = RecordingShelf(here.room).find(signed.person, Wanted(words, kind, tag, language), skip=skip, most=50)
    return [Recording.of(each) for each in found.recordings]


@router.post(
    "/recordings",
    status_code=201,
    response_model=Recording,
    openapi_extra=_UPLOAD,
    dependencies=[needs(Operation.COMPOSE)],
)
async def hand_in(request: Request, here: Here, signed: Staff) -> Recording:
    """Put a sound into the library as it is (multipart/form-data); the same bytes are kept once."""
    check = csrf_before_file(request, signed)
    async with upload.receive(request, here.upload_dir, check) as received:
        check(received.fields)
        return await run_in_threadpool(_take, here, signed, received)


def _take(here: Services, signed: SignedIn, received: upload.Upload) -> Recording:
    kind, title = received.fields.get("kind", RecordingKind.RECORDING.value), received.fields.get("title", "")[:200]
    if received.path is None:
        raise Refusal("no-file", n_("Hãy chọn một tệp âm thanh để tải lên."), field="file")
    if kind not in set(RecordingKind):
        raise Refusal("bad-recording-kind", n_("Không có loại bản ghi này. Hãy chọn lại."), field="kind")
    path, filename, chosen = received.path, received.filename, RecordingKind(kind)
    taken = take(here.room, path, filename, signed.person, title=title, kind=chosen)
    return Recording.of(RecordingShelf(here.room).view(taken, signed.person)[0])


@router.get("/recordings/{recording}", dependencies=[needs(Operation.SEE)])
def recording(here: Here, signed: Staff, recording: str) -> Recording:
    return Recording.of(RecordingShelf(here.room).view(RecordingId(recording), signed.person)[0])


@router.put("/recordings/{recording}", dependencies=[needs(Operation.COMPOSE), Guard])
def change(here: Here, signed: Staff, recording: str, given: RecordingIn) -> Recording:
    """Say something else about it: title, kind, tags, language, until when it is offered."""
    shelf = RecordingShelf(here.room)
    shelf.change(RecordingId(recording), given.details(), signed.person)
    return Recording.of(shelf.view(RecordingId(recording), signed.person)[0])
