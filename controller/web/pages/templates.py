"""Mẫu chương trình: the templates of one's places, and taking one off the list."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controller.desk.parts import KIND_WORDS
from controller.desk.templates import Templates
from controller.rights import Operation
from controller.store.values import TemplateId
from controller.web.pages.frame import show
from controller.web.render import go
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs

router = APIRouter(include_in_schema=False)


@router.get("/mau-chuong-trinh", dependencies=[needs(Operation.COMPOSE)])
def templates(request: Request, here: Here, signed: Staff) -> Response:
    desk = Templates(here.room)
    found = desk.all(signed.person)
    return show(
        here,
        request,
        signed,
        "templates.html",
        found=found,
        kinds=KIND_WORDS,
        own=desk.may_retire(signed.person),
    )


@router.post("/mau-chuong-trinh/{template}/bo", dependencies=[needs(Operation.COMPOSE), Guard])
def retire(request: Request, here: Here, signed: Staff, template: str) -> Response:
    Templates(here.room).retire(TemplateId(template), signed.person)
    return go(request, "/mau-chuong-trinh")
