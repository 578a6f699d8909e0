"""Which part of what is broadcast a person looks at: what is heard where they may see, narrowed to one area."""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.desk.values import Person
from controller.locality import Locality
from controller.rights import Operation, may, places_of
from schedules.areas import AreaTree
from schedules.units import AreaId, SpeakerId


@dataclass(frozen=True, slots=True)
class Scope:
    """Areas looked at (None: all), those with the ones above them, and where each speaker is."""

    inside: frozenset[AreaId] | None
    near: frozenset[AreaId]
    places: Locality

    def hears(self, areas: Iterable[AreaId], speakers: Iterable[SpeakerId]) -> bool:
        """Whether something addressed to these is heard in it: an area in it or above it, or a speaker in it."""
        if self.inside is None:
            return True
        named = tuple(areas)
        if not self.near.isdisjoint(named) or any(self.has(speaker) for speaker in speakers):
            return True
        gone = (area for area in named if area not in self.places.tree.areas)
        return any(self.has(speaker) for area in gone for speaker in self.places.last_in(area))

    def routes(self) -> frozenset[str] | None:
        """Every route on which something is heard in it, those of areas that have ended too; None: all."""
        if self.inside is None:
            return None
        speakers = {speaker for speaker, area in self.places.where.items() if area in self.inside}
        gone = {area for area in self.places.gone() if not self.places.last_in(area).isdisjoint(speakers)}
        return frozenset({f"areas/{area}" for area in self.near | gone} | {f"speakers/{each}" for each in speakers})

    def has(self, speaker: SpeakerId) -> bool:
        """Whether the speaker stands in it; one that stands nowhere is only in the whole."""
        return self.inside is None or self.places.where.get(speaker) in self.inside


def scope_of(by: Person, places: Locality, area: AreaId | None = None, operation: Operation = Operation.SEE) -> Scope:
    """Where `by` may do `operation`, of it `area` and what lies below; an area that is not there is heard by nobody."""
    if area is None and may(by.grants, operation, (), places.tree):
        return Scope(None, frozenset(), places)
    seen = places_of(by.grants, operation, places.tree)
    inside = seen if area is None else seen & places.tree.covered([area])
    return Scope(inside, inside | _above(places.tree, inside), places)


def _above(tree: AreaTree, areas: Iterable[AreaId]) -> frozenset[AreaId]:
    found: set[AreaId] = set()
    for area in areas:
        here = tree.area(area).parent
        while here is not None and here not in found:
            found.add(here)
            here = tree.area(here).parent
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """An area that can be chosen to look at; `depth` counts the areas above it."""

    id: AreaId
    name: str
    depth: int


def area_choices(by: Person, tree: AreaTree) -> tuple[AreaChoice, ...]:
    """The areas that `by` may see, in the order of the tree."""
    everything = may(by.grants, Operation.SEE, (), tree)
    seen = places_of(by.grants, Operation.SEE, tree)
    found: list[AreaChoice] = []

    def walk(areas: Iterable[AreaId], depth: int) -> None:
        for area in areas:
            shown = everything or area in seen
            if shown:
                found.append(AreaChoice(area, tree.area(area).full_name, depth))
            walk(tree.children.get(area, ()), depth + shown)

    walk(tree.children.get(None, ()), 0)
    return tuple(found)
