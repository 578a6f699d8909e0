"""From values back to the fields of a form: to edit a schedule, or to fill in what was understood from words."""

from collections.abc import Collection, Iterable
from datetime import date, time

from starlette.datastructures import FormData, UploadFile

from controller.desk.values import When
from controller.desk.whens import Timing, when_of
from schedules.model import Schedule, Targets
from schedules.units import BulletinId, ScheduleId

TIME_FIELDS = frozenset(
    {"kind", "day", "at", "times", "weekdays", "month_days", "until", "count", "words", "rrule"}
    | {"repeats", "gap_minutes", "gap_seconds", "skip_holidays"}
)
"""What says when."""


def of_schedule(schedule: Schedule) -> FormData:
    """Every field of the form as the schedule has it."""
    fields = _when(when_of(schedule)) + _beside(schedule.repeats, schedule.gap, schedule.skip_holidays)
    fields += [("areas", each) for each in schedule.targets.areas]
    fields += [("speakers", each) for each in schedule.targets.speakers]
    fields += [("groups", each) for each in schedule.targets.groups]
    fields += [
        ("priority", str(int(schedule.priority))),
        ("volume", str(int(schedule.volume))),
        ("order", str(schedule.order)),
        ("at_most", str(int(schedule.at_most))),
        ("bulletin", schedule.bulletin),
    ]
    return _form(fields)


def with_time(form: FormData, timing: Timing) -> FormData:
    """The form with another time in it."""
    kept = _without(form, TIME_FIELDS)
    beside = _beside(timing.repeats, timing.gap, timing.skip_holidays)
    return _form(kept + _when(when_of(_schedule(timing))) + beside)


def with_fields(form: FormData, fields: dict[str, str]) -> FormData:
    """The form with some of its fields set."""
    return _form([*_without(form, fields), *fields.items()])


def with_one_more(form: FormData, name: str, value: str) -> FormData:
    """The form with one more value of a field that may have several."""
    return _form([*_without(form, ()), (name, value)])


def _form(fields: Iterable[tuple[str, str]]) -> FormData:
    return FormData(list[tuple[str, str | UploadFile]](fields))


def _without(form: FormData, names: Collection[str]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in form.multi_items() if name not in names]


def _schedule(timing: Timing) -> Schedule:
    return Schedule(
        ScheduleId(""),
        BulletinId(""),
        timing.local_start,
        timing.zone,
        Targets(),
        rrule=timing.rrule,
        times=timing.times,
    )


def _when(when: When) -> list[tuple[str, str]]:
    fields = [("kind", when.kind.value), ("day", _day(when.day)), ("at", _time(when.at))]
    fields += [("times", _time(each)) for each in when.times]
    fields += [("weekdays", str(each)) for each in when.weekdays]
    fields += [("month_days", str(each)) for each in when.month_days]
    fields += [("until", _day(when.until)), ("count", "" if when.count is None else str(when.count))]
    return [*fields, ("words", when.words), ("rrule", when.rrule)]


def _beside(repeats: int, gap: int, skip_holidays: bool) -> list[tuple[str, str]]:
    minutes, seconds = divmod(gap // 1000, 60)
    fields = [("repeats", str(repeats)), ("gap_minutes", str(minutes)), ("gap_seconds", str(seconds))]
    return [*fields, ("skip_holidays", "1")] if skip_holidays else fields


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _time(at: time | None) -> str:
    """As a time field writes it: seconds only where there are some."""
    return "" if at is None else f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
