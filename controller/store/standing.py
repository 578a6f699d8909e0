"""Repository of what stands in the programme, read in few columns: a check looks at a whole province at once."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.broadcasts import Broadcasts
from controller.store.series import series_from, targets_from
from controller.store.upsert import parts
from controller.store.values import Planned
from schedules.model import Priority, Schedule, StartRule, Targets
from schedules.units import AreaId, BulletinId, ClipId, DurationMs, Percent, ScheduleId, SpeakerId, UtcMs


@dataclass(frozen=True, slots=True)
class Coming:
    """One planned broadcast, as far as it matters when it sounds and where."""

    schedule: ScheduleId
    bulletin: BulletinId
    title: str
    start: UtcMs
    hard_end: UtcMs
    targets: Targets


class Standing:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def live(self) -> Iterator[Schedule]:
        """Schedules that can still bring forth broadcasts, without those that cannot be read.

        The same as Broadcasts.live_schedules, but what two rows spell alike is read once: a province has thousands.
        """
        t = schema.schedules
        plain = (t.c.id, t.c.bulletin, t.c.local_start, t.c.time_zone, t.c.priority, t.c.rrule, t.c.volume, t.c.rule)
        spelled = (sa.cast(column, sa.Text) for column in (t.c.targets, t.c.exceptions, t.c.series))
        for row in self._c.execute(sa.select(*plain, t.c.grace_ms, *spelled).where(~t.c.ended)):
            try:
                yield _schedule(*row)
            except (ValueError, KeyError, TypeError):
                continue

    def lengths(self) -> Mapping[BulletinId, DurationMs]:
        """How long each bulletin sounds that a live schedule plays: what was approved last, else what was made."""
        bulletins, live = schema.bulletins, sa.select(schema.schedules.c.bulletin).where(~schema.schedules.c.ended)
        link, clips = schema.bulletin_clips, schema.clips
        made = (
            sa.select(link.c.bulletin, sa.func.sum(clips.c.duration_ms))
            .join(clips, clips.c.id == link.c.clip)
            .group_by(link.c.bulletin)
        )
        found = {BulletinId(row[0]): DurationMs(int(row[1])) for row in self._c.execute(made)}
        approved = sa.select(bulletins.c.id, bulletins.c.on_air["clips"]).where(
            bulletins.c.on_air.is_not(None), bulletins.c.id.in_(live)
        )
        playing = {BulletinId(row[0]): tuple(row[1] or ()) for row in self._c.execute(approved)}
        long = self.clip_lengths({clip for each in playing.values() for clip in each})
        found.update({each: DurationMs(sum(long.get(clip, 0) for clip in of)) for each, of in playing.items()})
        return found

    def clip_lengths(self, clips: Collection[ClipId]) -> Mapping[ClipId, DurationMs]:
        table = schema.clips
        found: dict[ClipId, DurationMs] = {}
        for part in parts(sorted(clips)):
            query = sa.select(table.c.id, table.c.duration_ms).where(table.c.id.in_(part))
            found.update({ClipId(row[0]): DurationMs(row[1]) for row in self._c.execute(query)})
        return found

    def titles(self, bulletins: Collection[BulletinId]) -> Mapping[BulletinId, str]:
        table = schema.bulletins
        found: dict[BulletinId, str] = {}
        for part in parts(sorted(bulletins)):
            query = sa.select(table.c.id, table.c.title).where(table.c.id.in_(part))
            found.update({BulletinId(row[0]): row[1] for row in self._c.execute(query)})
        return found

    def taken_back(self, now: UtcMs) -> frozenset[tuple[ScheduleId, str]]:
        """(schedule, occurrence) of the coming broadcasts that a person cancelled."""
        table = schema.broadcasts
        query = sa.select(table.c.schedule, table.c.occurrence).where(
            table.c.hard_end_ms > now, table.c.cancelled, ~table.c.superseded
        )
        return frozenset((ScheduleId(row[0]), row[1]) for row in self._c.execute(query))

    def left_over(self, now: UtcMs) -> tuple[Planned, ...]:
        """Broadcasts still to sound, or sounding, of schedules that bring forth nothing more."""
        table, schedules = schema.broadcasts, schema.schedules
        query = (
            sa.select(table.c.id)
            .join(schedules, schedules.c.id == table.c.schedule)
            .where(table.c.hard_end_ms > now, ~table.c.cancelled, schedules.c.ended)
        )
        return Broadcasts(self._c).many(list(self._c.execute(query).scalars()))

    def sounding(self, begin: UtcMs, end: UtcMs) -> Iterator[Coming]:
        """What stands and starts before `end` and could sound after `begin`, by start."""
        t = schema.broadcasts
        columns = (t.c.schedule, t.c.bulletin, t.c.title, t.c.start_ms, t.c.hard_end_ms, t.c.areas, t.c.speakers)
        query = sa.select(*columns).where(t.c.hard_end_ms > begin, t.c.start_ms < end, ~t.c.cancelled)
        for row in self._c.execute(query.order_by(t.c.start_ms, t.c.id)):
            areas, speakers = (AreaId(each) for each in row.areas), (SpeakerId(each) for each in row.speakers)
            targets = Targets(tuple(areas), tuple(speakers))
            yield Coming(row.schedule, row.bulletin, row.title, row.start_ms, row.hard_end_ms, targets)


@lru_cache(maxsize=8192)
def _schedule(
    known: str,
    bulletin: str,
    local_start: str,
    zone: str,
    priority: int,
    rrule: str,
    volume: int,
    rule: str,
    grace: int,
    targets: str,
    exceptions: str,
    series: str,
) -> Schedule:
    """The schedule of one row, which says the same for as long as it is not written."""
    return Schedule(
        id=ScheduleId(known),
        bulletin=BulletinId(bulletin),
        local_start=datetime.fromisoformat(local_start),
        time_zone=zone,
        targets=_targets(targets),
        priority=Priority(priority),
        rrule=rrule,
        exceptions=_exceptions(exceptions),
        volume=Percent(volume),
        rule=StartRule(rule),
        grace=DurationMs(grace),
        **_series(series),
    )


@lru_cache(maxsize=4096)
def _targets(text: str) -> Targets:
    return targets_from(json.loads(text))


@lru_cache(maxsize=1024)
def _exceptions(text: str) -> frozenset[datetime]:
    return frozenset(datetime.fromisoformat(each) for each in json.loads(text))


@lru_cache(maxsize=1024)
def _series(text: str) -> Mapping[str, Any]:
    return series_from(json.loads(text))
