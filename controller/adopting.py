"""What a version of before left to be prepared: its uploads become recordings, which its bulletins are made of."""

from dataclasses import replace
from pathlib import Path

from audio.clips import RecordingStore
from controller.store.unit import Store
from controller.store.values import Bulletin, Recording, RecordingKind
from schedules.units import DurationMs, RecordingId, UtcMs


def adopt_uploads(store: Store, recordings: RecordingStore, uploads: Path, now: UtcMs) -> None:
    """Once, at the first start of this version; the folder of `uploads` is then gone."""
    with store.read() as unit:
        awaited = unit.bulletins.awaited_uploads()
    for job in awaited:
        file = uploads / job.upload
        size = file.stat().st_size if file.is_file() else 0
        taken = recordings.take(file) if size else None
        with store.write() as unit:
            bulletin, programme = unit.bulletins.get(job.bulletin), unit.parts.of(job.bulletin)
            body = programme.simple
            if taken is not None and bulletin is not None and body is not None:
                if unit.recordings.get(taken) is None:
                    unit.recordings.put(_recording(taken, size, bulletin, now))
                unit.recordings.hold(taken, bulletin.area, bulletin.made_by, now)
                parts = tuple(replace(part, recording=taken) if part is body else part for part in programme.parts)
                unit.parts.put(job.bulletin, replace(programme, parts=parts))
            unit.bulletins.move_job(job.bulletin, upload="")
    if uploads.is_dir():
        for left in uploads.glob("up-*"):
            left.unlink(missing_ok=True)
        if not any(uploads.iterdir()):
            uploads.rmdir()


def _recording(taken: RecordingId, size: int, bulletin: Bulletin, now: UtcMs) -> Recording:
    return Recording(
        id=taken,
        size_bytes=size,
        duration=DurationMs(0),
        filename=bulletin.filename,
        title=bulletin.title,
        kind=RecordingKind.RECORDING,
        area=bulletin.area,
        tags=(),
        language=bulletin.language,
        expires=None,
        verdict=None,
        made=now,
        made_by=bulletin.made_by,
    )
