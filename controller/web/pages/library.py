"""Thư viện: bulletins and clips, found with and without diacritics, and where each is used."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from controller.desk.library import Library
from controller.desk.values import FIELDS
from controller.rights import Operation
from controller.store.library import Search
from controller.web.asking import Listed
from controller.web.pages.frame import show
from controller.web.render import htmx_target
from controller.web.services import Here
from controller.web.session import Staff, needs
from schedules.model import BulletinState
from schedules.units import BulletinId

router = APIRouter(include_in_schema=False)

PER_PAGE = 20
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Asked(Listed):
    """The search as the form says it; what is not among the choices narrows nothing."""

    tim: str = ""
    linh_vuc: str = ""
    trang_thai: str = ""
    tac_gia: str = ""

    @property
    def search(self) -> Search:
        number = int(self.linh_vuc) if self.linh_vuc in {str(field) for field in FIELDS} else None
        state = BulletinState(self.trang_thai) if self.trang_thai in set(BulletinState) else None
        return Search(self.tim[:MOST_WORDS], number, state, self.tac_gia[:MOST_WORDS].replace("\0", " "))


Page = Annotated[int, Query(ge=1, le=100_000)]
FieldQuery = Annotated[str, Query(alias="linh-vuc")]
StateQuery = Annotated[str, Query(alias="trang-thai")]
AuthorQuery = Annotated[str, Query(alias="tac-gia")]


@router.get("/thu-vien", dependencies=[needs(Operation.SEE)])
def library(
    request: Request,
    here: Here,
    signed: Staff,
    tim: str = "",
    linh_vuc: FieldQuery = "",
    trang_thai: StateQuery = "",
    tac_gia: AuthorQuery = "",
    trang: Page = 1,
) -> Response:
    asked = Asked(tim, linh_vuc, trang_thai, tac_gia)
    found = Library(here.room).bulletins(signed.person, asked.search, skip=(trang - 1) * PER_PAGE, most=PER_PAGE)
    return show(
        here,
        request,
        signed,
        "_library.html" if htmx_target(request) == "results" else "library.html",
        asked=asked,
        found=found,
        states=list(BulletinState),
        page=trang,
        pages=-(-found.total // PER_PAGE),
    )


@router.get("/thu-vien/am-thanh", dependencies=[needs(Operation.SEE)])
def clips(request: Request, here: Here, signed: Staff, tim: str = "", trang: Page = 1) -> Response:
    asked = Asked(tim)
    found = Library(here.room).clips(signed.person, asked.search, skip=(trang - 1) * PER_PAGE, most=PER_PAGE)
    return show(
        here,
        request,
        signed,
        "_clips.html" if htmx_target(request) == "results" else "clips.html",
        asked=asked,
        found=found,
        page=trang,
        pages=-(-found.total // PER_PAGE),
    )


@router.get("/thu-vien/{bulletin}", dependencies=[needs(Operation.SEE)])
def used(request: Request, here: Here, signed: Staff, bulletin: str) -> Response:
    """Where one bulletin is used."""
    found = Library(here.room).used(signed.person, BulletinId(bulletin))
    return show(here, request, signed, "used.html", used=found)
