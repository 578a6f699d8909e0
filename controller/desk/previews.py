"""What was asked to be heard before it is saved: kept for a while, for whoever asked, and not more than they need."""

import hashlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from controller.desk.refusal import Refusal
from controller.language import n_
from schedules.units import UtcMs

AT_ONCE = 2
"""So many paragraphs are read at the same time; further ones wait their turn."""
PATIENCE_SECONDS = 15
MOST_A_MINUTE = 20
"""For one person: a listener needs seconds for each."""
MINUTE_MS = 60_000
KEPT = 40
"""The newest; a paragraph is some 40 kB."""


@dataclass(frozen=True, slots=True)
class Kept:
    owner: str
    file: Path
    note: str


class Previews:
    """Safe for many threads. `folder` is emptied at the start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for left in folder.glob("*.ogg"):
            left.unlink(missing_ok=True)
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._asked: dict[str, deque[UtcMs]] = {}
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def get(self, key: str, owner: str) -> Kept | None:
        """What `owner` asked for under this key."""
        with self._lock:
            found = self._kept.get(key)
            return found if found is not None and found.owner == owner else None

    def made(self, what: str, owner: str, now: UtcMs, make: Callable[[], tuple[bytes, str]]) -> str:
        """The key of the sound of `what` (all that it depends on, as text); made only when it is not kept.

        `make` gives the sound and a sentence about it. Refusal 429 for who asks too often, 503 when all are busy.
        """
        key = hashlib.sha256(f"{owner}\0{what}".encode()).hexdigest()
        if self.get(key, owner) is not None:
            return key
        self._count(owner, now)
        with self._turn():
            sound, note = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{key}.ogg"
        file.write_bytes(sound)
        with self._lock:
            self._kept[key] = Kept(owner, file, note)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)[1].file.unlink(missing_ok=True)
        return key

    def _count(self, owner: str, now: UtcMs) -> None:
        with self._lock:
            times = self._asked.setdefault(owner, deque())
            while times and times[0] <= now - MINUTE_MS:
                times.popleft()
            if len(times) >= MOST_A_MINUTE:
                seconds = -(-(times[0] + MINUTE_MS - now) // 1_000)
                raise Refusal(
                    "too-many-previews",
                    n_("Bạn nghe thử quá nhiều lần liền nhau. Hãy đợi %(seconds)s giây rồi nghe tiếp."),
                    status=429,
                    params={"seconds": seconds},
                )
            times.append(now)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=PATIENCE_SECONDS):
            raise Refusal(
                "previews-busy", n_("Máy chủ đang đọc thử cho người khác. Hãy đợi vài giây rồi nghe lại."), status=503
            )
        try:
            yield
        finally:
            self._turns.release()
