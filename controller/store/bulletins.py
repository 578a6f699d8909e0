"""Repository of bulletins, their clips, the preparation of their sound, and which clips are on air."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.upsert import upsert
from controller.store.values import Bulletin, Clip, Job
from schedules.model import BulletinState, ClipRef, Priority
from schedules.units import AreaId, BulletinId, ClipId, UtcMs


def _clip(row: sa.Row[Any]) -> Clip:
    return Clip(
        ClipRef(row.id, row.size_bytes, row.duration_ms, row.index_sha256),
        row.loudness_cdb,
        row.true_peak_cdb,
        row.index_payload,
    )


def _bulletin(row: sa.Row[Any]) -> Bulletin:
    return Bulletin(
        BulletinId(row.id),
        row.title,
        row.field,
        row.summary,
        row.author,
        row.source,
        row.language,
        Priority(row.priority),
        BulletinState(row.state),
        row.text,
        row.spoken,
        row.filename,
        row.approved_by,
        row.one_person,
        row.made_ms,
        row.made_by,
        None if row.area is None else AreaId(row.area),
        row.version,
        row.edited_ms,
        row.edited_by,
    )


def _job(row: sa.Row[Any]) -> Job:
    return Job(BulletinId(row.bulletin), row.state, row.step, row.percent, row.error, row.error_code, row.upload)


class Bulletins:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def add(self, bulletin: Bulletin) -> None:
        self._c.execute(
            schema.bulletins.insert().values(
                id=bulletin.id,
                title=bulletin.title,
                field=bulletin.field,
                summary=bulletin.summary,
                author=bulletin.author,
                source=bulletin.source,
                language=bulletin.language,
                priority=int(bulletin.priority),
                state=bulletin.state.value,
                text=bulletin.text,
                spoken=bulletin.spoken,
                filename=bulletin.filename,
                area=bulletin.area,
                version=bulletin.version,
                made_ms=bulletin.made,
                made_by=bulletin.made_by,
            )
        )

    def get(self, bulletin: BulletinId) -> Bulletin | None:
        row = self._c.execute(sa.select(schema.bulletins).where(schema.bulletins.c.id == bulletin)).first()
        return _bulletin(row) if row else None

    def newest(self, limit: int) -> tuple[Bulletin, ...]:
        table = schema.bulletins
        rows = self._c.execute(sa.select(table).order_by(table.c.made_ms.desc(), table.c.id).limit(limit))
        return tuple(_bulletin(row) for row in rows)

    def approve(self, bulletin: BulletinId, by: str, at: UtcMs, one_person: bool) -> None:
        self._c.execute(
            schema.bulletins.update()
            .where(schema.bulletins.c.id == bulletin)
            .values(state=BulletinState.APPROVED.value, approved_by=by, approved_ms=at, one_person=one_person)
        )

    def set_spoken(self, bulletin: BulletinId, spoken: str) -> None:
        self._c.execute(schema.bulletins.update().where(schema.bulletins.c.id == bulletin).values(spoken=spoken))

    def add_clip(self, clip: Clip, made: UtcMs) -> None:
        values = {
            "size_bytes": clip.ref.size_bytes,
            "duration_ms": clip.ref.duration,
            "loudness_cdb": clip.loudness_cdb,
            "true_peak_cdb": clip.true_peak_cdb,
            "index_sha256": clip.ref.index_sha256,
            "index_payload": clip.index_payload,
            "made_ms": made,
        }
        upsert(self._c, schema.clips, {"id": clip.id}, values)

    def set_clips(self, bulletin: BulletinId, clips: Iterable[ClipId]) -> None:
        table = schema.bulletin_clips
        self._c.execute(table.delete().where(table.c.bulletin == bulletin))
        for position, clip in enumerate(clips):
            self._c.execute(table.insert().values(bulletin=bulletin, position=position, clip=clip))

    def clips(self, bulletin: BulletinId) -> tuple[Clip, ...]:
        link, table = schema.bulletin_clips, schema.clips
        query = sa.select(table).join(link, link.c.clip == table.c.id).where(link.c.bulletin == bulletin)
        return tuple(_clip(row) for row in self._c.execute(query.order_by(link.c.position)))

    def clip(self, clip: ClipId) -> Clip | None:
        row = self._c.execute(sa.select(schema.clips).where(schema.clips.c.id == clip)).first()
        return _clip(row) if row else None

    def put_job(self, job: Job, made: UtcMs) -> None:
        values = {
            "state": job.state,
            "step": job.step,
            "percent": job.percent,
            "error": job.error,
            "error_code": job.error_code,
            "upload": job.upload,
            "made_ms": made,
        }
        upsert(self._c, schema.preparations, {"bulletin": job.bulletin}, values)

    def job(self, bulletin: BulletinId) -> Job | None:
        table = schema.preparations
        row = self._c.execute(sa.select(table).where(table.c.bulletin == bulletin)).first()
        return _job(row) if row else None

    def next_job(self) -> Job | None:
        """The oldest that waits."""
        table = schema.preparations
        query = sa.select(table).where(table.c.state == "waiting").order_by(table.c.made_ms).limit(1)
        row = self._c.execute(query).first()
        return _job(row) if row else None

    def move_job(self, bulletin: BulletinId, **values: object) -> None:
        table = schema.preparations
        self._c.execute(table.update().where(table.c.bulletin == bulletin).values(**values))

    def awaited_uploads(self) -> frozenset[str]:
        """Uploads whose sound is still to be made."""
        table = schema.preparations
        query = sa.select(table.c.upload).where(table.c.state.in_(("waiting", "running")), table.c.upload != "")
        return frozenset(self._c.execute(query).scalars())

    def restart_jobs(self) -> None:
        """What ran when the process ended begins again."""
        table = schema.preparations
        self._c.execute(table.update().where(table.c.state == "running").values(state="waiting", step="", percent=0))

    def air(self, clip: ClipId, used: UtcMs) -> None:
        """The clip's chunks may stand on the broker from now."""
        upsert(self._c, schema.aired_clips, {"clip": clip}, {"used_ms": used})

    def aired(self) -> Mapping[ClipId, UtcMs]:
        """Clips on air and when each was last used."""
        return {ClipId(row.clip): UtcMs(row.used_ms) for row in self._c.execute(sa.select(schema.aired_clips))}

    def is_aired(self, clip: ClipId) -> bool:
        table = schema.aired_clips
        return self._c.execute(sa.select(table.c.clip).where(table.c.clip == clip)).first() is not None

    def take_off_air(self, clip: ClipId) -> None:
        self._c.execute(schema.aired_clips.delete().where(schema.aired_clips.c.clip == clip))
