"""API: the programme of some days, what one speaker will play, and the library."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from controller.desk.library import Library
from controller.desk.programme import Programme as Desk
from controller.desk.programme import today
from controller.desk.timelines import Timelines
from controller.rights import Operation
from controller.store.library import Search
from controller.web.api.shapes_seeing import (
    LibraryBulletin,
    LibraryBulletins,
    LibraryClip,
    LibraryClips,
    Programme,
    Timeline,
    Uses,
)
from controller.web.services import Here
from controller.web.session import Staff, needs
from schedules.model import BulletinState
from schedules.units import AreaId, BulletinId, SpeakerId

router = APIRouter(tags=["programme"])

Skip = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=100)]
Words = Annotated[str, Query(max_length=200, description="with or without diacritics; every word must be found")]

MOST_DAYS = 42
MOST = 2_000


@router.get("/programme", dependencies=[needs(Operation.SEE)])
def programme(
    here: Here,
    signed: Staff,
    first: date | None = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7,
    area: str | None = None,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Programme:
    """What starts on `days` local days from `first` (default: today), by start: what is planned, and beyond the
    planning horizon what the schedules will bring forth."""
    begin = first or today(here.now(), here.desk.home_time_zone())
    chosen = AreaId(area) if area else None
    return Programme.of(Desk(here.room).span(signed.person, begin, days, chosen, skip=skip, most=limit))


@router.get("/speakers/{speaker}/timeline", dependencies=[needs(Operation.SEE)])
def timeline(here: Here, signed: Staff, speaker: str, day: date | None = None) -> Timeline:
    """What the speaker will play on the local `day` (default: today)."""
    return Timeline.of(Timelines(here.room).day(signed.person, SpeakerId(speaker), day))


@router.get("/library/bulletins", dependencies=[needs(Operation.SEE)])
def bulletins(
    here: Here,
    signed: Staff,
    words: Words = "",
    field: Annotated[int | None, Query(ge=1, le=6)] = None,
    state: BulletinState | None = None,
    author: Annotated[str, Query(max_length=200, description="the author named, or who made it")] = "",
    skip: Skip = 0,
    limit: Limit = 20,
) -> LibraryBulletins:
    """Bulletins, the newest first; those that have the words just as they are written go before."""
    found = Library(here.room).bulletins(
        signed.person, Search(words, field, state, author.replace("\0", " ")), skip=skip, most=limit
    )
    items = [LibraryBulletin.of(bulletin, found.uses[bulletin.id]) for bulletin in found.bulletins]
    return LibraryBulletins(total=found.total, items=items)


@router.get("/library/bulletins/{bulletin}/uses", dependencies=[needs(Operation.SEE)])
def uses(here: Here, signed: Staff, bulletin: str) -> Uses:
    """Where one bulletin is used."""
    return Uses.of(Library(here.room).used(signed.person, BulletinId(bulletin)))


@router.get("/library/clips", dependencies=[needs(Operation.SEE)])
def clips(here: Here, signed: Staff, words: Words = "", skip: Skip = 0, limit: Limit = 20) -> LibraryClips:
    """Prepared sounds by the bulletins that they are in, the newest first."""
    found = Library(here.room).clips(signed.person, Search(words), skip=skip, most=limit)
    return LibraryClips(total=found.total, items=[LibraryClip.of(clip) for clip in found.clips])
