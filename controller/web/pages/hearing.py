"""Nghe đoạn này: one paragraph of a text that is still being written, as sound."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from controller.desk.readings import ReadingTable
from controller.desk.refusal import Refusal
from controller.desk.voices import Voicing, replaced_sentences
from controller.language import _, n_
from controller.rights import Operation
from controller.web.pages.frame import show
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from controller.web.voice_forms import VOICE_FIELDS, read_voice

router = APIRouter(include_in_schema=False)

FIELDS = ("text", "hear", *VOICE_FIELDS)


def heard(here: Services, signed: SignedIn, fields: Mapping[str, str]) -> dict[str, str]:
    """Where the sound is of the paragraph that `fields` ask for, and a sentence about it; takes about a second."""
    number = fields.get("hear", "")
    if not number.isascii() or not number.isdigit() or len(number) > 4:
        raise Refusal("no-paragraph", n_("Hãy chọn đoạn cần nghe."), field="text")
    voicing = Voicing(here.room)
    choice = read_voice(fields, here.room.voices, voicing.usual(signed.person))
    spoken = ReadingTable(here.room).preview(fields.get("text", ""), signed.person).spoken.text

    def make() -> tuple[bytes, str]:
        made = voicing.hear(spoken, int(number), choice, here.previews.folder)
        replaced = [(here.room.voices.label(each.voice), each.code) for each in made.fallbacks]
        notes = [] if made.whole else [_("Đoạn này dài; chỉ đọc thử phần đầu.")]
        return made.sound, " ".join([*replaced_sentences(replaced), *notes])

    what = repr((spoken, number, choice))
    key = here.previews.made(what, signed.person.id, here.now(), make)
    kept = here.previews.get(key, signed.person.id)
    address, note = f"/ban-tin/nghe-doan/{key}.ogg", kept.note if kept else ""
    return {"key": key, "address": address, "note": note, "number": str(int(number) + 1)}


@router.post("/ban-tin/nghe-doan", dependencies=[needs(Operation.COMPOSE), Guard])
async def hear(request: Request, here: Here, signed: Staff) -> Response:
    form = await request.form()
    fields = {name: str(form.get(name, "")).replace("\r\n", "\n") for name in FIELDS}
    sound = await run_in_threadpool(heard, here, signed, fields)
    return show(here, request, signed, "_heard_paragraph.html", heard=sound)


@router.get("/ban-tin/nghe-doan/{key}.ogg", dependencies=[needs(Operation.COMPOSE)])
def sound(here: Here, signed: Staff, key: str) -> FileResponse:
    """Only for who asked for it, and only for a while."""
    kept = here.previews.get(key, signed.person.id)
    if kept is None or not kept.file.is_file():
        raise Refusal("unknown-preview", n_("Âm thanh nghe thử không còn. Hãy bấm nghe lại."), status=404)
    return FileResponse(kept.file, media_type="audio/ogg")
