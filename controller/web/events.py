"""The event stream itself (WHATWG server-sent events): `hello`, then `change` and `beat` until either side ends it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from controller.web.services import Services
from controller.web.session import SignedIn
from controller.web.shown import full_clock

BEAT_S = 5.0
"""A page that hears nothing for three beats calls itself stale."""
GATHER_S = 0.2
"""Changes within this are told together, so one page is told at most five times a second."""
MAX_WANTED = 50


def event(name: str, data: Mapping[str, object]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def event_stream(here: Services, signed: SignedIn, wanted: str) -> StreamingResponse:
    """Open a stream of the comma-separated keys. Refusal 503 when too many are open."""
    here.live.require_room()
    keys = frozenset(key for key in wanted.split(",")[:MAX_WANTED] if key)
    zone = await run_in_threadpool(here.desk.home_time_zone)
    return StreamingResponse(
        _events(here, signed, keys, zone), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _events(here: Services, signed: SignedIn, wanted: frozenset[str], zone: str) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    checked = clock()
    with here.live.stream(wanted) as stream:
        yield b"retry: 2000\n\n" + event("hello", {"time": full_clock(here.now(), zone)})
        while not stream.closed:
            keys = await stream.changed(BEAT_S)
            name, data = ("change", {"keys": keys}) if keys else ("beat", dict[str, object]())
            yield event(name, data | {"time": full_clock(here.now(), zone)})
            await stream.closing(GATHER_S)
            if clock() - checked >= BEAT_S:
                checked = clock()
                # A signed-out person is told nothing more.
                if await run_in_threadpool(here.accounts.person, signed.token) is None:
                    return
