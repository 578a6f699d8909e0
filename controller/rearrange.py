"""After a decision about places: every box is told where it stands, and what is planned reaches whom it should."""

from dataclasses import dataclass

from controller.configs import publish_configs
from controller.locality import Atlas, atlas
from controller.planning import Planner
from controller.store.unit import Unit
from controller.store.values import Planned
from schedules.model import Schedule, Targets
from schedules.units import BroadcastId, ScheduleId, SpeakerId, UtcMs


@dataclass(frozen=True, slots=True)
class Rearranged:
    """How many boxes get a new config, and of how many broadcasts the speakers are others now."""

    configs: int
    broadcasts: int


def rearrange(unit: Unit, planner: Planner, before: Atlas, by: str, now: UtcMs) -> Rearranged:
    """Bring configs, coming broadcasts and expected playbacks to the places as the store has them now."""
    after = atlas(unit, planner.default_zone)
    configs = publish_configs(unit, planner.signer, after, after.speakers, now)
    shifted = _shifted(unit, before, after, now)
    _expect(unit, [each for each in shifted if not each.renamed])
    schedules = [found for each in _schedules(shifted) if (found := unit.broadcasts.schedule(each)) is not None]
    planner.replan_schedules(unit, schedules, by, now)
    unit.changed("speakers", "day", *(f"broadcast:{each.planned.id}" for each in shifted))
    return Rearranged(configs, len(shifted))


@dataclass(frozen=True, slots=True)
class _Shifted:
    """A coming broadcast whose places or speakers are others than they were."""

    planned: Planned
    renamed: bool
    """What is signed names other areas or speakers now: it is planned anew."""
    gone: frozenset[SpeakerId]
    come: frozenset[SpeakerId]


def _shifted(unit: Unit, before: Atlas, after: Atlas, now: UtcMs) -> list[_Shifted]:
    schedules: dict[ScheduleId, Schedule | None] = {}
    found = []
    for planned in unit.broadcasts.live(now):
        if planned.cancelled or planned.broadcast.start <= now:
            continue
        if planned.schedule not in schedules:
            schedules[planned.schedule] = unit.broadcasts.schedule(planned.schedule)
        schedule = schedules[planned.schedule]
        if schedule is None:
            continue
        was, will = before.at(planned.broadcast.start), after.at(planned.broadcast.start)
        named = Targets(planned.areas, planned.speakers)
        renamed = will.resolve(schedule.targets) != named
        old, new = was.addressed(named), will.addressed(named)
        if renamed or old != new:
            found.append(_Shifted(planned, renamed, old - new, new - old))
    return found


def _expect(unit: Unit, shifted: list[_Shifted]) -> None:
    come: dict[BroadcastId, frozenset[SpeakerId]] = {each.planned.id: each.come for each in shifted}
    unit.playbacks.plan_many(come)
    unit.playbacks.unplan_many({each.planned.id: each.gone for each in shifted if each.gone})


def _schedules(shifted: list[_Shifted]) -> list[ScheduleId]:
    return sorted({each.planned.schedule for each in shifted if each.renamed})


TOLD = "places_told_ms"
"""Up to which instant the boxes know by their configs what holds in their places."""


@dataclass(frozen=True, slots=True)
class DayKeeper:
    """Ticks: when a day comes on which places change, the boxes concerned are told what holds now."""

    planner: Planner

    def turn(self, unit: Unit, now: UtcMs) -> int:
        """Returns how many configs are new; costs next to nothing while no place changes."""
        places, told = atlas(unit, self.planner.default_zone), UtcMs(int(unit.site.get(TOLD) or 0))
        if places.stretch(told) == places.stretch(now):
            return 0
        unit.site.put(TOLD, str(now))
        return publish_configs(unit, self.planner.signer, places, places.speakers, now)
