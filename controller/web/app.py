"""create_app: the pages and the API as one FastAPI application over a desk and its accounts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from controller.copies import Copies
from controller.desk.accounts import Ledger
from controller.desk.desk import Desk
from controller.desk.previews import Previews
from controller.desk.room import Room
from controller.incoming import IncomingFiles
from controller.oidc import Provider
from controller.web import errors, upload
from controller.web.api import audit as api_audit
from controller.web.api import broadcasts as api_broadcasts
from controller.web.api import bulletins as api_bulletins
from controller.web.api import changes as api_changes
from controller.web.api import cuts as api_cuts
from controller.web.api import enrolments as api_enrolments
from controller.web.api import parts as api_parts
from controller.web.api import people as api_people
from controller.web.api import places as api_places
from controller.web.api import programme as api_programme
from controller.web.api import readings as api_readings
from controller.web.api import recordings as api_recordings
from controller.web.api import reforms as api_reforms
from controller.web.api import schedules as api_schedules
from controller.web.api import session as api_session
from controller.web.api import speakers as api_speakers
from controller.web.api import uploads as api_uploads
from controller.web.api import voices as api_voices
from controller.web.api.shapes import Problem
from controller.web.choice import AnswerLanguage
from controller.web.live import Live
from controller.web.pages import (
    account,
    approval,
    audit,
    broadcasts,
    bulletins,
    calendar,
    calendar_files,
    comparing,
    compose,
    cutting,
    editing,
    groups,
    hearing,
    holidays,
    language,
    library,
    new_speakers,
    parts,
    people,
    place_sheets,
    places,
    readings,
    recording,
    recordings,
    sign_in,
    speaker,
    speakers,
    streams,
    templates,
    timeline,
    timetable,
    today,
)
from controller.web.pages import oidc as oidc_pages
from controller.web.render import STATIC, Pages
from controller.web.renderings import Renderings
from controller.web.security import BodyLimit, SecurityHeaders
from controller.web.services import Services
from schedules.units import UtcMs

MIB = 1024 * 1024
MAX_BODY_BYTES = 2 * MIB
MAX_UPLOAD_BYTES = 200 * MIB
UPLOAD_PATHS = frozenset({"/ban-tin/moi", "/api/v1/bulletins/audio"})
RESUMABLE = "/api/v1/uploads/"
CLEAR_S = 1_800.0
FORM_OVERHEAD = 1 * MIB
"""What a form may weigh besides its file."""

API_PREFIX = "/api/v1"
API_ROUTERS = tuple(
    part.router
    for part in (
        api_session,
        api_people,
        api_places,
        api_reforms,
        api_readings,
        api_speakers,
        api_enrolments,
        api_parts,
        api_recordings,
        api_bulletins,
        api_voices,
        api_uploads,
        api_cuts,
        api_changes,
        api_schedules,
        api_broadcasts,
        api_programme,
        api_audit,
    )
)
# The fixed paths of compose and recording come before bulletins' /ban-tin/{bulletin}.
PAGE_ROUTERS = tuple(
    part.router
    for part in (
        sign_in,
        oidc_pages,
        people,
        account,
        language,
        today,
        calendar,
        calendar_files,
        timeline,
        recordings,
        library,
        hearing,
        parts,
        templates,
        compose,
        recording,
        comparing,
        bulletins,
        editing,
        cutting,
        approval,
        broadcasts,
        speakers,
        groups,
        new_speakers,
        speaker,
        place_sheets,
        holidays,
        readings,
        places,
        streams,
        audit,
        timetable,
    )
)
_PROBLEM: dict[int | str, dict[str, Any]] = {
    code: {
        "description": "Problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
    for code in ("4XX", "5XX")
}


def create_app(
    desk: Desk,
    accounts: Ledger,
    room: Room,
    *,
    secure_cookies: bool,
    upload_dir: Path,
    now: Callable[[], UtcMs],
    max_upload_bytes: int = MAX_UPLOAD_BYTES,
    public_url: str = "",
    oidc: Provider | None = None,
) -> FastAPI:
    """Build the application. Serve it with controller.web.server.WebServer, which ends event streams at a stop.

    `secure_cookies`: the site is reached by HTTPS. `upload_dir`: where files come in, on the same file system as
    the desk's own folder so that they can be moved; leftovers of a crash are removed at the start. Beside it, in
    `previews` and `renderings`, is kept what people only want to hear; in `copies`, recordings as they are cut.
    """
    previews = Previews(upload_dir.with_name("previews"))
    services = Services(
        desk,
        accounts,
        room,
        Live(),
        Pages(),
        now,
        upload_dir,
        previews,
        Renderings(upload_dir.with_name("renderings")),
        max_upload_bytes,
        IncomingFiles(upload_dir),
        Copies(upload_dir.with_name("copies"), room.recordings),
        secure_cookies,
        public_url,
        oidc,
    )
    app = FastAPI(
        title="LoaXã",
        version="1",
        description="Đài truyền thanh thông minh: REST API v1.",
        openapi_url=f"{API_PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(services),
    )
    app.state.services = services
    errors.install(app, services)
    _add_routes(app)
    app.add_middleware(BodyLimit, limit_of=_limits(max_upload_bytes))
    app.add_middleware(SecurityHeaders, secure=secure_cookies)
    app.add_middleware(AnswerLanguage)
    return app


def _limits(max_upload_bytes: int) -> Callable[[str], int]:
    def limit_of(path: str) -> int:
        if path.startswith(RESUMABLE):
            return max_upload_bytes
        return max_upload_bytes + FORM_OVERHEAD if path in UPLOAD_PATHS else MAX_BODY_BYTES

    return limit_of


def _lifespan(services: Services) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        services.live.attach()
        upload.clear_leftovers(services.upload_dir)
        clearing = asyncio.create_task(_clear_uploads(services))
        unsubscribe = services.desk.on_change(services.live.tell)
        try:
            yield
        finally:
            clearing.cancel()
            services.copies.stop()
            unsubscribe()
            services.live.detach()

    return lifespan


async def _clear_uploads(services: Services) -> None:
    """At the start, and from time to time: uploads that nobody went on with."""
    while True:
        services.incoming.clear(services.now())
        await asyncio.sleep(CLEAR_S)


def _add_routes(app: FastAPI) -> None:
    v1 = APIRouter(prefix=API_PREFIX, responses=_PROBLEM)
    for router in API_ROUTERS:
        v1.include_router(router)
    app.include_router(v1)
    for router in PAGE_ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
