"""What people are shown of one schedule: its words, its next starts, and whether it was ended."""

from datetime import datetime

from controller.desk.next_starts import next_starts
from controller.desk.refusal import Refusal
from controller.desk.sentences import places_words, schedule_words
from controller.desk.values import ScheduleView
from controller.locality import Locality
from controller.store.unit import Unit
from schedules.model import Schedule
from schedules.units import ScheduleId, UtcMs


def known_schedule(unit: Unit, schedule: ScheduleId) -> Schedule:
    """The schedule; Refusal when there is none."""
    found = unit.broadcasts.schedule(schedule)
    if found is None:
        raise Refusal("unknown-schedule", "Không có lịch này. Hãy tải lại trang lượt phát.", status=404)
    return found


def schedule_view(unit: Unit, schedule: Schedule, places: Locality, now: UtcMs) -> ScheduleView:
    """How the schedule stands now. What can no longer be read (a zone that is gone) has no words and no starts."""
    ended = unit.broadcasts.schedule_ended(schedule.id)
    bulletin = unit.bulletins.get(schedule.bulletin)
    assert bulletin is not None, "a schedule's bulletin is held by a foreign key"
    zone = places.zone(schedule.targets.areas[0] if schedule.targets.areas else None)
    named = [places.speakers[each].name for each in schedule.targets.speakers if each in places.speakers]
    areas = [area for area in schedule.targets.areas if area in places.tree.areas]
    return ScheduleView(
        id=schedule.id,
        bulletin=schedule.bulletin,
        title=bulletin.title,
        words=_words(schedule),
        recurring=bool(schedule.rrule),
        places_sentence=places_words(places.tree.name_places(areas), named),
        time_zone=zone,
        starts=() if ended else _starts(unit, places, schedule, zone, now),
        ended=ended.at if ended else None,
        ended_by=ended.by if ended else "",
    )


def _words(schedule: Schedule) -> str:
    try:
        return schedule_words(schedule)
    except ValueError:
        return ""


def _starts(unit: Unit, places: Locality, schedule: Schedule, zone: str, now: UtcMs) -> tuple[datetime, ...]:
    cancelled = {planned.broadcast.start for planned in unit.broadcasts.coming(schedule.id, now) if planned.cancelled}
    return next_starts(unit, places, schedule, zone, UtcMs(now + 1), cancelled)
