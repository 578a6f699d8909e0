"""Insert or update one row by its key, or add many at once, alike in SQLite and PostgreSQL.

Many rows go to SQLite as one statement with many parameters, to PostgreSQL as one JSON list for each column: a
province's week is a hundred thousand rows, which neither database likes one by one. (The driver's own arrays cost it
ten times as much: it escapes each text by a regular expression.)
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

_AT_ONCE = 5_000
"""Rows in one statement."""


def upsert(connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Set `values` on the row with primary key `key`, making it if it is not there."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**key, **values)
    if values:
        connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
    else:
        connection.execute(statement.on_conflict_do_nothing(index_elements=list(key)))


def parts(values: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """`values` in pieces that fit into one IN (…): neither database likes ten thousand parameters."""
    return (values[begin : begin + size] for begin in range(0, len(values), size))


def among(connection: sa.Connection, column: sa.ColumnElement[str], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether `column` is one of `values`, however many: one parameter, not a statement anew for each number."""
    told = sa.literal(_json(list(values)))
    if connection.dialect.name == "postgresql":
        return column.in_(sa.select(sa.func.json_array_elements_text(sa.cast(told, postgresql.JSON))))
    return column.in_(sa.select(sa.column("value")).select_from(sa.func.json_each(told)))


def add_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert all of `rows`, which have the same columns."""
    _insert(connection, table, rows, "")


def put_rows(connection: sa.Connection, table: sa.Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert all of `rows`, or set their values where their key is there; all rows have the same columns."""
    if not rows:
        return
    newer = ", ".join(f"{name} = excluded.{name}" for name in rows[0] if name not in key)
    last = {tuple(row[name] for name in key): row for row in rows}
    _insert(connection, table, list(last.values()), f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {newer}")


def add_missing(
    connection: sa.Connection, table: sa.Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert those of `rows` whose key is not there; all rows have the same columns."""
    _insert(connection, table, rows, f" ON CONFLICT ({', '.join(key)}) DO NOTHING")


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], conflict: str) -> None:
    """Names are those of the schema; every value is a parameter."""
    if not rows:
        return
    names = tuple(rows[0])
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    if connection.dialect.name == "postgresql":
        given = f"{_lists(table, names)}{conflict}"
        for part in parts(rows, _AT_ONCE):
            connection.exec_driver_sql(f"{into} {given}", tuple(_json([row[name] for row in part]) for name in names))
    else:
        places = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"{into} VALUES ({places}){conflict}", _told(table, names, rows))


_json = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def _told(table: sa.Table, names: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """The values of each row as SQLite keeps them."""
    columns = [
        [_json(row[name]) for row in rows] if isinstance(table.c[name].type, sa.JSON) else [row[name] for row in rows]
        for name in names
    ]
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=64)
def _lists(table: sa.Table, names: tuple[str, ...]) -> str:
    """A SELECT of the rows out of one JSON list for each column."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # it has no annotations
    types = {name: table.c[name].type.compile(dialect) for name in names}
    columns = ", ".join(f"{name}::{types[name]}" for name in names)
    lists = ", ".join(f"json_array_elements{'' if types[name] == 'JSON' else '_text'}(%s)" for name in names)
    return f"SELECT {columns} FROM ROWS FROM ({lists}) AS given ({', '.join(names)})"  # noqa: S608  # the schema's names
