"""What people call the subjects of the audit's rows."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from controller.locality import Locality
from controller.store import schema
from controller.store.unit import Unit
from schedules.units import AreaId, GroupId, SpeakerId


def subject_names(unit: Unit, places: Locality, subjects: Iterable[str]) -> Mapping[str, str]:
    """Subject → name, for those that have one: titles, names of places and of people."""
    found: dict[str, str] = {}
    by_thing: dict[str, dict[str, str]] = {}
    for subject in subjects:
        thing, _, key = subject.partition(":")
        by_thing.setdefault(thing, {})[key] = subject
    for thing, keys in by_thing.items():
        for key, name in _names(unit, places, thing, list(keys)):
            if key in keys and name:
                found[keys[key]] = name
    return found


def _names(unit: Unit, places: Locality, thing: str, keys: list[str]) -> Iterable[tuple[str, str]]:
    bulletins, users = schema.bulletins, schema.users
    match thing:
        case "speaker":
            return [(key, places.speakers[SpeakerId(key)].name) for key in keys if SpeakerId(key) in places.speakers]
        case "group":
            return [(key, places.groups[GroupId(key)].name) for key in keys if GroupId(key) in places.groups]
        case "area":
            return _area_names(unit, places, keys)
        case "bulletin":
            return _told(unit, sa.select(bulletins.c.id, bulletins.c.title).where(bulletins.c.id.in_(keys)))
        case "template":
            table = schema.programme_templates
            return _told(unit, sa.select(table.c.id, table.c.name).where(table.c.id.in_(keys)))
        case "recording":
            table = schema.recordings
            return _told(unit, sa.select(table.c.id, table.c.title).where(table.c.id.in_(keys)))
        case "person":
            query = sa.select(users.c.username, users.c.display_name).where(users.c.username.in_(keys))
            return _told(unit, query)
        case "schedule" | "broadcast" | "change":
            table = {"schedule": schema.schedules, "broadcast": schema.broadcasts, "change": schema.changes}[thing]
            joined = table.join(bulletins, table.c.bulletin == bulletins.c.id)
            return _told(unit, sa.select(table.c.id, bulletins.c.title).select_from(joined).where(table.c.id.in_(keys)))
    return []


def _area_names(unit: Unit, places: Locality, keys: list[str]) -> Iterable[tuple[str, str]]:
    """By the name of today, or else the last one it had."""
    gone = [key for key in keys if AreaId(key) not in places.tree.areas]
    yield from ((key, places.tree.area(AreaId(key)).full_name) for key in keys if AreaId(key) in places.tree.areas)
    if gone:
        table = schema.area_periods
        query = sa.select(table.c.area, table.c.kind, table.c.name).where(table.c.area.in_(gone))
        for row in unit.connection.execute(query.order_by(table.c.valid_from)):
            yield row.area, f"{row.kind} {row.name}".strip()


def _told(unit: Unit, query: sa.Select[Any]) -> Iterable[tuple[str, str]]:
    return [(str(key), str(name)) for key, name in unit.connection.execute(query)]
