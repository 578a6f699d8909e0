"""Holidays of an area: the country's, those of the areas above, and the days that its own staff name."""

from dataclasses import dataclass
from datetime import date

from controller.desk.place_checks import YEARS, check_name
from controller.desk.reforms import Named
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.values import Person
from controller.language import n_
from controller.rights import Operation
from controller.special_days import public_holidays
from controller.store.reforms import Holiday
from controller.store.unit import Unit
from schedules.units import AreaId


@dataclass(frozen=True, slots=True)
class HolidayLine:
    """`area`: whose it is, None for the country's; `own`: of the very area that was asked for."""

    day: date
    name: str
    area: str | None
    own: bool


class Holidays:
    def __init__(self, room: Room) -> None:
        self._room = room

    def of(self, area: AreaId, year: int, by: Person) -> tuple[HolidayLine, ...]:
        """Everything that is a holiday in the area in `year`, by day."""
        if year not in YEARS:
            return ()
        with self._room.store.read() as unit:
            self._room.require(unit, by, Operation.SEE, area)
            tree = self._room.tree(unit)
            named = unit.reforms.holidays((area, *tree.ancestors(area)))
        lines = [HolidayLine(day, name, None, False) for day, name in public_holidays(year).items()]
        lines += [
            HolidayLine(each.day, each.name, tree.areas[each.area].full_name, each.area == area)
            for each in named
            if each.day.year == year
        ]
        return tuple(sorted(lines, key=lambda line: (line.day, line.area or "")))

    def name(self, area: AreaId, day: date, name: str, by: Person) -> None:
        """Call `day` a holiday: schedules that skip holidays skip it in the area and below."""
        check_name(Named(name))
        if day.year not in YEARS:
            raise Refusal("bad-day", n_("Ngày không hợp lệ. Hãy chọn ngày từ năm 1970 đến năm 2300."), field="day")
        with self._room.store.write() as unit:
            self._room.require(unit, by, Operation.ARRANGE, area)
            self._room.tree(unit).area(area)
            before = self._held(unit, area, day)
            unit.reforms.put_holiday(area, day, name.strip(), self._room.now(), by.username)
            after = {"day": day.isoformat(), "name": name.strip()}
            self._room.record(unit, by, "holiday.name", f"area:{area}", _told(before), after)
            self._replan(unit, by)

    def forget(self, area: AreaId, day: date, by: Person) -> None:
        with self._room.store.write() as unit:
            self._room.require(unit, by, Operation.ARRANGE, area)
            before = self._held(unit, area, day)
            if before is None:
                raise Refusal("unknown-holiday", n_("Không có ngày nghỉ này. Hãy tải lại trang."), status=404)
            unit.reforms.drop_holiday(area, day)
            self._room.record(unit, by, "holiday.forget", f"area:{area}", _told(before), None)
            self._replan(unit, by)

    def _held(self, unit: Unit, area: AreaId, day: date) -> Holiday | None:
        return next((each for each in unit.reforms.holidays([area]) if each.day == day), None)

    def _replan(self, unit: Unit, by: Person) -> None:
        """What skips holidays is planned by the days as they are named now."""
        now = self._room.now()
        # With its last broadcast planned a series is at its end, though that broadcast is still to come.
        known = unit.broadcasts.schedules({*unit.broadcasts.live_ids(), *unit.broadcasts.heard_after(now)}).values()
        skipping = [each for each in known if each.skip_holidays and unit.broadcasts.schedule_ended(each.id) is None]
        self._room.planner.replan_schedules(unit, skipping, by.username, now)


def _told(holiday: Holiday | None) -> dict[str, object] | None:
    return None if holiday is None else {"day": holiday.day.isoformat(), "name": holiday.name}
