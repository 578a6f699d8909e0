"""Repository of what is searched: bulletins and clips by words, field, state and author; where each is used."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from controller.folding import plain, wanted
from controller.store import schema
from schedules.model import BulletinState, Priority
from schedules.states import PlaybackState
from schedules.units import AreaId, BulletinId, ClipId, DurationMs, UtcMs

SOUNDED = tuple(
    state.value
    for state in (PlaybackState.PLAYING, PlaybackState.SUSPENDED, PlaybackState.PLAYED, PlaybackState.INTERRUPTED)
)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; "" and None narrow nothing."""

    words: str = ""
    field: int | None = None
    state: BulletinState | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class Within:
    """Whose bulletins: of these areas, made by this person, or one of these; None instead of it: all."""

    areas: frozenset[AreaId]
    person: str
    bulletins: frozenset[BulletinId]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A bulletin as the library lists it."""

    id: BulletinId
    title: str
    field: int
    author: str
    state: BulletinState
    priority: Priority
    made: UtcMs
    made_by: str
    preparation: str
    duration: DurationMs


@dataclass(frozen=True, slots=True)
class ShelvedClip:
    """A clip and the bulletins that it is in, by title."""

    id: ClipId
    size_bytes: int
    duration: DurationMs
    loudness_cdb: int
    made: UtcMs
    bulletins: tuple[tuple[BulletinId, str], ...]


@dataclass(frozen=True, slots=True)
class Use:
    """Of one bulletin: schedules that nobody has ended, the next start and the last that was heard (None: never)."""

    schedules: int = 0
    next_start: UtcMs | None = None
    last_heard: UtcMs | None = None


class Library:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def bulletins(self, search: Search, within: Within | None, skip: int, most: int) -> tuple[tuple[Shelved, ...], int]:
        """(some, how many there are): first what has the words as they are written, then the newest."""
        table, jobs = schema.bulletins, schema.preparations
        where = _conditions(search, within)
        duration = (
            sa.select(sa.func.coalesce(sa.func.sum(schema.clips.c.duration_ms), 0))
            .join(schema.bulletin_clips, schema.bulletin_clips.c.clip == schema.clips.c.id)
            .where(schema.bulletin_clips.c.bulletin == table.c.id)
            .scalar_subquery()
        )
        query = (
            sa.select(table, sa.func.coalesce(jobs.c.state, "").label("prepared"), duration.label("duration"))
            .outerjoin(jobs, jobs.c.bulletin == table.c.id)
            .where(*where)
            .order_by(*_order(search), table.c.made_ms.desc(), table.c.id)
        )
        total = int(self._c.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar() or 0)
        return tuple(_shelved(row) for row in self._c.execute(query.offset(skip).limit(most))), total

    def authors(self, within: Within | None, most: int = 200) -> tuple[str, ...]:
        """Who is named as an author or has made a bulletin."""
        table = schema.bulletins
        where = _conditions(Search(), within)
        named = sa.select(table.c.author.label("name")).where(table.c.author != "", *where)
        both = sa.union(named, sa.select(table.c.made_by.label("name")).where(*where)).subquery()
        return tuple(self._c.execute(sa.select(both.c.name).order_by(both.c.name).limit(most)).scalars())

    def clips(self, search: Search, within: Within | None, skip: int, most: int) -> tuple[tuple[ShelvedClip, ...], int]:
        """Clips of the bulletins that are found, the newest first; without any condition those of none too."""
        table, links, bulletins = schema.clips, schema.bulletin_clips, schema.bulletins
        where = _conditions(search, within)
        found = sa.select(links.c.clip).join(bulletins, bulletins.c.id == links.c.bulletin).where(*where)
        condition = [table.c.id.in_(found)] if where else []
        query = sa.select(table).where(*condition).order_by(table.c.made_ms.desc(), table.c.id)
        total = int(self._c.execute(sa.select(sa.func.count()).select_from(table).where(*condition)).scalar() or 0)
        rows = self._c.execute(query.offset(skip).limit(most)).all()
        titles = self._titles([row.id for row in rows], within)
        return tuple(_clip(row, titles.get(row.id, ())) for row in rows), total

    def _titles(
        self, clips: Collection[str], within: Within | None
    ) -> Mapping[str, tuple[tuple[BulletinId, str], ...]]:
        links, bulletins = schema.bulletin_clips, schema.bulletins
        query = (
            sa.select(links.c.clip, bulletins.c.id, bulletins.c.title)
            .distinct()
            .join(bulletins, bulletins.c.id == links.c.bulletin)
            .where(links.c.clip.in_(sorted(clips)), *_conditions(Search(), within))
            .order_by(bulletins.c.title, bulletins.c.id)
        )
        found: dict[str, tuple[tuple[BulletinId, str], ...]] = {}
        for row in self._c.execute(query):
            found[row.clip] = (*found.get(row.clip, ()), (BulletinId(row.id), row.title))
        return found

    def uses(self, bulletins: Collection[BulletinId], now: UtcMs) -> Mapping[BulletinId, Use]:
        """How each is used."""
        table, schedules, playbacks = schema.broadcasts, schema.schedules, schema.playbacks
        wanted_ids = sorted(bulletins)
        live = sa.select(schedules.c.bulletin, sa.func.count().label("number")).group_by(schedules.c.bulletin)
        live = live.where(schedules.c.bulletin.in_(wanted_ids), schedules.c.ended_ms == 0)
        numbers = {row.bulletin: row.number for row in self._c.execute(live)}
        coming = sa.select(table.c.bulletin, sa.func.min(table.c.start_ms).label("at")).group_by(table.c.bulletin)
        coming = coming.where(table.c.bulletin.in_(wanted_ids), table.c.start_ms > now, table.c.cancelled.is_(False))
        starts = {row.bulletin: row.at for row in self._c.execute(coming)}
        sounded = sa.exists().where(playbacks.c.broadcast == table.c.id, playbacks.c.state.in_(SOUNDED))
        last = sa.select(table.c.bulletin, sa.func.max(table.c.start_ms).label("at")).group_by(table.c.bulletin)
        last = last.where(table.c.bulletin.in_(wanted_ids), table.c.start_ms <= now, sounded)
        heard = {row.bulletin: row.at for row in self._c.execute(last)}
        return {each: Use(numbers.get(each, 0), starts.get(each), heard.get(each)) for each in bulletins}

    def recent(self, bulletin: BulletinId, most: int) -> tuple[str, ...]:
        """The ids of its newest broadcasts, those to come first; what was superseded is left out."""
        table = schema.broadcasts
        query = sa.select(table.c.id).where(table.c.bulletin == bulletin, table.c.superseded.is_(False))
        return tuple(self._c.execute(query.order_by(table.c.start_ms.desc()).limit(most)).scalars())

    def targets(self) -> tuple[tuple[BulletinId, Mapping[str, Any]], ...]:
        """Which bulletin is heard where, of every schedule there ever was."""
        table = schema.schedules
        rows = self._c.execute(sa.select(table.c.bulletin, table.c.targets))
        return tuple((BulletinId(row.bulletin), row.targets) for row in rows)


def _conditions(search: Search, within: Within | None) -> list[sa.ColumnElement[bool]]:
    table = schema.bulletins
    found: list[sa.ColumnElement[bool]] = [
        table.c.folded.contains(word, autoescape=True) for word in wanted(search.words)
    ]
    if search.field is not None:
        found.append(table.c.field == search.field)
    if search.state is not None:
        found.append(table.c.state == search.state.value)
    if search.author:
        found.append(sa.or_(table.c.author == search.author, table.c.made_by == search.author))
    if within is not None:
        found.append(
            sa.or_(
                table.c.area.in_(sorted(within.areas)),
                table.c.made_by == within.person,
                table.c.id.in_(sorted(within.bulletins)),
            )
        )
    return found


def _order(search: Search) -> list[sa.ColumnElement[Any]]:
    written = plain(search.words)
    if not written:
        return []
    return [sa.case((schema.bulletins.c.folded.contains(written, autoescape=True), 0), else_=1)]


def _shelved(row: sa.Row[Any]) -> Shelved:
    return Shelved(
        BulletinId(row.id),
        row.title,
        row.field,
        row.author,
        BulletinState(row.state),
        Priority(row.priority),
        UtcMs(row.made_ms),
        row.made_by,
        row.prepared,
        DurationMs(int(row.duration)),
    )


def _clip(row: sa.Row[Any], bulletins: tuple[tuple[BulletinId, str], ...]) -> ShelvedClip:
    return ShelvedClip(
        ClipId(row.id), row.size_bytes, DurationMs(row.duration_ms), row.loudness_cdb, UtcMs(row.made_ms), bulletins
    )
