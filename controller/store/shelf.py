"""Repository of what the retention asks: of each recording and clip who speaks of it; and of forgetting them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.changes import ChangeState
from controller.store.parts import bed_from, part_from
from controller.store.values import RecordingKind, TemplateId
from schedules.model import BulletinState
from schedules.units import BulletinId, ClipId, RecordingId, UtcMs

AT_ONCE = 20
WAITING = (ChangeState.PENDING.value, ChangeState.SUPERSEDED.value)


@dataclass(frozen=True, slots=True)
class Uses:
    """Who uses one recording: bulletins (id, title, state), templates (id, name)."""

    bulletins: tuple[tuple[BulletinId, str, BulletinState], ...] = ()
    templates: tuple[tuple[TemplateId, str], ...] = ()


@dataclass
class Spoken:
    """Clips by who speaks of them."""

    on_air: set[str] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)
    planned: set[str] = field(default_factory=set)
    proven: set[str] = field(default_factory=set)
    sounding: set[str] = field(default_factory=set)


class Shelves:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def spoken_of(self, clips: Collection[ClipId], now: UtcMs) -> Spoken:
        """Who speaks of any of `clips`; a broadcast is looked for only of those that nothing else speaks of, and of few
        of them at once: a province has millions. The rest count as planned until the next time."""
        found, asked = Spoken(), set(clips)
        self._read_contents(found)
        found.planned.update(self._c.execute(sa.select(schema.aired_clips.c.clip)).scalars())
        found.sounding.update(self._c.execute(sa.select(schema.bulletin_clips.c.clip)).scalars())
        unspoken = sorted(asked - found.on_air - found.pending - found.proven - found.planned - found.sounding)
        found.planned.update(unspoken[AT_ONCE:])
        for clip in unspoken[:AT_ONCE]:
            self._look_for_broadcasts(clip, found, now)
        return found

    def _read_contents(self, found: Spoken) -> None:
        table, changes = schema.bulletins, schema.changes
        for content in self._c.execute(sa.select(table.c.on_air).where(table.c.on_air.is_not(sa.null()))).scalars():
            found.on_air.update(content["clips"])
        for row in self._c.execute(sa.select(changes.c.state, changes.c.content)):
            clips = {clip for content in row.content.values() for clip in content["clips"]}
            if row.state in WAITING:
                found.pending |= clips
            if row.state == ChangeState.APPROVED.value:
                found.proven |= clips

    def _look_for_broadcasts(self, clip: str, found: Spoken, now: UtcMs) -> None:
        table = schema.broadcasts
        query = sa.select(sa.func.max(table.c.hard_end_ms)).where(sa.cast(table.c.clips, sa.Text).contains(clip))
        last = self._c.execute(query).scalar()
        if last is not None:
            (found.planned if last >= now else found.proven).add(clip)

    def clips_made_before(self, before: UtcMs) -> Mapping[ClipId, UtcMs]:
        """Clips that are no bulletin's sound now, and when each was made."""
        table, links = schema.clips, schema.bulletin_clips
        query = sa.select(table.c.id, table.c.made_ms).where(
            table.c.made_ms < before, ~sa.exists().where(links.c.clip == table.c.id)
        )
        return {ClipId(row.id): UtcMs(row.made_ms) for row in self._c.execute(query)}

    def abandoned(self, before: UtcMs) -> frozenset[BulletinId]:
        """Drafts without a sound that failed and that nobody has touched since: nobody waits for them."""
        table, jobs, links = schema.bulletins, schema.preparations, schema.bulletin_clips
        query = (
            sa.select(table.c.id)
            .join(jobs, jobs.c.bulletin == table.c.id)
            .where(
                table.c.state == BulletinState.DRAFT.value,
                jobs.c.state == "failed",
                table.c.made_ms < before,
                table.c.edited_ms < before,
                ~sa.exists().where(links.c.bulletin == table.c.id),
            )
        )
        return frozenset(BulletinId(each) for each in self._c.execute(query).scalars())

    def uses(self) -> Mapping[RecordingId, Uses]:
        """Who uses each recording that anybody uses."""
        bulletins: dict[RecordingId, dict[BulletinId, tuple[str, BulletinState]]] = defaultdict(dict)
        for recording, row in self._used_by_bulletins():
            bulletins[recording][BulletinId(row.id)] = row.title, BulletinState(row.state)
        templates: dict[RecordingId, dict[TemplateId, str]] = defaultdict(dict)
        table = schema.programme_templates
        for row in self._c.execute(sa.select(table).where(table.c.retired.is_(False))):
            bed = bed_from(row.bed)
            used = {part_from(part).recording for part in row.parts} | ({bed.recording} if bed else set())
            for each in used - {None}:
                templates[each][TemplateId(row.id)] = row.name  # type: ignore[index]  # None is taken out
        return {
            each: Uses(
                tuple((bulletin, *about) for bulletin, about in sorted(bulletins[each].items())),
                tuple(sorted(templates[each].items())),
            )
            for each in bulletins.keys() | templates.keys()
        }

    def _used_by_bulletins(self) -> Iterable[tuple[RecordingId, Any]]:
        parts, table = schema.bulletin_parts, schema.bulletins
        query = sa.select(parts.c.recording, table.c.id, table.c.title, table.c.state)
        query = query.join(table, table.c.id == parts.c.bulletin).where(parts.c.recording.is_not(sa.null()))
        for row in self._c.execute(query):
            yield RecordingId(row.recording), row
        beds = sa.select(table.c.bed, table.c.id, table.c.title, table.c.state).where(table.c.bed.is_not(sa.null()))
        for row in self._c.execute(beds):
            yield RecordingId(row.bed["recording"]), row

    def busy(self) -> bool:
        """Whether the sound of some bulletin is being made, or waits to be."""
        table = schema.preparations
        query = sa.select(table.c.bulletin).where(table.c.state.in_(("waiting", "running"))).limit(1)
        return self._c.execute(query).first() is not None

    def forget_clips(self, clips: Collection[ClipId]) -> None:
        """And what was heard of them: nobody can have approved them."""
        for table in (schema.listenings, schema.clips):
            column = table.c.clip if "clip" in table.c else table.c.id
            self._c.execute(table.delete().where(column.in_(sorted(clips))))

    def forget_recordings(self, recordings: Collection[RecordingId]) -> None:
        """A part that was made of one says so no more."""
        asked = sorted(recordings)
        parts, bulletins = schema.bulletin_parts, schema.bulletins
        self._c.execute(parts.update().where(parts.c.recording.in_(asked)).values(recording=None))
        beds = self._c.execute(sa.select(bulletins.c.id, bulletins.c.bed).where(bulletins.c.bed.is_not(sa.null())))
        gone = [row.id for row in beds if row.bed["recording"] in asked]
        self._c.execute(bulletins.update().where(bulletins.c.id.in_(gone)).values(bed=None))
        table, holders = schema.recordings, schema.recording_holders
        self._c.execute(holders.delete().where(holders.c.recording.in_(asked)))
        self._c.execute(table.delete().where(table.c.id.in_(asked)))


KEPT_KINDS = frozenset({RecordingKind.IDENT, RecordingKind.MUSIC})
"""They are there to be used again."""
