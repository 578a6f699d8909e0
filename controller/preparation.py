"""Makes the sound of bulletins in the background, one after the other; jobs live in the database."""

import errno
import logging
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from audio.clips import ClipStore, RecordingStore
from audio.parts import PartKind, Programme
from audio.prepare import BadSound, Limits, PreparationFailed, Prepared, Step, prepare_pieces
from audio.sources import STEP_WORDS
from audio.speech.readings import Readings
from audio.speech.voices import Voices
from audio.verdicts import refusal
from controller import clock
from controller.checking import keep
from controller.language import n_
from controller.locality import locality
from controller.own_readings import own_readings
from controller.pieces import as_pieces, lengths
from controller.store.unit import Store, Unit
from controller.store.values import Clip
from protocol.clips import index_sha256, make_index
from protocol.codec import dump
from schedules.model import ClipRef
from schedules.units import BulletinId, DurationMs, RecordingId

log = logging.getLogger(__name__)

JOBS = "preparations"
"""The change key told after a commit that added a job."""

HOME_ZONE = "Asia/Ho_Chi_Minh"

TELL_PERCENT = 2
"""Progress is written down in steps of at least so much."""

OURS = n_("Hệ thống gặp lỗi khi chuẩn bị âm thanh. Hãy thử lại; nếu vẫn lỗi, hãy báo cán bộ kỹ thuật.")
DISK_FULL = n_("Máy chủ đã hết chỗ lưu trữ. Hãy báo cán bộ kỹ thuật giải phóng ổ đĩa, rồi tạo lại bản tin.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a job prepares: the bulletin as it stood when the job began."""

    bulletin: BulletinId
    programme: Programme
    readings: Readings

    def told(self, part: int) -> int:
        """The part as people are told of it: of a single text or recording they are not."""
        return part if self.programme.simple is None else 0


class Preparer:
    """One thread; a job that ran when the process ended begins again at the next start."""

    def __init__(
        self,
        store: Store,
        clips: ClipStore,
        work: Path,
        recordings: RecordingStore,
        voices: Voices | None = None,
        zone: str = HOME_ZONE,
    ) -> None:
        self._store, self._clips, self._work, self._recordings = store, clips, work, recordings
        self._voices = voices or Voices()
        self._zone = zone
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)

    def start(self) -> None:
        with self._store.write() as unit:
            unit.bulletins.restart_jobs()
        self._clear_leftovers()
        self._store.on_commit(self._committed)
        self._thread.start()

    def _clear_leftovers(self) -> None:
        """What a killed process left behind: half-made sound."""
        for folder in self._work.glob("prepare-*"):
            shutil.rmtree(folder, ignore_errors=True)

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
            readings = own_readings(unit, locality(unit, clock.now_ms(), self._zone), bulletin.area)
            programme, known = unit.parts.of(job.bulletin), _known(unit, job.bulletin)
            unit.bulletins.move_job(job.bulletin, state="running")
            unit.changed(f"bulletin:{job.bulletin}")
        asked = Asked(job.bulletin, programme, readings)
        try:
            self._store_result(asked, self._prepare(asked, known))
        except BadSound as bad:
            with self._store.write() as unit:
                keep(unit, asked.programme, {bad.part: [refusal(bad.code, **bad.parameters)]})
            self._fail(asked, bad.code, f"{bad.sentence} {bad.what_to_do}", bad.part)
        except Exception as error:
            # Whatever it was, the person who waits is told so, and the next bulletin gets its turn.
            log.exception("the preparation of %s failed", job.bulletin)
            self._fail(asked, "preparation-failed", DISK_FULL if is_disk_full(error) else OURS)
        return True

    def _prepare(self, asked: Asked, known: Mapping[RecordingId, str]) -> Prepared:
        pieces, bed = as_pieces(asked.programme, self._recordings, known, asked.readings)
        progress = self._progress(asked)
        return prepare_pieces(pieces, bed, self._clips, self._work, Limits(), progress, self._voices)

    def _progress(self, asked: Asked) -> Callable[[Step, int, int], None]:
        told: dict[tuple[Step, int], int] = {}

        def tell(step: Step, percent: int, part: int) -> None:
            if percent < told.get((step, part), -TELL_PERCENT) + TELL_PERCENT:
                return
            told[(step, part)] = percent
            with self._store.write() as unit:
                words, about = STEP_WORDS[step], asked.told(part)
                unit.bulletins.move_job(asked.bulletin, step=words, percent=percent, part=about)
                unit.changed(f"bulletin:{asked.bulletin}")

        return tell

    def _store_result(self, asked: Asked, made: Prepared) -> None:
        index = make_index(made.clip, self._clips.path(made.clip).read_bytes())
        ref = ClipRef(made.clip, made.size_bytes, DurationMs(made.duration_ms), index_sha256(index))
        clip = Clip(ref, made.loudness_cdb, made.true_peak_cdb, dump(index).decode())
        now, bulletin = clock.now_ms(), asked.bulletin
        with self._store.write() as unit:
            unit.bulletins.add_clip(clip, now)
            for recording, duration in lengths(asked.programme, made.decoded_ms):
                unit.recordings.set_duration(recording, duration)
            keep(unit, asked.programme, made.findings)
            if not _is_still(unit, asked):
                return
            unit.bulletins.set_clips(bulletin, [clip.id])
            if made.spoken:
                unit.bulletins.set_spoken(bulletin, made.spoken)
            unit.bulletins.move_job(
                bulletin, state="done", step="", percent=100, part=0, replaced=self._told(asked, made)
            )
            unit.changed(f"bulletin:{bulletin}")

    def _told(self, asked: Asked, made: Prepared) -> list[list[str]]:
        """The voices that failed, for the page and for the log."""
        texts = [part for part in asked.programme.parts if part.kind is PartKind.TEXT]
        self._voices.tried([name for part in texts for name in (part.voice, part.second_voice)], made.fallbacks)
        for each in made.fallbacks:
            log.warning("voice %s was replaced by the default one: %s: %s", each.voice, each.code, each.detail)
        return [[self._voices.label(each.voice), each.code] for each in made.fallbacks]

    def _fail(self, asked: Asked, code: str, sentence: str, part: int = 0) -> None:
        with self._store.write() as unit:
            if _is_still(unit, asked):
                unit.bulletins.move_job(
                    asked.bulletin, state="failed", error=sentence, error_code=code, part=asked.told(part)
                )
                unit.changed(f"bulletin:{asked.bulletin}")


def _is_still(unit: Unit, asked: Asked) -> bool:
    """Whether it says still what was prepared; if it was edited meanwhile, a new job waits already."""
    return unit.parts.of(asked.bulletin) == asked.programme


def _known(unit: Unit, bulletin: BulletinId) -> dict[RecordingId, str]:
    """What its recordings are called."""
    found = unit.recordings.many(unit.parts.of(bulletin).recordings)
    return {each.id: each.filename for each in found.values()}


def is_disk_full(error: Exception) -> bool:
    """Whether the disk was full, here or in the child, which tells its fault in words."""
    full = (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, OSError):
        return error.errno in full
    return isinstance(error, PreparationFailed) and any(os.strerror(number) in str(error) for number in full)
