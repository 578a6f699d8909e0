"""Days that are holidays somewhere: the country's public ones and those that staff of an area named themselves."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays

from controller.language import language
from controller.locality import Locality
from controller.store.unit import Unit
from schedules.units import AreaId

COUNTRY = "VN"


_NAMED_IN = {"vi": "vi", "en": "en_US"}


def public_holidays(year: int) -> Mapping[date, str]:
    """Vietnam's public holidays of a year, the lunar ones and days in lieu included, by name."""
    return _public_holidays(year, _NAMED_IN[language()])


@lru_cache(maxsize=64)
def _public_holidays(year: int, named_in: str) -> Mapping[date, str]:
    return dict(holidays.country_holidays(COUNTRY, years=year, language=named_in).items())


def special_days(unit: Unit, places: Locality, area: AreaId | None, begin: date, end: date) -> Mapping[date, str]:
    """Holidays of an area (its own, those of the areas above, the country's) from `begin` to `end`, both included."""
    found = {
        day: name
        for year in range(begin.year, end.year + 1)
        for day, name in public_holidays(year).items()
        if begin <= day <= end
    }
    if area is not None and area in places.tree.areas:
        found.update(unit.places.holidays((area, *places.tree.ancestors(area)), begin, end))
    return dict(sorted(found.items()))
