"""The JSON shapes of the audit."""

from typing import Self

from pydantic import BaseModel

from controller.store.audit import Entry


class AuditEntry(BaseModel):
    """One row as it is kept. `before` and `after` are canonical JSON (RFC 8785), "" for nothing."""

    n: int
    at: int
    who: str
    source: str
    action: str
    subject: str
    before: str
    after: str
    previous: str
    hash: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class AuditPage(BaseModel):
    """The newest first; ask again with `before` = `older` until it is null."""

    entries: list[AuditEntry]
    older: int | None


class AuditHead(BaseModel):
    """The newest row; kept elsewhere, `python -m controller audit verify --head` holds the audit to it."""

    site: str
    n: int
    hash: str
    at: int
