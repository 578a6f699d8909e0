"""A schedule as JSON and back: its rows, and the digests by which it is approved, are made of it."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from schedules.model import Priority, Schedule, StartRule, Targets
from schedules.units import AreaId, BulletinId, DurationMs, GroupId, Percent, ScheduleId, SpeakerId


def targets_json(targets: Targets) -> dict[str, list[str]]:
    return {"areas": list(targets.areas), "speakers": list(targets.speakers), "groups": list(targets.groups)}


def targets_from(value: Mapping[str, Any]) -> Targets:
    return Targets(
        tuple(AreaId(each) for each in value["areas"]),
        tuple(SpeakerId(each) for each in value["speakers"]),
        tuple(GroupId(each) for each in value.get("groups", ())),
    )


def series_json(schedule: Schedule) -> dict[str, Any]:
    """What a series says beside its first start and its rule."""
    told = {
        "times": [each.isoformat() for each in schedule.times],
        "repeats": schedule.repeats,
        "gap": schedule.gap,
        "moved": [[original.isoformat(), new.isoformat()] for original, new in schedule.moved],
        "replaced": [[original.isoformat(), bulletin] for original, bulletin in schedule.replaced],
        "skip_holidays": schedule.skip_holidays,
        "order": schedule.order,
    }
    return {**told, "at_most": schedule.at_most} if schedule.at_most else told


def series_from(value: Mapping[str, Any]) -> dict[str, Any]:
    """The same as keyword arguments of Schedule; what is not there has its default."""
    if not value:
        return {}
    at = datetime.fromisoformat
    return {
        "times": tuple(time.fromisoformat(each) for each in value["times"]),
        "repeats": value["repeats"],
        "gap": DurationMs(value["gap"]),
        "moved": tuple((at(original), at(new)) for original, new in value["moved"]),
        "replaced": tuple((at(original), BulletinId(bulletin)) for original, bulletin in value["replaced"]),
        "skip_holidays": value["skip_holidays"],
        "order": value["order"],
        "at_most": DurationMs(value.get("at_most", 0)),
    }


def schedule_json(schedule: Schedule) -> dict[str, Any]:
    """Everything a schedule says, as JSON without floats (RFC 8785 has one spelling for it)."""
    return {
        "schedule": schedule.id,
        "bulletin": schedule.bulletin,
        "local_start": schedule.local_start.isoformat(),
        "time_zone": schedule.time_zone,
        "targets": targets_json(schedule.targets),
        "priority": int(schedule.priority),
        "rrule": schedule.rrule,
        "exceptions": sorted(at.isoformat() for at in schedule.exceptions),
        "volume": int(schedule.volume),
        "rule": schedule.rule.value,
        "grace_ms": int(schedule.grace),
        "series": series_json(schedule),
    }


def schedule_from(value: Mapping[str, Any]) -> Schedule:
    """The schedule that schedule_json wrote."""
    return Schedule(
        id=ScheduleId(value["schedule"]),
        bulletin=BulletinId(value["bulletin"]),
        local_start=datetime.fromisoformat(value["local_start"]),
        time_zone=value["time_zone"],
        targets=targets_from(value["targets"]),
        priority=Priority(value["priority"]),
        rrule=value["rrule"],
        exceptions=frozenset(datetime.fromisoformat(text) for text in value["exceptions"]),
        volume=Percent(value["volume"]),
        rule=StartRule(value["rule"]),
        grace=DurationMs(value["grace_ms"]),
        **series_from(value["series"]),
    )
