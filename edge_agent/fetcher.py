"""Pulls clips chunk by chunk by exact topic, two in flight, so that nothing else ever waits behind a download."""

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from edge_agent.backoff import Backoff
from edge_agent.clipfiles import ClipFiles, Partial, WrongMedia
from edge_agent.clock import Clock
from edge_agent.counters import Counters
from edge_agent.store import Holding
from protocol.messages import CHUNK_BYTES
from protocol.topics import AudioChunkTopic, AudioIndexTopic, NotOurTopic, TopicName, build, parse
from schedules.model import ClipRef
from schedules.units import ClipId, UtcMs

_log = logging.getLogger(__name__)

IN_FLIGHT = 2
ANSWER_S = 10.0
"""A retained topic that is silent for so long is not there: ask the controller for it."""
_LOOK_S, _CALM_S = 0.5, 2.0
_WANTS_AT_ONCE = 100
_INDEX = -1


class Pull(Protocol):
    """What the fetcher needs of the connection (edge_agent/link.py)."""

    @property
    def connected(self) -> bool: ...

    def subscribe(self, filters: Iterable[str]) -> None: ...

    def unsubscribe(self, filters: Iterable[str]) -> None: ...


def wanted(holdings: Sequence[Holding], now: UtcMs) -> list[ClipRef]:
    """The clips still of use, the most urgent first: emergencies, then by start."""
    useful = [
        held for held in holdings if not held.withdrawn and not held.doubted and now < held.order.broadcast.hard_end
    ]
    useful.sort(key=lambda held: (held.order.broadcast.priority > 1, held.order.broadcast.start))
    refs = [ref for held in useful for ref in held.order.broadcast.clips]
    return list({ref.id: ref for ref in refs}.values())


@dataclass(slots=True)
class _Job:
    ref: ClipRef
    partial: Partial | None
    asked: dict[int, float] = field(default_factory=dict)
    """Chunk number (_INDEX for the index) → when it was asked for, monotonic seconds."""

    def next_chunks(self) -> list[int]:
        room = IN_FLIGHT - len(self.asked)
        if self.partial is None:
            return [] if self.asked else [_INDEX]
        return sorted(self.partial.missing - self.asked.keys())[: max(0, room)]

    def topic(self, number: int) -> TopicName:
        return build(AudioIndexTopic(self.ref.id) if number == _INDEX else AudioChunkTopic(self.ref.id, number))

    def lacking(self) -> list[str]:
        """Topics to ask the controller for."""
        if self.partial is None:
            total = math.ceil(self.ref.size_bytes / CHUNK_BYTES)
            return [self.topic(number) for number in range(_INDEX, min(total, _WANTS_AT_ONCE))]
        return [self.topic(number) for number in sorted(self.partial.missing)[:_WANTS_AT_ONCE]]


class Fetcher:
    """One thread. `wanted_now` says what is needed, `want` asks the controller, `changed` tells of progress.

    `make_room` is asked before a clip is begun; one for which there is no room waits.
    """

    def __init__(
        self,
        clock: Clock,
        files: ClipFiles,
        link: Pull,
        counters: Counters,
        wanted_now: Callable[[], list[ClipRef]],
        want: Callable[[Sequence[str]], None],
        changed: Callable[[bool], None],
        make_room: Callable[[ClipRef], bool],
    ) -> None:
        self._clock = clock
        self._files = files
        self._link = link
        self._counters = counters
        self._wanted_now = wanted_now
        self._want = want
        self._changed = changed
        self._make_room = make_room
        self._arrived: deque[tuple[str, bytes]] = deque(maxlen=64)
        self._wake = clock.condition()
        self._asked_anew = False
        self._stopped = False
        self._job: _Job | None = None
        self._backoff: dict[ClipId, Backoff] = {}
        self._have: dict[ClipId, int] = {}
        self.trouble = ""
        """What the disk said last, "" when it works."""
        self._thread = threading.Thread(target=self._run, name="fetcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join(2.0)

    def put(self, topic: str, payload: bytes) -> None:
        """A message under `audio/`. It need not be kept: what is lost is asked for again."""
        with self._wake:
            self._arrived.append((topic, payload))
            self._wake.notify()

    def poke(self) -> None:
        """What is wanted changed."""
        with self._wake:
            self._wake.notify()

    def ask_anew(self) -> None:
        """The connection is new: subscriptions in flight must be made again."""
        with self._wake:
            self._asked_anew = True
            self._wake.notify()

    @property
    def pulling(self) -> bool:
        """Chunks are on their way."""
        job = self._job
        return job is not None and bool(job.asked) and self._link.connected

    def progress(self, ref: ClipRef) -> tuple[int, int]:
        """Chunks on the disk, chunks in all."""
        total = max(1, math.ceil(ref.size_bytes / CHUNK_BYTES))
        return (total if self._files.has(ref.id) else min(self._have.get(ref.id, 0), total)), total

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._arrived and not self._stopped:
                    self._wake.wait(_LOOK_S if self._job else _CALM_S)
                if self._stopped:
                    return
                arrived, anew = list(self._arrived), self._asked_anew
                self._arrived.clear()
                self._asked_anew = False
            try:
                self._step(arrived, anew)
            except OSError as error:
                self._disk(error)
            except Exception:
                # Fetching must go on for the next clip whatever one of them does.
                _log.exception("fetching stumbled")
                self._counters.add("fetch_faults")
                self._put_off()

    def _step(self, arrived: Sequence[tuple[str, bytes]], anew: bool) -> None:
        if anew and self._job is not None:
            self._job.asked.clear()
        for topic, payload in arrived:
            self._take(topic, payload)
        self._choose()
        if self._job is not None and self._link.connected:
            self._ask(self._job)
            self._watch(self._job)

    def _take(self, name: str, payload: bytes) -> None:
        job = self._job
        try:
            topic = parse(name)
        except NotOurTopic:
            return
        match topic:
            case AudioIndexTopic(clip):
                number = _INDEX
            case AudioChunkTopic(clip, number):
                pass
            case _:
                return
        if job is None or clip != job.ref.id or number not in job.asked or not payload:
            return
        try:
            self._keep(job, number, payload)
        except WrongMedia as error:
            self._counters.add("refused_media")
            _log.warning("refused %s: %s", name, error)
            self._lack(job)

    def _keep(self, job: _Job, number: int, payload: bytes) -> None:
        if number == _INDEX:
            job.partial = self._files.begin(job.ref, payload)
        elif job.partial is not None:
            job.partial.write(number, payload)
        self.trouble = ""
        del job.asked[number]
        self._link.unsubscribe([job.topic(number)])
        self._have[job.ref.id] = job.partial.have if job.partial else 0
        self._finish_if_whole(job)
        self._changed(False)

    def _finish_if_whole(self, job: _Job) -> None:
        if job.partial is None or job.partial.missing:
            return
        self._job = None
        try:
            self._files.finish(job.partial, self._clock.utc_ms())
        except WrongMedia as error:
            self._counters.add("refused_media")
            _log.warning("clip %s: %s", job.ref.id, error)
            self._later(job.ref.id)
            return
        except OSError:
            self._later(job.ref.id)
            raise
        self._backoff.pop(job.ref.id, None)
        self._changed(True)

    def _choose(self) -> None:
        """Work on the most urgent clip that is not put off."""
        now = self._clock.monotonic_s()
        refs = [ref for ref in self._wanted_now() if not self._files.has(ref.id)]
        best = next((ref for ref in refs if self._due(ref.id, now)), None)
        if self._job is not None and (best is None or best.id != self._job.ref.id):
            self._leave()
        if best is not None and self._job is None and not self._make_room(best):
            self._later(best.id)
        elif best is not None and self._job is None:
            partial = self._files.resume(best)
            self._job = job = _Job(best, partial)
            self._have[best.id] = partial.have if partial else 0
            self._finish_if_whole(job)

    def _due(self, clip: ClipId, now: float) -> bool:
        backoff = self._backoff.get(clip)
        return backoff is None or backoff.due(now)

    def _leave(self) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        self._link.unsubscribe([job.topic(number) for number in job.asked])
        if job.partial is not None:
            job.partial.close()

    def _ask(self, job: _Job) -> None:
        numbers = job.next_chunks()
        now = self._clock.monotonic_s()
        job.asked.update(dict.fromkeys(numbers, now))
        self._link.subscribe([job.topic(number) for number in numbers])

    def _watch(self, job: _Job) -> None:
        now = self._clock.monotonic_s()
        if any(now - asked > ANSWER_S for asked in job.asked.values()):
            self._lack(job)

    def _lack(self, job: _Job) -> None:
        """It is not there, or wrong: tell the controller, and come back to it later."""
        self._want(job.lacking())
        self._put_off()

    def _put_off(self) -> None:
        if self._job is not None:
            self._later(self._job.ref.id)
        self._leave()

    def _later(self, clip: ClipId) -> None:
        self._backoff.setdefault(clip, Backoff(first=2.0, most=60.0)).failed(self._clock.monotonic_s())

    def _disk(self, error: OSError) -> None:
        self.trouble = str(error)
        self._counters.add("disk_errors")
        _log.warning("the disk refuses: %s", error)
        self._put_off()
        self._changed(False)
