"""Tells: the retained status, telemetry, playback records until they are confirmed, and wants."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from edge_agent import report
from edge_agent.cache import Cache
from edge_agent.clipfiles import ClipFiles
from edge_agent.clock import Clock
from edge_agent.conductor import Conductor
from edge_agent.counters import Counters
from edge_agent.database import DiskTrouble
from edge_agent.diskwatch import DiskWatch
from edge_agent.fetcher import Fetcher
from edge_agent.link import Link
from edge_agent.player import Player
from edge_agent.store import Holding, Store, folder_free_mib
from protocol.codec import dump
from protocol.messages import Status, Telemetry, Wants
from protocol.release import VERSION
from protocol.topics import STATUS, TELEMETRY, WANTS, PlaybackTopic, SpeakerTopic, build
from protocol.versions import NEVER
from schedules.states import PlaybackState
from schedules.units import BroadcastId, SpeakerId, UtcMs

_log = logging.getLogger(__name__)

STATUS_S = 30.0
TELEMETRY_S = 30.0
RESEND_S = 10.0
RESEND_MOST_S = 60.0
"""A record that nobody confirms is told at growing intervals: a long outage of the controller fills no queue."""
RESEND_BATCH = 20
_AT_MOST_EVERY_S = 0.25
_SOUNDING_S = 1.0
_PULLING_S = 5.0
"""A status a second would be a hundredth of what a download costs on a slow line."""
_TICK_S = 0.1
_CALM_S = 0.9
"""Between looks while nothing is under way: to wake up costs more than to look."""
_PAUSE_NS = 100_000_000
_RECORDS_S = 1.0
_TROUBLE_S = 3.0


def offline(speaker: SpeakerId, boot_id: str, now: UtcMs) -> tuple[str, bytes]:
    """Topic and payload of the last will, and of the goodbye."""
    topic = build(SpeakerTopic(speaker, STATUS))
    return topic, dump(Status(speaker=speaker, at_ms=now, online=False, boot_id=boot_id))


@dataclass(frozen=True, slots=True)
class Parts:
    """What the reporter tells about."""

    store: Store
    files: ClipFiles
    player: Player
    conductor: Conductor
    fetcher: Fetcher
    counters: Counters
    disk: DiskWatch
    cache: Cache


class Reporter:
    """One thread that tells at most four statuses a second, and calls `tick` between (housekeeping).

    `tick` says whether it should be called again soon.
    """

    def __init__(self, clock: Clock, parts: Parts, link: Link, boot_id: str, tick: Callable[[float], bool]) -> None:
        self._clock = clock
        self._parts = parts
        self._link = link
        self._boot_id = boot_id
        self._tick = tick
        self._speaker = parts.store.speaker
        self._began = clock.monotonic_s()
        self._wake = clock.condition()
        self._changed = self._moved = self._stopped = False
        self._hurried = self._new_records = True
        self._last = {"status": -1e9, "telemetry": -1e9, "records": -1e9}
        self._held: list[Holding] = []
        self._waiting = 0
        self._sent: dict[int, tuple[float, float]] = {}
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; records that were made since its last turn are still told."""
        self._stopped = True
        self.changed()
        self._thread.join(2.0)
        with suppress(DiskTrouble):
            self._send_records(self._clock.monotonic_s())

    def changed(self) -> None:
        """Tell the status, and new records, at once."""
        with self._wake:
            self._changed = self._new_records = True
            self._wake.notify()

    def progressed(self) -> None:
        """Something small moved on: tell it within some seconds."""
        self._moved = True

    def connected(self) -> None:
        """Everything unconfirmed travels again."""
        self._sent.clear()
        self._last["telemetry"] = -1e9
        self.changed()

    def tell_all_now(self) -> None:
        """Diagnostics: status and telemetry at once."""
        self._last["telemetry"] = -1e9
        self.changed()

    def trouble(self) -> None:
        """Something went wrong that a technician should know: telemetry soon, but not for each time."""
        self._last["telemetry"] = min(self._last["telemetry"], self._clock.monotonic_s() - TELEMETRY_S + _TROUBLE_S)

    def want(self, topics: Sequence[str]) -> None:
        message = Wants(self._speaker, self._clock.utc_ms(), tuple(topics))
        self._link.publish(build(SpeakerTopic(self._speaker, WANTS)), dump(message))
        self._parts.counters.add("wants", len(topics))

    def _run(self) -> None:
        while not self._stopped:
            with self._wake:
                if not self._changed:
                    self._wake.wait(_TICK_S if self._hurried else _CALM_S)
            try:
                self._step(self._clock.monotonic_s())
            except DiskTrouble as trouble:
                _log.warning("the disk refuses: %s", trouble)
            except Exception:
                # What the box tells about itself must not end because one telling failed.
                _log.exception("the reporter stumbled")
                self._parts.counters.add("reporter_faults")
            self._clock.sleep_until_ns(self._clock.monotonic_ns() + _PAUSE_NS)

    def _step(self, now: float) -> None:
        self._hurried = self._tick(now)
        if not self._link.connected:
            return
        since = now - self._last["status"]
        at_once = self._changed and since >= _AT_MOST_EVERY_S
        sounding = self._parts.conductor.now_playing is not None
        moved = (sounding and since >= _SOUNDING_S) or (self._moved and since >= _PULLING_S)
        if self._new_records or now - self._last["records"] >= _RECORDS_S:
            self._new_records = False
            self._last["records"] = now
            self._send_records(now)
        if at_once or moved or since >= STATUS_S:
            self._changed = self._moved = False
            self._last["status"] = now
            self._link.publish(build(SpeakerTopic(self._speaker, STATUS)), dump(self.status()), retain=True)
        if now - self._last["telemetry"] >= TELEMETRY_S:
            self._last["telemetry"] = now
            self._link.publish(build(SpeakerTopic(self._speaker, TELEMETRY)), dump(self.telemetry()), qos=0)

    def _send_records(self, now: float) -> None:
        try:
            waiting = self._parts.store.ledger.waiting(RESEND_BATCH)
        except DiskTrouble as trouble:  # they travel when they can be read again
            _log.warning("the records cannot be read: %s", trouble)
            return
        for record in waiting:
            due, pause = self._sent.get(record.n, (now, RESEND_S))
            topic = build(PlaybackTopic(self._speaker, record.broadcast))
            if now >= due and self._link.publish(topic, record.payload) is not None:
                self._sent[record.n] = (now + pause, min(2 * pause, RESEND_MOST_S))
        if len(self._sent) > 10 * RESEND_BATCH:
            oldest = waiting[0].n if waiting else 0
            self._sent = {n: when for n, when in self._sent.items() if n >= oldest}

    def status(self) -> Status:
        parts, now, clock = self._parts, self._clock.utc_ms(), self._clock.facts()
        store, playing = parts.store, parts.conductor.now_playing
        progress = parts.player.progress(playing.broadcast.id) if playing else None
        holdings = self._recent(UtcMs(now - report.RECENT_MS))
        states = {held.order.broadcast.id: held.playback.state for held in holdings}

        def state(broadcast: BroadcastId) -> PlaybackState | None:
            playback = None if broadcast in states else store.ledger.playback(broadcast)
            return states.get(broadcast) or (playback.state if playback else None)

        return Status(
            speaker=self._speaker,
            at_ms=now,
            online=True,
            boot_id=self._boot_id,
            agent_version=VERSION,
            store_id=store.store_id,
            now_playing=playing.broadcast.id if playing else "",
            title=playing.title if playing else "",
            volume_percent=parts.conductor.volume_limit,
            clock=clock.trust,
            clock_source=clock.source,
            clock_error_ms=clock.error_ms,
            clock_system_ms=clock.system_ms,
            keys_version=store.keys_version,
            config_version=store.config.version if store.config else NEVER,
            highest_epoch=store.epoch,
            plans=report.plans_held(store.plans, lambda b: store.seen(f"broadcast:{b}"), state),
            broadcasts=report.broadcasts_held(
                holdings,
                parts.fetcher.progress,
                playing.broadcast.id if playing else None,
                progress[0] if progress else 0,
                parts.player.level_now_cdb,
            ),
            alarms=report.alarms(parts.disk.trouble, clips_full=parts.cache.full, silent=parts.player.failure != ""),
        )

    def _recent(self, since: UtcMs) -> list[Holding]:
        """As it was last, when the disk cannot be read: the alarm must be told all the same."""
        with suppress(DiskTrouble):
            self._held = self._parts.store.recent(since, self._clock.utc_ms(), report.MOST_BROADCASTS)
            self._waiting = self._parts.store.ledger.waiting_count()
        return self._held

    def telemetry(self) -> Telemetry:
        parts = self._parts
        self._recent(self._clock.utc_ms())
        numbers = {
            "uptime_s": int(self._clock.monotonic_s() - self._began),
            "rss_kib": report.resident_kib(),
            "disk_free_mib": folder_free_mib(parts.files.folder),
            "records_waiting": self._waiting,
            "underruns": parts.player.underruns,
            "sound_failed": int(parts.player.failure != ""),
            "amplifier_failed": int(parts.conductor.amplifier_trouble != ""),
            "disk_failed": int(parts.disk.trouble != "" or parts.fetcher.trouble != ""),
            "database_began_anew": int(parts.store.began_anew != ""),
            **parts.counters.snapshot(),
        }
        return Telemetry(self._speaker, self._clock.utc_ms(), numbers)
