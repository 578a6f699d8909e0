"""API: read the audit, and its head."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from controller.desk.audit import PAGE, Journal
from controller.rights import Operation
from controller.store.audit import Wanted
from controller.web.api.shapes_audit import AuditEntry, AuditHead, AuditPage
from controller.web.services import Here
from controller.web.session import Staff, needs
from schedules.units import UtcMs

router = APIRouter(tags=["audit"], dependencies=[needs(Operation.AUDIT)])

Name = Annotated[str, Query(max_length=100)]
Instant = Annotated[int | None, Query(ge=0, lt=2**53, description="UTC milliseconds")]


@router.get("/audit")
def entries(
    here: Here,
    signed: Staff,
    who: Name = "",
    action: Name = "",
    subject: Name = "",
    since: Instant = None,
    until: Instant = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = PAGE,
) -> AuditPage:
    """Rows that fit, the newest first. `who` and `subject` are parts of the name, `action` is a whole action or
    its thing ("bulletin"), `until` itself is not included."""
    begin, end = (None if each is None else UtcMs(each) for each in (since, until))
    found = Journal(here.room).page(signed.person, Wanted(who, action, subject, begin, end), before, limit)
    return AuditPage(entries=[AuditEntry.of(entry) for entry in found.entries], older=found.older)


@router.get("/audit/head")
def head(here: Here, signed: Staff) -> AuditHead:
    """The number and the hash of the newest row; for who may read the audit of the whole site."""
    return AuditHead(**asdict(Journal(here.room).head(signed.person)))
