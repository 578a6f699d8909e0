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


class Holidays:
    """The days that schedules leave out, for many schedules over the same places: the store is asked once for all."""

    def __init__(self, unit: Unit, places: Locality) -> None:
        self._unit, self._places = unit, places
        self._named: dict[tuple[date, date], Mapping[AreaId, Mapping[date, str]]] = {}
        self._known: dict[tuple[AreaId | None, date, date], frozenset[date]] = {}

    def of(self, schedule: Schedule, begin: UtcMs, end: UtcMs) -> frozenset[date]:
        """The days that the schedule leaves out: those of its first area, of the home area where it names none.

        From two days before `begin` to two days after `end`, for no wall clock is further off.
        """
        if not schedule.skip_holidays:
            return frozenset()
        area = next(iter(schedule.targets.areas), self._places.home)
        first, last = (local_date(each, schedule.time_zone) for each in (begin, end))
        key = area, first - _AROUND, last + _AROUND
        if key not in self._known:
            self._known[key] = frozenset(self._days(*key))
        return self._known[key]

    def _days(self, area: AreaId | None, begin: date, end: date) -> Mapping[date, str]:
        if (begin, end) not in self._named:
            self._named[begin, end] = self._unit.places.named_days(begin, end)
        return _together(self._named[begin, end], self._places, area, begin, end)


def holidays_of(unit: Unit, places: Locality, schedule: Schedule, begin: UtcMs, end: UtcMs) -> frozenset[date]:
    """The same for one schedule."""
    return Holidays(unit, places).of(schedule, begin, end)


def special_days(unit: Unit, places: Locality, area: AreaId | None, begin: date, end: date) -> Mapping[date, str]:
    """Holidays of an area (its own, those of the areas above, the country's) from `begin` to `end`, both included."""
    return _together(unit.places.named_days(begin, end), places, area, begin, end)


def _together(
    named: Mapping[AreaId, Mapping[date, str]], places: Locality, area: AreaId | None, begin: date, end: date
) -> Mapping[date, str]:
    found = {
        day: name
        for year in range(begin.year, end.year + 1)
        for day, name in public_holidays(year).items()
        if begin <= day <= end
    }
    if area is not None and area in places.tree.areas:
        for each in (*reversed(places.tree.ancestors(area)), area):
            found.update(named.get(each, {}))
    return dict(sorted(found.items()))
