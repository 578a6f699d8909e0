"""Cụm loa: which speakers are there, what they play, and a test tone."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.language import _
from controller.rights import Operation
from controller.web.pages.frame import show
from controller.web.render import go, htmx_target, is_htmx
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import SpeakerId

router = APIRouter(include_in_schema=False)


@router.get("/cum-loa", dependencies=[needs(Operation.SEE)])
def speakers(request: Request, here: Here, signed: Staff, thu: str = "") -> Response:
    found = here.desk.speakers(signed.person)
    tested = next((speaker.name for speaker in found if speaker.id == thu), "")
    template = "_speakers.html" if htmx_target(request) == "speakers" else "speakers.html"
    return show(here, request, signed, template, speakers=found, tested=tested)


@router.post("/cum-loa/{speaker}/thu-loa", dependencies=[needs(Operation.TEND), Guard])
def test_tone(request: Request, here: Here, signed: Staff, speaker: str) -> Response:
    here.desk.test_tone(SpeakerId(speaker), signed.person)
    if not is_htmx(request):
        return go(request, f"/cum-loa?thu={speaker}")
    sentence = _("Đã gửi tiếng thử. Loa phát trong vài giây nếu đang kết nối.")
    return here.pages.page("_notice.html", sentence=sentence, field="", good=True)
