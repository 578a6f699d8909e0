"""What a person may choose from when they say where something is heard."""

from collections.abc import Collection
from dataclasses import dataclass

from controller.desk.room import Room
from controller.desk.values import Person
from controller.folding import fold, wanted
from controller.locality import Locality
from controller.rights import Operation, places_of
from controller.store.values import Group
from schedules.units import AreaId, SpeakerId

MOST_FOUND = 30


@dataclass(frozen=True, slots=True)
class Pick:
    """A speaker to choose."""

    id: SpeakerId
    name: str
    area_name: str


@dataclass(frozen=True, slots=True)
class Choosing:
    """`chosen` and `found` have no speaker in common; `more` were found than are shown."""

    groups: tuple[Group, ...] = ()
    chosen: tuple[Pick, ...] = ()
    found: tuple[Pick, ...] = ()
    more: int = 0


def choosing(room: Room, by: Person, find: str = "", chosen: Collection[str] = ()) -> Choosing:
    """The groups and speakers in the places where `by` may compose, the speakers by words of their name or place."""
    with room.store.read() as unit:
        places = room.places(unit)
    mine = places_of(by.grants, Operation.COMPOSE, places.tree)
    groups = [
        group
        for group in places.groups.values()
        if not group.retired and all(places.where.get(speaker) in mine for speaker in group.speakers)
    ]
    there = sorted((_pick(places, each, area) for each, area in places.where.items() if area in mine), key=_by_place)
    words = wanted(find)
    hits = [each for each in there if each.id not in chosen and _has(each, words)]
    return Choosing(
        tuple(sorted(groups, key=lambda group: group.name)),
        tuple(each for each in there if each.id in chosen),
        tuple(hits[:MOST_FOUND]),
        max(0, len(hits) - MOST_FOUND),
    )


def _pick(places: Locality, speaker: SpeakerId, area: AreaId) -> Pick:
    return Pick(speaker, places.speakers[speaker].name, places.tree.area(area).full_name)


def _by_place(pick: Pick) -> tuple[str, str, str]:
    return pick.area_name, pick.name, pick.id


def _has(pick: Pick, words: Collection[str]) -> bool:
    if not words:
        return True
    text = fold(f"{pick.name} {pick.area_name}")
    return all(word in text for word in words)
