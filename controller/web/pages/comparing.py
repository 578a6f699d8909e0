"""Nghe so sánh: a clip as from a horn at 200 m, and a recording as it came."""

import logging
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from audio.comparing import ComparingFailed, Kind
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.services import Here, Services
from controller.web.session import Staff, needs
from schedules.units import BulletinId, ClipId

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


@router.get("/am-thanh/{clip}/loa-nen.ogg", dependencies=[needs(Operation.SEE)])
def from_afar(here: Here, signed: Staff, clip: str) -> FileResponse:
    """For whoever may hear the clip; it does not count as having listened to it."""
    return _rendered(here, Kind.HORN, clip, here.desk.clip_file(ClipId(clip), signed.person))


@router.get("/ban-tin/{bulletin}/phan/{number}/truoc.ogg", dependencies=[needs(Operation.SEE)])
def before(here: Here, signed: Staff, bulletin: str, number: int) -> FileResponse:
    """The recording of part `number` (from 1) before anything was done to it; for whoever sees the bulletin."""
    seen = here.desk.bulletin(BulletinId(bulletin), signed.person)
    with here.room.store.read() as unit:
        parts = unit.parts.of(seen.id).parts
    recording = parts[number - 1].recording if 0 < number <= len(parts) else None
    if recording is None or not here.room.recordings.has(recording):
        raise Refusal("unknown-recording", n_("Không có tệp ghi âm này. Hãy tải lại trang bản tin."), status=404)
    return _rendered(here, Kind.BEFORE, recording, here.room.recordings.path(recording))


def _rendered(here: Services, kind: Kind, name: str, source: Path) -> FileResponse:
    try:
        made = here.renderings.get(kind, name, source)
    except (ComparingFailed, OSError) as error:
        log.exception("no %s of %s", kind, name)
        raise Refusal("no-preview", n_("Không tạo được bản nghe thử. Hãy thử lại sau."), status=503) from error
    return FileResponse(made, media_type="audio/ogg", headers={"Cache-Control": "private, max-age=3600"})
