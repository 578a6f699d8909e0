"""API: what waits for an approval, deciding on it, and the bulletin's way there: edit, submit, withdraw."""

from fastapi import APIRouter

from controller.desk.approval import Approval
from controller.desk.changes import Changes
from controller.desk.editing import Editing
from controller.desk.listening import Hearing
from controller.desk.reading import Reading
from controller.rights import Operation
from controller.store.values import ChangeId
from controller.web.api.shapes import Bulletin
from controller.web.api.shapes_changes import (
    BulletinEdit,
    Change,
    ChangeInFull,
    Decision,
    Heard,
    HeardSoFar,
    ProposedOut,
    Reason,
)
from controller.web.services import Here
from controller.web.session import Guard, Staff, needs
from schedules.units import BulletinId, ClipId

router = APIRouter(tags=["changes"])


@router.get("/changes", dependencies=[needs(Operation.SEE)])
def changes(here: Here, signed: Staff) -> list[Change]:
    """What waits in your places or is your own; what you may decide on first."""
    return [Change.of(line) for line in Reading(here.room).waiting(signed.person)]


@router.get("/changes/{change}", dependencies=[needs(Operation.SEE)])
def change(here: Here, signed: Staff, change: str) -> ChangeInFull:
    """All that an approver needs to know, against what was approved before."""
    return ChangeInFull.in_full(Reading(here.room).change(ChangeId(change), signed.person))


@router.post("/changes/{change}/approve", dependencies=[needs(Operation.APPROVE), Guard])
def approve(here: Here, signed: Staff, change: str, given: Decision) -> ProposedOut:
    """Put it on air. 409: `stale`, `not-listened`, `night`, `decided`, `past-time`; 403: `own-work`, `forbidden`."""
    return ProposedOut.of(Approval(here.room).approve(ChangeId(change), given.digest, signed.person))


@router.post("/changes/{change}/reject", dependencies=[needs(Operation.APPROVE), Guard])
def reject(here: Here, signed: Staff, change: str, given: Reason) -> ChangeInFull:
    Approval(here.room).reject(ChangeId(change), given.reason, signed.person)
    return ChangeInFull.in_full(Reading(here.room).change(ChangeId(change), signed.person))


@router.post("/changes/{change}/confirm-night", dependencies=[needs(Operation.APPROVE), Guard])
def confirm_night(here: Here, signed: Staff, change: str, given: Decision) -> ChangeInFull:
    """A second person says that it may sound between 21:00 and 05:00."""
    Approval(here.room).confirm_night(ChangeId(change), given.digest, signed.person)
    return ChangeInFull.in_full(Reading(here.room).change(ChangeId(change), signed.person))


@router.post("/changes/{change}/withdraw", dependencies=[needs(Operation.SEE), Guard])
def take_back(here: Here, signed: Staff, change: str) -> ChangeInFull:
    """Before anybody decided: by its author, or by who may approve it."""
    Approval(here.room).take_back(ChangeId(change), signed.person)
    return ChangeInFull.in_full(Reading(here.room).change(ChangeId(change), signed.person))


@router.post("/clips/{clip}/heard", dependencies=[needs(Operation.APPROVE), Guard])
def heard(here: Here, signed: Staff, clip: str, given: Heard) -> HeardSoFar:
    """The player tells what it put out; the sound must have been fetched before, and there must have been time."""
    return HeardSoFar(percent=Hearing(here.room).played(ClipId(clip), given.heard_ms, signed.person))


@router.put("/bulletins/{bulletin}", dependencies=[needs(Operation.COMPOSE), Guard])
def edit(here: Here, signed: Staff, bulletin: str, given: BulletinEdit) -> Bulletin:
    """Save an edit; a new text is prepared anew. What is on air stays until the new version is approved."""
    Editing(here.room).edit(BulletinId(bulletin), given.version, given.about(), given.text, signed.person)
    return Bulletin.of(here.desk.bulletin(BulletinId(bulletin), signed.person))


@router.post("/bulletins/{bulletin}/submit", dependencies=[needs(Operation.COMPOSE), Guard])
def submit(here: Here, signed: Staff, bulletin: str) -> ProposedOut:
    """Ask that what was written last be approved, with every schedule that plays it and what waited for it."""
    return ProposedOut.of(Changes(here.room).submit(BulletinId(bulletin), signed.person))


@router.post("/bulletins/{bulletin}/withdraw", dependencies=[needs(Operation.SEE), Guard])
def withdraw(here: Here, signed: Staff, bulletin: str, given: Reason) -> Bulletin:
    """Take it off the air at once: its schedules end and what plays stops."""
    Approval(here.room).withdraw(BulletinId(bulletin), given.reason, signed.person)
    return Bulletin.of(here.desk.bulletin(BulletinId(bulletin), signed.person))
