"""API: uploads that survive a lost connection and a restart of the server, by the tus 1.0 protocol (tus.io)."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from controller.desk.refusal import Refusal
from controller.incoming import DiskFull, Incoming, OtherOffset
from controller.rights import Operation
from controller.web import errors, tus
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs

EVERY = {"Tus-Resumable": tus.VERSION}


class TusRoute(APIRoute):
    """Every answer, a refusal too, says the version of the protocol."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                response = await handle(request)
            except Refusal as refusal:
                response = errors.answer(request, refusal)
            except HTTPException as error:
                limit = request.app.state.services.max_upload_bytes
                response = errors.answer(request, errors.of_status(error.status_code, limit))
            except ClientDisconnect:
                # Nobody is there to hear it; what came is kept.
                response = Response(status_code=400)
            response.headers.update(EVERY)
            if response.status_code == 412:
                response.headers["Tus-Version"] = tus.VERSION
            return response

        return handled


router = APIRouter(tags=["uploads"], route_class=TusRoute)


@router.options("/uploads", status_code=204, dependencies=[needs(Operation.COMPOSE)])
def abilities(here: Here) -> Response:
    """What this server can of the protocol, and how many bytes an upload may have."""
    told = {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": tus.EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
        "Tus-Max-Size": str(here.max_upload_bytes),
    }
    return Response(status_code=204, headers=told)


@router.post("/uploads", status_code=201, dependencies=[needs(Operation.COMPOSE), Guard])
def begin(request: Request, here: Here, signed: Staff) -> Response:
    """Begin an upload: `Upload-Length`, and the file's name in `Upload-Metadata`. `Location` is where it is sent to."""
    tus.check_version(request.headers)
    length = tus.read_length(request.headers, here.max_upload_bytes)
    filename = tus.read_filename(request.headers)
    try:
        made = here.incoming.begin(signed.person.username, length, filename, here.now())
    except DiskFull as error:
        raise tus.disk_full() from error
    return Response(status_code=201, headers={"Location": f"/api/v1/uploads/{made.id}", **tus.head_of(made)})


@router.head("/uploads/{upload}", dependencies=[needs(Operation.COMPOSE)])
def how_far(request: Request, here: Here, signed: Staff, upload: str) -> Response:
    """How many bytes of it are kept: from there it goes on."""
    tus.check_version(request.headers)
    return Response(status_code=200, headers=tus.head_of(_known(here, signed, upload)))


@router.patch("/uploads/{upload}", status_code=204, dependencies=[needs(Operation.COMPOSE), Guard])
async def go_on(request: Request, here: Here, signed: Staff, upload: str) -> Response:
    """Bytes from `Upload-Offset` on; with `Upload-Checksum` all of them or none are kept."""
    tus.check_version(request.headers)
    known, offset = _known(here, signed, upload), tus.read_offset(request.headers)
    checksum = tus.read_checksum(request.headers)
    if known.offset != offset:
        raise tus.elsewhere()
    try:
        if checksum is None:
            await _take(request, here, known)
        else:
            data = await _checked(request, known, checksum)
            await run_in_threadpool(here.incoming.append, known, offset, data, here.now())
        await run_in_threadpool(here.incoming.settle, known)
    except OtherOffset as error:
        raise tus.elsewhere() from error
    except ValueError as error:
        raise tus.too_much() from error
    except KeyError as error:
        raise tus.gone() from error
    except DiskFull as error:
        raise tus.disk_full() from error
    return Response(status_code=204, headers=tus.head_of(_known(here, signed, upload)))


@router.delete("/uploads/{upload}", status_code=204, dependencies=[needs(Operation.COMPOSE), Guard])
def give_up(request: Request, here: Here, signed: Staff, upload: str) -> Response:
    """Forget the upload and what is kept of it."""
    tus.check_version(request.headers)
    here.incoming.remove(_known(here, signed, upload))
    return Response(status_code=204)


def _known(here: Services, signed: SignedIn, upload: str) -> Incoming:
    """One's own; somebody else's is as if it were not there."""
    found = here.incoming.find(upload, signed.person.username)
    if found is None or found.expires <= here.now():
        raise tus.gone()
    return found


async def _take(request: Request, here: Services, known: Incoming) -> None:
    """As they come: what is there when the connection breaks is kept."""
    at = known.offset
    async for chunk in request.stream():
        if chunk:
            at = await run_in_threadpool(here.incoming.append, known, at, chunk, here.now())


async def _checked(request: Request, known: Incoming, checksum: tuple[str, bytes]) -> bytes:
    """All of the body, which is what was sent."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > min(tus.MOST_CHECKED, known.length - known.offset):
            raise tus.too_much()
    tus.check_bytes(checksum, bytes(data))
    return bytes(data)
