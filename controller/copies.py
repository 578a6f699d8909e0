"""Copies of recordings to listen to while they are cut: made in the background when asked for, and kept a while.

Whatever format a recording came in, its copy is Ogg/Opus of exactly what is decoded, so that a place in it is a place
in the recording; and beside it is written how it looks.
"""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from audio.clips import RecordingStore
from audio.prepare import BadSound, Limits, look_at
from audio.sources import Overview
from controller.language import n_
from schedules.units import RecordingId

log = logging.getLogger(__name__)

KEPT = 100
"""The newest so many are kept: a copy of ten minutes is 2 MB."""
OURS = n_("Máy chủ chưa vẽ được dạng sóng. Hãy thử lại; nếu vẫn lỗi, báo cho cán bộ kỹ thuật.")


@dataclass(frozen=True, slots=True)
class Copy:
    """`overview` is None while it is being made, or when it failed; then `failed` says why."""

    overview: Overview | None = None
    failed: str = ""


class Copies:
    """One at a time is made."""

    def __init__(self, folder: Path, recordings: RecordingStore) -> None:
        self._folder, self._recordings = folder, recordings
        self._lock = threading.Lock()
        self._making: set[RecordingId] = set()
        self._failed: dict[RecordingId, str] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="copies")

    def ask(self, recording: RecordingId, *, again: bool = False) -> Copy:
        """The copy as far as it is; begins to make it when nobody has. `again`: also when it has failed before."""
        if (found := self._read(recording)) is not None:
            return Copy(found)
        with self._lock:
            if again:
                self._failed.pop(recording, None)
            if failed := self._failed.get(recording, ""):
                return Copy(failed=failed)
            if recording not in self._making:
                self._making.add(recording)
                self._pool.submit(self._make, recording)
        return Copy()

    def file(self, recording: RecordingId) -> Path:
        """Where the copy is, when there is one."""
        return self._folder / f"{recording}.opus"

    def stop(self) -> None:
        """What is being made ends with the process."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _make(self, recording: RecordingId) -> None:
        failed = ""
        try:
            seen = look_at(self._recordings.path(recording), self.file(recording), self._folder / "work", Limits())
            self._about(recording).write_text(json.dumps(asdict(seen)))
            self._prune()
        except BadSound as bad:
            failed = f"{bad.sentence} {bad.what_to_do}"
        except Exception:
            log.exception("no copy of %s", recording)
            failed = OURS
        with self._lock:
            self._making.discard(recording)
            if failed:
                self._failed[recording] = failed

    def _prune(self) -> None:
        newest = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for old in newest[KEPT:]:
            old.unlink(missing_ok=True)
            old.with_suffix(".opus").unlink(missing_ok=True)

    def _about(self, recording: RecordingId) -> Path:
        return self._folder / f"{recording}.json"

    def _read(self, recording: RecordingId) -> Overview | None:
        try:
            told = json.loads(self._about(recording).read_text())
            found = Overview(tuple(told["peaks"]), told["step"], told["samples"])
        except (FileNotFoundError, ValueError, KeyError):
            return None
        return found if self.file(recording).is_file() else None
