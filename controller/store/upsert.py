"""Insert or update one row by its key, or add many at once, alike in SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Set `values` on the row with primary key `key`, making it if it is not there."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**key, **values)
    if values:
        connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
    else:
        connection.execute(statement.on_conflict_do_nothing(index_elements=list(key)))


def add_missing(
    connection: sa.Connection, table: sa.Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert those of `rows` whose key is not there, all in one statement: an area has a thousand speakers."""
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(table).on_conflict_do_nothing(index_elements=list(key)), [dict(row) for row in rows])
