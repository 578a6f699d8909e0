"""Insert or update one row by its key, or add many at once, alike in SQLite and PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")


def upsert(connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Set `values` on the row with primary key `key`, making it if it is not there."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**key, **values)
    if values:
        connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
    else:
        connection.execute(statement.on_conflict_do_nothing(index_elements=list(key)))


def put_rows(connection: sa.Connection, table: sa.Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert all of `rows`, or set their values where their key is there; all rows have the same columns."""
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    newer = {name: statement.excluded[name] for name in rows[0] if name not in key}
    statement = statement.on_conflict_do_update(index_elements=list(key), set_=newer)
    connection.execute(statement, [dict(row) for row in rows])


def parts(values: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """`values` in pieces that fit into one IN (…): neither database likes ten thousand parameters."""
    return (values[begin : begin + size] for begin in range(0, len(values), size))


def add_missing(
    connection: sa.Connection, table: sa.Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert those of `rows` whose key is not there, all in one statement: an area has a thousand speakers."""
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(table).on_conflict_do_nothing(index_elements=list(key)), [dict(row) for row in rows])
