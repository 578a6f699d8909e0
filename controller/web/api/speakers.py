"""API: one speaker with its history, its name, its moves and its end; and groups of speakers."""

from fastapi import APIRouter

from controller.desk.groups import Groups
from controller.desk.speakers import Speakers
from controller.rights import Operation
from controller.web.api.shapes_places import (
    Done,
    GroupChange,
    GroupIn,
    GroupOut,
    SpeakerCardOut,
    SpeakerMoveIn,
    SpeakerNameIn,
)
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import AreaId, GroupId, SpeakerId

router = APIRouter(tags=["places"])


@router.get("/speakers/{speaker}", dependencies=[needs(Operation.SEE)])
def view(here: Here, signed: Staff, speaker: str) -> SpeakerCardOut:
    return SpeakerCardOut.of(Speakers(here.room).card(SpeakerId(speaker), signed.person))


@router.patch("/speakers/{speaker}", dependencies=[needs(Operation.TEND), Guard])
def rename(here: Here, signed: Staff, speaker: str, given: SpeakerNameIn) -> SpeakerCardOut:
    desk = Speakers(here.room)
    desk.rename(SpeakerId(speaker), given.name, signed.person)
    return SpeakerCardOut.of(desk.card(SpeakerId(speaker), signed.person))


@router.post("/speakers/{speaker}/move", dependencies=[needs(Operation.TEND), Guard])
def move(here: Here, signed: Staff, speaker: str, given: SpeakerMoveIn) -> Done:
    """It stands in another area from a day on (today: from now on), whatever was planned for it later."""
    done = Speakers(here.room).move(SpeakerId(speaker), AreaId(given.area), given.day, signed.person)
    return Done(area=given.area, configs=done.configs, broadcasts=done.broadcasts)


@router.post("/speakers/{speaker}/retire", status_code=204, dependencies=[needs(Operation.TEND), Guard])
def retire(here: Here, signed: Staff, speaker: str) -> None:
    """It is no more; what it did stays on record. Cannot be undone."""
    Speakers(here.room).retire(SpeakerId(speaker), signed.person)


@router.get("/groups", dependencies=[needs(Operation.SEE)])
def groups(here: Here, signed: Staff) -> list[GroupOut]:
    return [GroupOut.of(group) for group in Groups(here.room).all(signed.person)]


@router.post("/groups", status_code=201, dependencies=[needs(Operation.TEND), Guard])
def make_group(here: Here, signed: Staff, given: GroupIn) -> dict[str, str]:
    speakers = [SpeakerId(each) for each in given.speakers]
    return {"group": Groups(here.room).make(given.name, AreaId(given.area), speakers, signed.person)}


@router.put("/groups/{group}", status_code=204, dependencies=[needs(Operation.TEND), Guard])
def change_group(here: Here, signed: Staff, group: str, given: GroupChange) -> None:
    """What is planned for the group reaches its new speakers."""
    speakers = [SpeakerId(each) for each in given.speakers]
    Groups(here.room).change(GroupId(group), given.name, speakers, signed.person)


@router.delete("/groups/{group}", status_code=204, dependencies=[needs(Operation.TEND), Guard])
def retire_group(here: Here, signed: Staff, group: str) -> None:
    """It is offered no more; schedules that name it go on meaning its speakers."""
    Groups(here.room).retire(GroupId(group), signed.person)
