"""The JSON shapes of people, their rights and one's own account."""

from typing import Self

from pydantic import BaseModel, Field

from controller.desk.own import SessionView
from controller.desk.people import PersonView
from controller.rights import Grant, Role
from controller.store.invitations import Invitation
from controller.web.api.shapes import In
from schedules.units import AreaId


class GrantIn(In):
    """`area` "" is everywhere."""

    role: Role
    area: str

    def value(self) -> Grant:
        return Grant(self.role, AreaId(self.area))


class GrantOut(BaseModel):
    role: str
    area: str

    @classmethod
    def of(cls, grant: Grant) -> Self:
        return cls(role=grant.role.value, area=grant.area)


class Grants(In):
    grants: list[GrantIn] = Field(max_length=200)

    def values(self) -> list[Grant]:
        return list(dict.fromkeys(each.value() for each in self.grants))


class InvitationIn(Grants):
    display_name: str


class InvitationMade(BaseModel):
    """`path` opens the page on which the person makes the account; it is told only here."""

    path: str


class InvitationOut(BaseModel):
    id: str
    display_name: str
    grants: list[GrantOut]
    expires_ms: int
    made_by: str

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls(
            id=invitation.token_hash,
            display_name=invitation.display_name,
            grants=[GrantOut.of(grant) for grant in invitation.grants],
            expires_ms=invitation.expires,
            made_by=invitation.made_by,
        )


class PersonOut(BaseModel):
    id: str
    username: str
    display_name: str
    grants: list[GrantOut]
    disabled: bool
    second_factor: bool
    outside: bool
    seen_ms: int | None
    sessions: int
    kept: bool

    @classmethod
    def of(cls, view: PersonView) -> Self:
        return cls(
            id=view.id,
            username=view.username,
            display_name=view.display_name,
            grants=[GrantOut.of(grant) for grant in view.grants],
            disabled=view.disabled,
            second_factor=view.second_factor,
            outside=view.outside,
            seen_ms=view.seen,
            sessions=view.sessions,
            kept=view.kept,
        )


class Name(In):
    display_name: str


class OwnSession(BaseModel):
    id: str
    source: str
    device: str
    made_ms: int
    seen_ms: int
    current: bool

    @classmethod
    def of(cls, view: SessionView) -> Self:
        return cls(
            id=view.id,
            source=view.source,
            device=view.device,
            made_ms=view.made,
            seen_ms=view.seen,
            current=view.current,
        )


class Code(In):
    code: str


class SecondFactorOffer(BaseModel):
    secret: str
    address: str


class RecoveryCodes(BaseModel):
    codes: list[str]


class RoleOut(BaseModel):
    role: str
    operations: list[str]
