"""The relay: publishes what the outbox says is dirty, keeps the ledger, and notices a broker without memory.

One message per topic is in flight, several topics at once. What goes out is the topic's document at that moment,
so rows of one topic that pile up while the broker is away are one message. A row is settled by the PUBACK.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from controller import clock
from controller.documents import Clips, Document, current
from controller.link import Incoming, TooLarge
from controller.outdated import STANDING
from controller.store.outbox import OUTBOX, RANK_DOCUMENT
from controller.store.unit import Store, Unit
from controller.store.values import Dirty
from protocol.codec import Malformed, dump, load
from protocol.messages import ControllerStatus
from protocol.topics import CONTROLLER_STATUS, NotOurTopic
from schedules.units import UtcMs

log = logging.getLogger(__name__)

WINDOW = 20
LOOK_SECONDS = 1.0
"""How often the outbox is looked at without being told: another process (the command line) writes to it too."""
MARKER_SECONDS = 1.5
"""How long after the SUBACK our own retained marker may take to come back."""


class Postman(Protocol):
    """What the relay needs of the link."""

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int | None: ...


@dataclass(frozen=True, slots=True)
class _Sent:
    dirty: Dirty
    document: Document


class Relay:
    """A thread that waits for commits, acknowledgements and the connection, and for nothing else."""

    def __init__(
        self, store: Store, clips: Clips, own_status: ControllerStatus, silent: Callable[[], bool] = lambda: False
    ) -> None:
        """While `silent` nothing but our own status leaves."""
        self._store, self._clips, self._status, self._silent = store, clips, own_status, silent
        self._standing_changed = False
        self._postman: Postman | None = None
        self._wake = threading.Condition()
        self._connected = False
        self._connected_at = 0.0
        self._marker_seen: str | None = None
        self._marker_settled = False
        self._acknowledged: list[int] = []
        self._in_flight: dict[int, _Sent] = {}
        self._dirty = True
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        store.on_commit(self._committed)

    def start(self, postman: Postman) -> None:
        self._postman = postman
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more, and say so on our own status."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._thread.join(5)
        if self._postman is not None and self._connected:
            offline = replace(self._status, online=False, at_ms=clock.now_ms())
            self._postman.publish(CONTROLLER_STATUS, dump(offline), retain=True)

    def up(self) -> None:
        """Connected and subscribed to our own status."""
        with self._wake:
            self._connected, self._connected_at = True, clock.monotonic()
            self._marker_settled = False
            self._wake.notify()

    def down(self) -> None:
        with self._wake:
            # Forgotten here, not in `up`: a broker may send the retained marker before the SUBACK.
            self._connected, self._marker_seen = False, None
            self._wake.notify()

    def published(self, mid: int) -> None:
        with self._wake:
            self._acknowledged.append(mid)
            self._wake.notify()

    def hear(self, message: Incoming) -> None:
        """Called on the link's own thread with all that comes: is it our own status, kept by the broker?

        Not by way of the intake: an answer of the last connection that waits there would be taken for one of this.
        A status that is not marked as retained only echoes what we said ourselves and proves no memory.
        """
        if message.topic != CONTROLLER_STATUS or not message.retained:
            return
        try:
            marker = load(ControllerStatus, message.payload).marker
        except Malformed:
            marker = ""
        with self._wake:
            self._marker_seen = marker
            self._wake.notify()

    def _committed(self, changes: frozenset[str]) -> None:
        if changes & {OUTBOX, STANDING}:
            with self._wake:
                self._dirty = True
                self._standing_changed = self._standing_changed or STANDING in changes
                self._wake.notify()

    def _run(self) -> None:
        while not self._ending:
            try:
                self._turn()
            except Exception:
                log.exception("the relay stumbled; it goes on")
                self._pause(LOOK_SECONDS)

    def _pause(self, seconds: float) -> None:
        with self._wake:
            if not self._ending:
                self._wake.wait(seconds)

    def _turn(self) -> None:
        with self._wake:
            if not (self._acknowledged or (self._connected and self._can_send()) or self._ending):
                self._wake.wait(self._patience())
            acknowledged, self._acknowledged = self._acknowledged, []
        self._settle(acknowledged)
        if self._connected and not self._marker_settled:
            self._settle_marker()
        elif self._connected and self._standing_changed:
            self._tell_standing()
        elif self._connected and len(self._in_flight) < WINDOW and not self._silent():
            self._send()

    def _can_send(self) -> bool:
        if not self._marker_settled:
            return self._marker_seen is not None
        return self._standing_changed or (self._dirty and not self._silent() and len(self._in_flight) < WINDOW)

    def _patience(self) -> float:
        return MARKER_SECONDS if self._connected and not self._marker_settled else LOOK_SECONDS

    def _settle(self, acknowledged: list[int]) -> None:
        """Mark what was acknowledged as done, all in one transaction."""
        done: list[_Sent] = []
        for mid in acknowledged:
            sent = self._in_flight.pop(mid, None)
            if sent is not None:
                done.append(sent)
        if not done:
            return
        now = clock.now_ms()
        with self._store.write() as unit:
            for sent in done:
                unit.outbox.done(sent.dirty.topic, sent.dirty.last)
                if sent.document.payload is None:
                    unit.outbox.release(sent.dirty.topic)
                else:
                    unit.outbox.retain(sent.dirty.topic, sent.document.expires, now)
        self._dirty = True

    def _settle_marker(self) -> None:
        """Decide whether the broker kept its memory; if not, everything in the ledger goes out anew."""
        late = clock.monotonic() - self._connected_at > MARKER_SECONDS
        if self._marker_seen is None and not late:
            return
        now = clock.now_ms()
        if self._marker_seen != self._status.marker:
            log.info("the broker has no memory of us: publishing everything anew")
            with self._store.write() as unit:
                unit.outbox.dirty(unit.outbox.retained(), RANK_DOCUMENT, now)
        assert self._postman is not None, "started with a postman"
        status = dump(replace(self._status, at_ms=now))
        if self._postman.publish(CONTROLLER_STATUS, status, retain=True) is not None:
            self._marker_settled, self._dirty = True, True
        else:  # the connection has just gone
            self._pause(MARKER_SECONDS)

    def _tell_standing(self) -> None:
        """The epoch, and whether anything is signed, have changed: everybody who reads along shall see it."""
        self._standing_changed = False
        with self._store.read() as unit:
            epoch, stopped = unit.site.epoch, unit.site.silent
        self._status = replace(self._status, epoch=epoch, stopped=stopped)
        assert self._postman is not None, "started with a postman"
        status = dump(replace(self._status, at_ms=clock.now_ms()))
        if self._postman.publish(CONTROLLER_STATUS, status, retain=True) is None:
            self._standing_changed = True
            self._pause(LOOK_SECONDS)

    def _send(self) -> None:
        self._dirty = False
        busy = {sent.dirty.topic for sent in self._in_flight.values()}
        now = clock.now_ms()
        with self._store.read() as unit:
            coming = unit.outbox.next(WINDOW - len(busy), busy)
            # One by one: the first (an emergency, say) does not wait until the chunks behind it have been read.
            given_up = [d for d in coming if not self._hand_over(_Sent(d, self._document(unit, d.topic, now)))]
        if given_up:
            with self._store.write() as unit:
                for dirty in given_up:
                    unit.outbox.done(dirty.topic, dirty.last)
        if len(self._in_flight) >= WINDOW:
            self._dirty = True

    def _document(self, unit: Unit, topic: str, now: UtcMs) -> Document:
        try:
            return current(unit, self._clips, topic, now)
        except NotOurTopic:
            log.error("the outbox names %r, which is no topic", topic)
            return Document(None)

    def _hand_over(self, sent: _Sent) -> bool:
        """Give it to the postman; False: it can never be sent and is given up."""
        assert self._postman is not None, "started with a postman"
        # Not under the lock: paho calls `published` while it holds its own. Acknowledgements are looked at by
        # this same thread only, so none is missed.
        try:
            mid = self._postman.publish(sent.dirty.topic, sent.document.payload or b"", retain=True)
        except TooLarge as error:
            log.error("%s; it is given up, or nothing behind it would ever leave", error)
            return False
        if mid is not None:
            self._in_flight[mid] = sent
        return True
