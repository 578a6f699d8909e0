"""Repository of areas, speakers, where speakers are, who may connect to the broker, and speakers' configs."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.upsert import upsert
from controller.store.values import ConfigDocument, HeardStatus, Member, Speaker
from protocol.versions import Version
from schedules.model import Area, AreaSettings, QuietHours, VolumeHours
from schedules.units import AreaId, DurationMs, Percent, SpeakerId, UtcMs


def settings_json(settings: AreaSettings) -> dict[str, Any]:
    hours, louder = settings.quiet_hours, settings.volume_hours
    return {
        "time_zone": settings.time_zone,
        "quiet_hours": None if hours is None else [[h.begin.isoformat(), h.end.isoformat()] for h in hours],
        "volume_max_percent": settings.volume_max_percent,
        "volume_hours": None if louder is None else [[h.begin.isoformat(), h.end.isoformat(), h.most] for h in louder],
        "session_cap": settings.session_cap,
        "daily_cap": settings.daily_cap,
        "weekdays": None if settings.weekdays is None else list(settings.weekdays),
        "night_allowed": settings.night_allowed,
        "one_person_station": settings.one_person_station,
    }


def _settings(value: Mapping[str, Any]) -> AreaSettings:
    hours = value.get("quiet_hours")
    volume, weekdays = value.get("volume_max_percent"), value.get("weekdays")
    return AreaSettings(
        time_zone=value.get("time_zone"),
        quiet_hours=None
        if hours is None
        else tuple(QuietHours(time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in hours),
        volume_max_percent=None if volume is None else Percent(volume),
        volume_hours=_volume_hours(value.get("volume_hours")),
        session_cap=_duration(value.get("session_cap")),
        daily_cap=_duration(value.get("daily_cap")),
        weekdays=None if weekdays is None else tuple(weekdays),
        night_allowed=value.get("night_allowed"),
        one_person_station=value.get("one_person_station"),
    )


def _volume_hours(value: Sequence[tuple[str, str, int]] | None) -> tuple[VolumeHours, ...] | None:
    if value is None:
        return None
    return tuple(VolumeHours(time.fromisoformat(a), time.fromisoformat(b), Percent(most)) for a, b, most in value)


def _duration(value: int | None) -> DurationMs | None:
    return None if value is None else DurationMs(value)


def _area(row: sa.Row[Any]) -> Area:
    return Area(
        AreaId(row.area),
        None if row.parent is None else AreaId(row.parent),
        row.name,
        row.kind,
        row.valid_from,
        row.valid_until,
        row.code,
        _settings(row.settings),
    )


class Places:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def areas(self) -> tuple[Area, ...]:
        """All areas of all times, one value per period, in the order in which they were made."""
        periods, table = schema.area_periods, schema.areas
        query = sa.select(periods).join(table, table.c.id == periods.c.area)
        rows = self._c.execute(query.order_by(table.c.made_ms, table.c.id, periods.c.valid_from))
        return tuple(_area(row) for row in rows)

    def add_area(self, area: Area, made: UtcMs, made_by: str) -> None:
        """A new area with its first period."""
        self._c.execute(schema.areas.insert().values(id=area.id, made_ms=made, made_by=made_by))
        self.put_period(area, made, made_by)

    def put_period(self, area: Area, made: UtcMs, made_by: str) -> None:
        """Keep the period of `area` that begins on its `valid_from`, new or changed."""
        values = {
            "valid_until": area.valid_until,
            "parent": area.parent,
            "name": area.name,
            "kind": area.kind,
            "code": area.code,
            "settings": settings_json(area.settings),
            "made_ms": made,
            "made_by": made_by,
        }
        upsert(self._c, schema.area_periods, {"area": area.id, "valid_from": area.valid_from}, values)

    def named_days(self, begin: date, end: date) -> Mapping[AreaId, Mapping[date, str]]:
        """The days that staff named, of each area that has any, from `begin` to `end`, both included."""
        table = schema.holidays
        found: dict[AreaId, dict[date, str]] = {}
        for row in self._c.execute(sa.select(table).where(table.c.day >= begin, table.c.day <= end)):
            found.setdefault(AreaId(row.area), {})[row.day] = row.name
        return found

    def speakers(self) -> tuple[Speaker, ...]:
        table = schema.speakers
        rows = self._c.execute(sa.select(table).where(table.c.retired.is_(False)).order_by(table.c.made_ms, table.c.id))
        return tuple(_speaker(row) for row in rows)

    def speaker(self, speaker: SpeakerId) -> Speaker | None:
        row = self._c.execute(sa.select(schema.speakers).where(schema.speakers.c.id == speaker)).first()
        return _speaker(row) if row else None

    def add_speaker(self, speaker: Speaker, made: UtcMs, made_by: str) -> None:
        self._c.execute(
            schema.speakers.insert().values(
                id=speaker.id, name=speaker.name, public_key=speaker.public_key, made_ms=made, made_by=made_by
            )
        )

    def give_box(self, speaker: SpeakerId, public_key: str) -> None:
        """Another box stands in its place from now on."""
        table = schema.speakers
        change = table.update().where(table.c.id == speaker)
        self._c.execute(change.values(public_key=public_key, revoked=False))

    def revoke(self, speaker: SpeakerId) -> None:
        """Believe its box no more, and let it connect no more."""
        table, users = schema.speakers, schema.broker_users
        self._c.execute(table.update().where(table.c.id == speaker).values(revoked=True))
        self._c.execute(users.delete().where(users.c.username == speaker))
        self.went_off(speaker)

    def went_off(self, speaker: SpeakerId) -> None:
        """It is not reached any more, whatever it said last."""
        table = schema.speaker_status
        self._c.execute(table.update().where(table.c.speaker == speaker).values(online=False))

    def members(self) -> tuple[Member, ...]:
        table = schema.memberships
        rows = self._c.execute(sa.select(table).order_by(table.c.speaker, table.c.from_ms))
        return tuple(Member(row.speaker, row.area, row.from_ms, row.until_ms) for row in rows)

    def add_member(self, member: Member) -> None:
        self._c.execute(
            schema.memberships.insert().values(
                speaker=member.speaker, area=member.area, from_ms=member.from_ms, until_ms=member.until_ms
            )
        )

    def put_broker_user(self, username: str, role: str, password_hash: str) -> None:
        upsert(self._c, schema.broker_users, {"username": username}, {"role": role, "password_hash": password_hash})

    def broker_user(self, username: str) -> tuple[str, str] | None:
        """(role, password hash) of a broker user."""
        table = schema.broker_users
        row = self._c.execute(sa.select(table).where(table.c.username == username)).first()
        return (row.role, row.password_hash) if row else None

    def broker_users(self) -> tuple[tuple[str, str, str], ...]:
        """(username, role, password hash) of all."""
        table = schema.broker_users
        rows = self._c.execute(sa.select(table).order_by(table.c.username))
        return tuple((row.username, row.role, row.password_hash) for row in rows)

    def statuses(self) -> tuple[HeardStatus, ...]:
        return tuple(_status(row) for row in self._c.execute(sa.select(schema.speaker_status)))

    def online(self) -> frozenset[SpeakerId]:
        """The speakers that are reached now."""
        table = schema.speaker_status
        return frozenset(self._c.execute(sa.select(table.c.speaker).where(table.c.online.is_(True))).scalars())

    def status(self, speaker: SpeakerId) -> HeardStatus | None:
        table = schema.speaker_status
        row = self._c.execute(sa.select(table).where(table.c.speaker == speaker)).first()
        return _status(row) if row else None

    def put_status(self, status: HeardStatus) -> None:
        values = {
            "online": status.online,
            "at_ms": status.at,
            "seen_ms": status.seen,
            "online_since_ms": status.online_since,
            "boot_id": status.boot_id,
            "payload": status.payload,
        }
        upsert(self._c, schema.speaker_status, {"speaker": status.speaker}, values)

    def config(self, speaker: SpeakerId) -> ConfigDocument | None:
        table = schema.configs
        row = self._c.execute(sa.select(table).where(table.c.speaker == speaker)).first()
        return ConfigDocument(Version(row.epoch, row.revision), row.content_sha256, row.payload) if row else None

    def config_versions(self) -> Mapping[SpeakerId, Version]:
        table = schema.configs
        rows = self._c.execute(sa.select(table.c.speaker, table.c.epoch, table.c.revision))
        return {SpeakerId(row.speaker): Version(row.epoch, row.revision) for row in rows}

    def put_config(self, speaker: SpeakerId, document: ConfigDocument) -> None:
        values = {
            "epoch": document.version.epoch,
            "revision": document.version.revision,
            "content_sha256": document.content_sha256,
            "payload": document.payload,
        }
        upsert(self._c, schema.configs, {"speaker": speaker}, values)


def _speaker(row: sa.Row[Any]) -> Speaker:
    return Speaker(SpeakerId(row.id), row.name, row.public_key, row.retired, row.revoked)


def _status(row: sa.Row[Any]) -> HeardStatus:
    return HeardStatus(
        SpeakerId(row.speaker), row.online, row.at_ms, row.seen_ms, row.online_since_ms, row.boot_id, row.payload
    )
