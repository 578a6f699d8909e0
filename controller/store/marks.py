"""A mark that changes with every write to the tables of places, so that what was read of them may be kept.

It is a row of the site's own facts, written in the same transaction: every process over the database sees it.
"""

import secrets
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from controller.store import schema
from controller.store.upsert import upsert

PLACES = "places_mark"
_TABLES = frozenset(
    table.name
    for table in (
        schema.areas,
        schema.area_periods,
        schema.area_successors,
        schema.speakers,
        schema.memberships,
        schema.speaker_groups,
        schema.group_members,
    )
)


def mark_writes(engine: sa.Engine) -> None:
    """From now on every insert, update and delete there changes the mark."""

    @event.listens_for(engine, "after_execute")
    def after(
        connection: sa.Connection, clause: Any, _many: object, _params: object, _options: object, _result: object
    ) -> None:
        if isinstance(clause, sa.UpdateBase) and getattr(clause.table, "name", "") in _TABLES:
            upsert(connection, schema.site, {"name": PLACES}, {"value": secrets.token_hex(8)})
