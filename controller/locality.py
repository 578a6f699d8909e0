"""Which speakers are where now, and what their places' settings say: read from the store, decided by schedules/."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.store.unit import Unit
from controller.store.values import Member, Speaker
from schedules.areas import AreaTree, tree_on
from schedules.model import AreaSettings, Targets
from schedules.units import AreaId, SpeakerId, UtcMs
from schedules.wall import local_date


@dataclass(frozen=True, slots=True)
class Locality:
    """The tree of one day and each speaker's area at one instant."""

    tree: AreaTree
    speakers: Mapping[SpeakerId, Speaker]
    where: Mapping[SpeakerId, AreaId]
    default_zone: str

    def settings(self, area: AreaId) -> AreaSettings:
        return self.tree.settings(area)

    def zone(self, area: AreaId | None) -> str:
        """The time zone of an area, or of the home area when None."""
        area = area or self.home
        found = self.tree.settings(area).time_zone if area in self.tree.areas and area is not None else None
        return found or self.default_zone

    @property
    def home(self) -> AreaId | None:
        """The first root of the tree: whose place this controller is."""
        roots = self.tree.children.get(None, ())
        return roots[0] if roots else None

    def addressed(self, targets: Targets) -> frozenset[SpeakerId]:
        return self.tree.addressed(targets, self.where)


def locality(unit: Unit, at: UtcMs, default_zone: str) -> Locality:
    """The places as they are at `at`."""
    tree = tree_on(unit.places.areas(), local_date(at, default_zone))
    speakers = {speaker.id: speaker for speaker in unit.places.speakers()}
    members: tuple[Member, ...] = unit.places.members()
    where = {m.speaker: m.area for m in members if m.covers(at) and m.speaker in speakers and m.area in tree.areas}
    return Locality(tree, speakers, where, default_zone)
