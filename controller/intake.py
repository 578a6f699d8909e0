"""The intake: a thread that commits what speakers say in batches, and only then acknowledges it."""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from controller import clock
from controller.link import Incoming
from controller.outdated import Watch
from controller.records import Stored, take_record, take_status, take_wants
from controller.signing import Signer
from controller.store.unit import Store, Unit
from protocol import topics
from protocol.messages import Receipt
from schedules.units import SpeakerId, UtcMs

log = logging.getLogger(__name__)

BATCH = 15
"""Fewer than the 20 that a broker has in flight to one client, or delivery would stop."""
GATHER_SECONDS = 0.03
RETRY_SECONDS = 1.0
RECEIPT_MS = 60_000
WANTS_PAUSE_MS = 2_000
"""A speaker is heard with its wants at most this often."""


@dataclass(frozen=True, slots=True)
class Reply:
    topic: str
    payload: bytes


class Intake:
    """`hear` is called on the link's thread and only queues; everything else happens on the intake's own."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        default_zone: str,
        *,
        acknowledge: Callable[[Incoming], None],
        reply: Callable[[Reply], None],
    ) -> None:
        self._store, self._signer, self._zone = store, signer, default_zone
        self._acknowledge, self._reply = acknowledge, reply
        self._queue: list[Incoming] = []
        self._wake = threading.Condition()
        self._ending = False
        self._wanted: dict[SpeakerId, UtcMs] = {}
        self._watch = Watch(signer)
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._thread.join(5)

    def hear(self, message: Incoming) -> None:
        """Queue a message; returns at once."""
        with self._wake:
            self._queue.append(message)
            self._wake.notify()

    def _run(self) -> None:
        while True:
            batch = self._gather()
            if not batch:
                return
            self._process(batch)

    def _gather(self) -> list[Incoming]:
        """The next batch; nothing when it is time to end."""
        with self._wake:
            while not self._queue and not self._ending:
                self._wake.wait()
            if not self._ending:
                self._wake.wait_for(lambda: len(self._queue) >= BATCH or self._ending, GATHER_SECONDS)
            batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
            return [] if self._ending else batch

    def _process(self, batch: list[Incoming]) -> None:
        """Commit, then acknowledge. A database that refuses is asked again; one bad message costs only itself."""
        while not self._ending:
            try:
                self._commit(batch)
                return
            except Exception as error:
                if not _may_pass(error):
                    self._part(batch)
                    return
                log.exception("the database refused; %s messages wait", len(batch))
                with self._wake:
                    self._wake.wait_for(lambda: self._ending, RETRY_SECONDS)

    def _part(self, batch: list[Incoming]) -> None:
        """In an `except`: one of the batch can never be taken. Find it; drop and acknowledge only that one."""
        if len(batch) == 1:
            log.exception("a message on %s was dropped", batch[0].topic)
            self._acknowledge(batch[0])
            return
        log.warning("a batch failed; its %s messages are taken one by one", len(batch), exc_info=True)
        for message in batch:
            self._process([message])

    def _commit(self, batch: list[Incoming]) -> None:
        now = clock.now_ms()
        stored: dict[tuple[SpeakerId, str], Stored] = {}
        wanted = dict(self._wanted)
        try:
            with self._store.write() as unit:
                for message in batch:
                    taken = self._take(unit, message, now)
                    if taken is not None:
                        stored[taken.speaker, taken.store_id] = taken
        except Exception:
            self._wanted = wanted  # what was heard is heard again, and not too soon
            raise
        for message in batch:
            self._acknowledge(message)
        self._confirm(stored.values(), now)

    def _take(self, unit: Unit, message: Incoming, now: UtcMs) -> Stored | None:
        try:
            topic = topics.parse(message.topic)
        except topics.NotOurTopic:
            log.warning("a message on %r", message.topic)
            return None
        match topic:
            case topics.PlaybackTopic():
                return take_record(unit, self._signer.site, topic, message.payload, now)
            case topics.ControllerStatusTopic() if message.payload:
                self._watch.hear_controller(unit, message.payload, now)
            case topics.SpeakerTopic(speaker, topics.STATUS) if message.payload:
                if (status := take_status(unit, speaker, message.payload, now)) is not None:
                    self._watch.hear_speaker(unit, status, now)
            case topics.SpeakerTopic(speaker, topics.WANTS) if not self._signer.stopped:
                if now - self._wanted.get(speaker, 0) >= WANTS_PAUSE_MS:
                    self._wanted[speaker] = now
                    take_wants(unit, speaker, message.payload, now, self._zone)
        return None

    def _confirm(self, stored: Iterable[Stored], now: UtcMs) -> None:
        if self._signer.stopped:
            return  # this database may be thrown away yet; the box tells it all again
        for each in stored:
            receipt = Receipt(each.speaker, each.store_id, each.up_to, now, UtcMs(now + RECEIPT_MS))
            topic = topics.build(topics.SpeakerTopic(each.speaker, topics.RECEIPTS))
            self._reply(Reply(topic, self._signer.plain(receipt).payload.encode()))


def _may_pass(error: Exception) -> bool:
    """Whether it is the database's trouble, that may be over soon, and not what a message says."""
    return isinstance(error, DBAPIError) and not isinstance(error, IntegrityError | DataError)
