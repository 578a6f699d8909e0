"""Repository of bulletins, their clips, the preparation of their sound, and which clips are on air."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from controller.folding import searchable
from controller.store import schema
from controller.store.changes import content_from, content_json
from controller.store.upsert import upsert
from controller.store.values import Bulletin, Clip, Content, Job
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
    return Job(
        BulletinId(row.bulletin),
        row.state,
        row.step,
        row.percent,
        row.error,
        row.error_code,
        row.upload,
        row.part,
        tuple((label, code) for label, code in row.replaced),
    )


def searched(bulletin: Bulletin) -> str:
    """What is kept to find the bulletin by: everything that people write about it, and its text."""
    return searchable((bulletin.title, bulletin.summary, bulletin.author, bulletin.source, bulletin.text))


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
                folded=searched(bulletin),
                made_ms=bulletin.made,
                made_by=bulletin.made_by,
            )
        )

    def fold_missing(self) -> None:
        """Make what is searched of bulletins that were kept before there was a search."""
        table = schema.bulletins
        for row in self._c.execute(sa.select(table).where(table.c.folded == "")).all():
            self._c.execute(table.update().where(table.c.id == row.id).values(folded=searched(_bulletin(row))))

    def get(self, bulletin: BulletinId) -> Bulletin | None:
        row = self._c.execute(sa.select(schema.bulletins).where(schema.bulletins.c.id == bulletin)).first()
        return _bulletin(row) if row else None

    def with_clip(self, clip: ClipId) -> tuple[Bulletin, ...]:
        """The bulletins whose sound it is."""
        table, link = schema.bulletins, schema.bulletin_clips
        query = sa.select(table).join(link, link.c.bulletin == table.c.id).where(link.c.clip == clip)
        return tuple(_bulletin(row) for row in self._c.execute(query))

    def newest(self, limit: int, passed_over: int = 0) -> tuple[Bulletin, ...]:
        table = schema.bulletins
        query = sa.select(table).order_by(table.c.made_ms.desc(), table.c.id).limit(limit).offset(passed_over)
        rows = self._c.execute(query)
        return tuple(_bulletin(row) for row in rows)

    def approve(self, bulletin: BulletinId, by: str, at: UtcMs, one_person: bool) -> None:
        self._c.execute(
            schema.bulletins.update()
            .where(schema.bulletins.c.id == bulletin)
            .values(state=BulletinState.APPROVED.value, approved_by=by, approved_ms=at, one_person=one_person)
        )

    def edit(self, bulletin: Bulletin) -> None:
        """Keep what was written, with its version and who wrote it."""
        names = ("title", "field", "summary", "author", "source", "text", "spoken", "version", "edited_by")
        values = {name: getattr(bulletin, name) for name in names}
        statement = schema.bulletins.update().where(schema.bulletins.c.id == bulletin.id)
        self._c.execute(statement.values(**values, edited_ms=bulletin.edited, folded=searched(bulletin)))

    def set_state(self, bulletin: BulletinId, state: BulletinState) -> None:
        self._c.execute(schema.bulletins.update().where(schema.bulletins.c.id == bulletin).values(state=state.value))

    def written(self, bulletin: BulletinId) -> Content | None:
        """What was written last, with its sound so far (no clips: it is still being prepared)."""
        found = self.get(bulletin)
        if found is None:
            return None
        clips = tuple(clip.id for clip in self.clips(bulletin))
        return Content(found.title, found.text, found.spoken, found.priority, clips)

    def on_air(self, bulletins: Collection[BulletinId]) -> Mapping[BulletinId, Content]:
        """The content that was approved last, of those of `bulletins` that have one."""
        table = schema.bulletins
        query = sa.select(table.c.id, table.c.on_air).where(table.c.id.in_(sorted(bulletins)))
        return {row.id: content_from(row.on_air) for row in self._c.execute(query) if row.on_air is not None}

    def put_on_air(self, bulletin: BulletinId, content: Content | None) -> None:
        """What is planned from now on; None: nothing."""
        value = None if content is None else content_json(content)
        self._c.execute(schema.bulletins.update().where(schema.bulletins.c.id == bulletin).values(on_air=value))

    def refs(self, clips: Collection[ClipId]) -> Mapping[ClipId, ClipRef]:
        """How to fetch and check each of `clips` that is known."""
        table = schema.clips
        rows = self._c.execute(sa.select(table).where(table.c.id.in_(sorted(clips))))
        return {row.id: _clip(row).ref for row in rows}

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
            "replaced": [list(each) for each in job.replaced],
            "made_ms": made,
            "part": job.part,
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

    def awaited_uploads(self) -> tuple[Job, ...]:
        """Jobs that a version of before had yet to prepare from a file of its own."""
        table = schema.preparations
        query = sa.select(table).where(table.c.state.in_(("waiting", "running")), table.c.upload != "")
        return tuple(_job(row) for row in self._c.execute(query))

    def restart_jobs(self) -> None:
        """What ran when the process ended begins again."""
        table = schema.preparations
        self._c.execute(
            table.update().where(table.c.state == "running").values(state="waiting", step="", percent=0, part=0)
        )

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
