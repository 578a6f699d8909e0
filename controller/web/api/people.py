"""API: people and their rights, invitations; one's own sessions and second factor."""

from fastapi import APIRouter

from controller.desk.own import OwnSessions
from controller.desk.people import Roster
from controller.desk.second_factor import SecondFactor
from controller.rights import TABLE, Operation
from controller.web.api.shapes_people import (
    Code,
    Grants,
    InvitationIn,
    InvitationMade,
    InvitationOut,
    Name,
    OwnSession,
    PersonOut,
    RecoveryCodes,
    RoleOut,
    SecondFactorOffer,
)
from controller.web.services import Here, Services
from controller.web.session import Guard, Staff, needs

router = APIRouter(tags=["people"])
STAFF = needs(Operation.STAFF)
OWN = needs(Operation.OWN)


@router.get("/roles", dependencies=[OWN])
def roles() -> list[RoleOut]:
    """What each role may do."""
    return [RoleOut(role=role.value, operations=sorted(each.value for each in may)) for role, may in TABLE.items()]


@router.get("/people", dependencies=[STAFF])
def people(here: Here, signed: Staff) -> list[PersonOut]:
    """Those who have a right in the places whose people you keep."""
    return [PersonOut.of(view) for view in Roster(here.room).everybody(signed.person)]


@router.get("/people/{person}", dependencies=[STAFF])
def person(here: Here, signed: Staff, person: str) -> PersonOut:
    return _person(here, signed, person)


def _person(here: Services, signed: Staff, person: str) -> PersonOut:
    return PersonOut.of(Roster(here.room).person(signed.person, person))


@router.put("/people/{person}/grants", dependencies=[STAFF, Guard])
def set_grants(here: Here, signed: Staff, person: str, given: Grants) -> PersonOut:
    """All rights of the person; those outside of your places must stay as they are."""
    Roster(here.room).set_grants(signed.person, person, given.values())
    return _person(here, signed, person)


@router.put("/people/{person}/name", dependencies=[STAFF, Guard])
def rename(here: Here, signed: Staff, person: str, given: Name) -> PersonOut:
    Roster(here.room).rename(signed.person, person, given.display_name)
    return _person(here, signed, person)


@router.post("/people/{person}/disable", dependencies=[STAFF, Guard])
def disable(here: Here, signed: Staff, person: str) -> PersonOut:
    """The account opens nothing any more, at once; idempotent."""
    Roster(here.room).disable(signed.person, person)
    return _person(here, signed, person)


@router.post("/people/{person}/enable", dependencies=[STAFF, Guard])
def enable(here: Here, signed: Staff, person: str) -> PersonOut:
    Roster(here.room).enable(signed.person, person)
    return _person(here, signed, person)


@router.delete("/people/{person}/sessions", dependencies=[STAFF, Guard])
def end_sessions(here: Here, signed: Staff, person: str) -> PersonOut:
    Roster(here.room).end_sessions(signed.person, person)
    return _person(here, signed, person)


@router.delete("/people/{person}/second-factor", dependencies=[STAFF, Guard])
def forget_second_factor(here: Here, signed: Staff, person: str) -> PersonOut:
    """For who has neither telephone nor recovery codes."""
    Roster(here.room).forget_second_factor(signed.person, person)
    return _person(here, signed, person)


@router.post("/people/{person}/reset", status_code=201, dependencies=[STAFF, Guard])
def reset(here: Here, signed: Staff, person: str) -> InvitationMade:
    """A one-time link by which the person sets a new password; an older one opens nothing any more."""
    return InvitationMade(path=f"/moi/{Roster(here.room).reset(signed.person, person)}")


@router.get("/invitations", dependencies=[STAFF])
def invitations(here: Here, signed: Staff) -> list[InvitationOut]:
    return [InvitationOut.of(each) for each in Roster(here.room).invitations(signed.person)]


@router.post("/invitations", status_code=201, dependencies=[STAFF, Guard])
def invite(here: Here, signed: Staff, given: InvitationIn) -> InvitationMade:
    """A one-time link by which somebody makes an account with these rights."""
    return InvitationMade(path=f"/moi/{Roster(here.room).invite(signed.person, given.display_name, given.values())}")


@router.delete("/invitations/{invitation}", status_code=204, dependencies=[STAFF, Guard])
def withdraw(here: Here, signed: Staff, invitation: str) -> None:
    Roster(here.room).withdraw(signed.person, invitation)


@router.get("/account/sessions", dependencies=[OWN])
def own_sessions(here: Here, signed: Staff) -> list[OwnSession]:
    return [OwnSession.of(view) for view in OwnSessions(here.room).all(signed.person, signed.token)]


@router.delete("/account/sessions/{session}", status_code=204, dependencies=[OWN, Guard])
def end_own_session(here: Here, signed: Staff, session: str) -> None:
    OwnSessions(here.room).end(signed.person, session)


@router.post("/account/second-factor", dependencies=[OWN, Guard])
def offer(here: Here, signed: Staff) -> SecondFactorOffer:
    """What is put into the telephone; switched on by a code from it."""
    made = _factor(here).offer(signed.person)
    return SecondFactorOffer(secret=made.secret, address=made.address)


@router.put("/account/second-factor", dependencies=[OWN, Guard])
def confirm(here: Here, signed: Staff, given: Code) -> RecoveryCodes:
    return RecoveryCodes(codes=list(_factor(here).confirm(signed.person, given.code)))


@router.post("/account/recovery-codes", dependencies=[OWN, Guard])
def renew(here: Here, signed: Staff, given: Code) -> RecoveryCodes:
    return RecoveryCodes(codes=list(_factor(here).renew(signed.person, given.code)))


@router.post("/account/second-factor/off", status_code=204, dependencies=[OWN, Guard])
def switch_off(here: Here, signed: Staff, given: Code) -> None:
    _factor(here).switch_off(signed.person, given.code)


def _factor(here: Services) -> SecondFactor:
    return SecondFactor(here.room, here.accounts.throttle)
