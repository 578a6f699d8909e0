"""Shapes of the API over boxes that ask to be taken in (protocol/enrolment.py says what they mean)."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from controller.desk.new_speakers import NewBox
from controller.desk.reception import Standing
from controller.store.enrolments import EnrolmentState
from controller.web.api.shapes import In
from protocol.enrolment import Ask, Offer

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
Told = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, Field(max_length=64)]


class AskIn(In):
    public_key: Hex32
    """The box's Ed25519 key."""
    sealing_key: Hex32
    """A one-time X25519 key."""
    commitment: Hex32
    """SHA-256 of the number that the box reveals later."""
    hostname: Told
    serial: Told
    agent_version: Told

    def ask(self) -> Ask:
        return Ask(self.public_key, self.sealing_key, self.commitment, self.hostname, self.serial, self.agent_version)


class OfferOut(BaseModel):
    enrolment: str
    site: str
    root_public: str
    nonce: str

    @classmethod
    def of(cls, offer: Offer) -> Self:
        return cls(enrolment=offer.enrolment, site=offer.site, root_public=offer.root_public, nonce=offer.nonce)


class RevealIn(In):
    box_nonce: Hex32
    signature: Hex64


class AnswerOut(BaseModel):
    """Readable by the box alone."""

    ephemeral: str
    sealed: str
    signature: str
    keys: str


class StandingOut(BaseModel):
    state: EnrolmentState
    answer: AnswerOut | None

    @classmethod
    def of(cls, standing: Standing) -> Self:
        return cls(state=standing.state, answer=AnswerOut(**standing.answer) if standing.answer else None)


class NewBoxOut(BaseModel):
    enrolment: str
    code: str
    """The box shows and says it; compare them."""
    hostname: str
    serial: str
    agent_version: str
    source: str
    since: datetime
    until: datetime

    @classmethod
    def of(cls, box: NewBox) -> Self:
        return cls(
            enrolment=box.id,
            code=box.code,
            hostname=box.hostname,
            serial=box.serial,
            agent_version=box.agent_version,
            source=box.source,
            since=datetime.fromtimestamp(box.since / 1000, UTC),
            until=datetime.fromtimestamp(box.until / 1000, UTC),
        )


class AcceptIn(In):
    code: Name
    area: Name
    name: Annotated[str, Field(max_length=500)]


class ReplaceIn(In):
    enrolment: Name
    code: Name


class AcceptedOut(BaseModel):
    speaker: str
