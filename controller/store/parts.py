"""Repository of what bulletins are made of: their parts in order, and the music below."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from audio.parts import Bed, Part, PartKind, Programme
from controller.store import schema
from controller.store.upsert import add_rows
from schedules.units import BulletinId, RecordingId


def part_json(part: Part) -> dict[str, Any]:
    """The part as JSON; `part_from` reads it."""
    return {
        "kind": part.kind.value,
        "text": part.text,
        "voice": part.voice,
        "second_voice": part.second_voice,
        "rate": part.rate,
        "pitch": part.pitch,
        "language": part.language,
        "recording": part.recording,
        "cuts": [list(cut) for cut in part.cuts],
        "pause_ms": part.pause_ms,
        "bed": part.bed,
        "denoise": part.denoise,
    }


def part_from(value: Mapping[str, Any]) -> Part:
    """What `part_json` made; a key that is not there has its usual value."""
    given = {
        name: value[name] for name in ("text", "voice", "second_voice", "rate", "pitch", "language") if name in value
    }
    recording = value.get("recording")
    return Part(
        PartKind(value["kind"]),
        **given,
        recording=None if recording is None else RecordingId(recording),
        cuts=tuple((start, until) for start, until in value.get("cuts", ())),
        pause_ms=value.get("pause_ms", 0),
        bed=value.get("bed", False),
        denoise=value.get("denoise", False),
    )


def bed_json(bed: Bed | None) -> dict[str, Any] | None:
    return None if bed is None else {"recording": bed.recording, "level_cdb": bed.level_cdb}


def bed_from(value: Mapping[str, Any] | None) -> Bed | None:
    return None if value is None else Bed(RecordingId(value["recording"]), value["level_cdb"])


class Parts:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def of(self, bulletin: BulletinId) -> Programme:
        """The programme of a bulletin; no parts when there is no such bulletin."""
        table, bulletins = schema.bulletin_parts, schema.bulletins
        rows = self._c.execute(sa.select(table).where(table.c.bulletin == bulletin).order_by(table.c.position))
        bed = self._c.execute(sa.select(bulletins.c.bed).where(bulletins.c.id == bulletin)).scalar()
        return Programme(tuple(part_from(row._asdict()) for row in rows), bed_from(bed))

    def put(self, bulletin: BulletinId, programme: Programme) -> None:
        """Of a bulletin that is there."""
        table, bulletins = schema.bulletin_parts, schema.bulletins
        self._c.execute(table.delete().where(table.c.bulletin == bulletin))
        rows = [{"bulletin": bulletin, "position": n, **part_json(part)} for n, part in enumerate(programme.parts)]
        add_rows(self._c, table, rows)
        self._c.execute(bulletins.update().where(bulletins.c.id == bulletin).values(bed=bed_json(programme.bed)))

    def using(self, recordings: Iterable[RecordingId]) -> frozenset[RecordingId]:
        """Those of `recordings` that some bulletin is made of, or has below."""
        table, bulletins, asked = schema.bulletin_parts, schema.bulletins, set(recordings)
        found = set(self._c.execute(sa.select(table.c.recording).where(table.c.recording.in_(sorted(asked)))).scalars())
        beds = self._c.execute(sa.select(bulletins.c.bed).where(bulletins.c.bed.is_not(sa.null()))).scalars()
        return frozenset(RecordingId(each) for each in found | {bed["recording"] for bed in beds} if each in asked)
