"""Repository of boxes that ask to be taken in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from protocol.enrolment import Ask
from schedules.units import SpeakerId, UtcMs


class EnrolmentState(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`code` "" until the box has revealed its number; `answer` is what the accepted box gets, as JSON."""

    id: str
    ask: Ask
    source: str
    nonce: str
    made: UtcMs
    expires: UtcMs
    box_nonce: str = ""
    code: str = ""
    state: EnrolmentState = EnrolmentState.WAITING
    speaker: SpeakerId | None = None
    answer: str = ""
    decided_by: str = ""


def _enrolment(row: sa.Row[Any]) -> Enrolment:
    ask = Ask(row.public_key, row.sealing_key, row.commitment, row.hostname, row.serial, row.agent_version)
    return Enrolment(
        id=row.id,
        ask=ask,
        source=row.source,
        nonce=row.nonce,
        made=row.made_ms,
        expires=row.expires_ms,
        box_nonce=row.box_nonce,
        code=row.code,
        state=EnrolmentState(row.state),
        speaker=SpeakerId(row.speaker) if row.speaker else None,
        answer=row.answer,
        decided_by=row.decided_by,
    )


class Enrolments:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def add(self, new: Enrolment) -> None:
        ask = new.ask
        self._c.execute(
            schema.enrolments.insert().values(
                id=new.id,
                public_key=ask.public_key,
                sealing_key=ask.sealing_key,
                commitment=ask.commitment,
                hostname=ask.hostname,
                serial=ask.serial,
                agent_version=ask.agent_version,
                source=new.source,
                nonce=new.nonce,
                made_ms=new.made,
                expires_ms=new.expires,
                state=new.state.value,
            )
        )

    def get(self, enrolment: str, now: UtcMs) -> Enrolment | None:
        """None also when its time is over."""
        table = schema.enrolments
        query = sa.select(table).where(table.c.id == enrolment, table.c.expires_ms > now)
        row = self._c.execute(query).first()
        return _enrolment(row) if row else None

    def waiting(self, now: UtcMs) -> tuple[Enrolment, ...]:
        """Undecided, the oldest first; those that have revealed nothing yet too."""
        table = schema.enrolments
        query = sa.select(table).where(table.c.state == EnrolmentState.WAITING.value, table.c.expires_ms > now)
        return tuple(_enrolment(row) for row in self._c.execute(query.order_by(table.c.made_ms, table.c.id)))

    def reveal(self, enrolment: str, box_nonce: str, code: str) -> None:
        self._put(enrolment, box_nonce=box_nonce, code=code)

    def accept(self, enrolment: str, speaker: SpeakerId, answer: str, by: str, expires: UtcMs) -> None:
        state = EnrolmentState.ACCEPTED.value
        self._put(enrolment, state=state, speaker=speaker, answer=answer, decided_by=by, expires_ms=expires)

    def reject(self, enrolment: str, by: str) -> None:
        self._put(enrolment, state=EnrolmentState.REJECTED.value, decided_by=by)

    def _put(self, enrolment: str, **values: object) -> None:
        table = schema.enrolments
        self._c.execute(table.update().where(table.c.id == enrolment).values(**values))

    def drop(self, enrolment: str) -> None:
        self._c.execute(schema.enrolments.delete().where(schema.enrolments.c.id == enrolment))

    def forget(self, now: UtcMs) -> int:
        """Delete those whose time is over; returns how many."""
        table = schema.enrolments
        return self._c.execute(table.delete().where(table.c.expires_ms <= now)).rowcount
