"""Makes the sound of bulletins in the background, one after the other; jobs live in the database."""

import errno
import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from audio.clips import ClipStore
from audio.prepare import BadSound, FileSource, Limits, PreparationFailed, Prepared, Step, TextSource, prepare
from audio.sources import STEP_WORDS
from audio.speech.voices import Voices
from controller import clock
from controller.language import n_
from controller.store.unit import Store, Unit
from controller.store.values import Bulletin, Clip, Job
from protocol.clips import index_sha256, make_index
from protocol.codec import dump
from schedules.model import ClipRef
from schedules.units import BulletinId, DurationMs

log = logging.getLogger(__name__)

JOBS = "preparations"
"""The change key told after a commit that added a job."""

TELL_PERCENT = 2
"""Progress is written down in steps of at least so much."""

OURS = n_("Hệ thống gặp lỗi khi chuẩn bị âm thanh. Hãy thử lại; nếu vẫn lỗi, hãy báo cán bộ kỹ thuật.")
DISK_FULL = n_("Máy chủ đã hết chỗ lưu trữ. Hãy báo cán bộ kỹ thuật giải phóng ổ đĩa, rồi tạo lại bản tin.")


class Preparer:
    """One thread; a job that ran when the process ended begins again at the next start."""

    def __init__(self, store: Store, clips: ClipStore, work: Path, uploads: Path, voices: Voices | None = None) -> None:
        self._store, self._clips, self._work, self._uploads = store, clips, work, uploads
        self._voices = voices or Voices()
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)

    def start(self) -> None:
        with self._store.write() as unit:
            unit.bulletins.restart_jobs()
            awaited = unit.bulletins.awaited_uploads()
        self._clear_leftovers(awaited)
        self._store.on_commit(self._committed)
        self._thread.start()

    def _clear_leftovers(self, awaited: Collection[str]) -> None:
        """What a killed process left behind: half-made sound, and recordings that no job waits for."""
        for folder in self._work.glob("prepare-*"):
            shutil.rmtree(folder, ignore_errors=True)
        for upload in self._uploads.glob("up-*"):
            if upload.name not in awaited:
                upload.unlink(missing_ok=True)

    def stop(self) -> None:
        """Does not wait for a long job: it begins again at the next start, and its child ends with us."""
        self._ending = True
        self._wake.set()
        self._thread.join(1)

    def _committed(self, changes: frozenset[str]) -> None:
        if JOBS in changes:
            self._wake.set()

    def _run(self) -> None:
        while not self._ending:
            self._wake.clear()
            try:
                worked = self._next()
            except Exception:
                log.exception("preparation stumbled; it goes on")
                worked = False
            if not worked:
                self._wake.wait()

    def _next(self) -> bool:
        with self._store.write() as unit:
            job = unit.bulletins.next_job()
            bulletin = unit.bulletins.get(job.bulletin) if job else None
            if job is None or bulletin is None:
                return False
            unit.bulletins.move_job(job.bulletin, state="running")
            unit.changed(f"bulletin:{job.bulletin}")
        try:
            self._store_result(job, bulletin, self._prepare(job, bulletin))
        except BadSound as bad:
            self._fail(bulletin, bad.code, f"{bad.sentence} {bad.what_to_do}")
            self._drop_upload(job)
        except Exception as error:
            # Whatever it was, the person who waits is told so, and the next bulletin gets its turn.
            log.exception("the preparation of %s failed", job.bulletin)
            self._fail(bulletin, "preparation-failed", DISK_FULL if is_disk_full(error) else OURS)
            self._drop_upload(job)
        return True

    def _prepare(self, job: Job, bulletin: Bulletin) -> Prepared:
        recorded = FileSource(self._uploads / job.upload, bulletin.filename)
        source = recorded if job.upload else TextSource(bulletin.text)
        return prepare(source, self._clips, self._work, Limits(), self._progress(job.bulletin), self._voices)

    def _progress(self, bulletin: BulletinId) -> Callable[[Step, int], None]:
        told: dict[Step, int] = {}

        def tell(step: Step, percent: int) -> None:
            if percent < told.get(step, -TELL_PERCENT) + TELL_PERCENT:
                return
            told[step] = percent
            words = STEP_WORDS[step]
            with self._store.write() as unit:
                unit.bulletins.move_job(bulletin, step=words, percent=percent)
                unit.changed(f"bulletin:{bulletin}")

        return tell

    def _store_result(self, job: Job, bulletin: Bulletin, made: Prepared) -> None:
        index = make_index(made.clip, self._clips.path(made.clip).read_bytes())
        ref = ClipRef(made.clip, made.size_bytes, DurationMs(made.duration_ms), index_sha256(index))
        clip = Clip(ref, made.loudness_cdb, made.true_peak_cdb, dump(index).decode())
        now = clock.now_ms()
        with self._store.write() as unit:
            unit.bulletins.add_clip(clip, now)
            if not _is_still(unit, bulletin):
                return
            unit.bulletins.set_clips(job.bulletin, [clip.id])
            if made.spoken:
                unit.bulletins.set_spoken(job.bulletin, made.spoken)
            unit.bulletins.move_job(job.bulletin, state="done", step="", percent=100)
            unit.changed(f"bulletin:{job.bulletin}")
        self._drop_upload(job)

    def _drop_upload(self, job: Job) -> None:
        """The recording as uploaded is not needed once its clip is kept, or once it is refused."""
        if job.upload:
            (self._uploads / job.upload).unlink(missing_ok=True)

    def _fail(self, bulletin: Bulletin, code: str, sentence: str) -> None:
        with self._store.write() as unit:
            if _is_still(unit, bulletin):
                unit.bulletins.move_job(bulletin.id, state="failed", error=sentence, error_code=code)
                unit.changed(f"bulletin:{bulletin.id}")


def _is_still(unit: Unit, bulletin: Bulletin) -> bool:
    """Whether it says still what was prepared; if it was edited meanwhile, a new job waits already."""
    stands = unit.bulletins.get(bulletin.id)
    return stands is not None and stands.text == bulletin.text


def is_disk_full(error: Exception) -> bool:
    """Whether the disk was full, here or in the child, which tells its fault in words."""
    full = (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, OSError):
        return error.errno in full
    return isinstance(error, PreparationFailed) and any(os.strerror(number) in str(error) for number in full)
