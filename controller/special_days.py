"""Days that are holidays somewhere: the country's public ones and those that staff of an area named themselves."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import holidays

from controller.language import language
from controller.locality import Locality
from controller.store.unit import Unit
from schedules.model import Schedule
from schedules.units import AreaId, UtcMs
from schedules.wall import local_date

COUNTRY = "VN"


_AROUND = timedelta(days=2)
_NAMED_IN = {"vi": "vi", "en": "en_US"}


def public_holidays(year: int) -> Mapping[date, str]:
    """Vietnam's public holidays of a year, the lunar ones and days in lieu included, by name."""
    return _public_holidays(year, _NAMED_IN[language()])


@lru_cache(maxsize=64)
def _public_holidays(year: int, named_in: str) -> Mapping[date, str]:
    return dict(holidays.country_holidays(COUNTRY, years=year, language=named_in).items())


def holidays_of(unit: Unit, places: Locality, schedule: Schedule, begin: UtcMs, end: UtcMs) -> frozenset[date]:
    """The days that the schedule leaves out: those of its first area, of the home area where it names none.

    From two days before `begin` to two days after `end`, for no wall clock is further off.
    """
    if not schedule.skip_holidays:
        return frozenset()
    area = next(iter(schedule.targets.areas), places.home)
    first, last = (local_date(each, schedule.time_zone) for each in (begin, end))
    return frozenset(special_days(unit, places, area, first - _AROUND, last + _AROUND))


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
