"""Which readings hold where: an area's own, then those of the areas above; what an area was before counts too."""

from audio.speech.readings import Readings
from controller.locality import Locality
from controller.store.readings import Reading
from controller.store.unit import Unit
from schedules.units import AreaId


def readings_in(unit: Unit, places: Locality, area: AreaId | None) -> dict[str, Reading]:
    """Written → the reading that holds in `area`, the nearest; for a bulletin of no area, those of the home area.

    The readings of an area that ended by a merge or a split hold in what it became, behind that area's own.
    """
    here = area or places.home
    if here is None:
        return {}
    found: dict[str, Reading] = {}
    kept = unit.readings.all()
    for each in (here, *places.tree.ancestors(here)) if here in places.tree.areas else (here,):
        own = [reading for reading in kept if reading.area == each]
        old = [reading for reading in kept if reading.area != each and _became(places, reading.area, each)]
        for reading in (*own, *old):
            found.setdefault(reading.written, reading)
    return found


def _became(places: Locality, ended: AreaId, area: AreaId) -> bool:
    return ended not in places.tree.areas and area in places.heirs(ended)


def own_readings(unit: Unit, places: Locality, area: AreaId | None) -> Readings:
    """The same as `spoken` asks for them."""
    return Readings({written: reading.read for written, reading in readings_in(unit, places, area).items()})
