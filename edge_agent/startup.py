"""Starts the agent's parts in order and stops them in reverse; the only place that knows them all."""

import logging
import secrets
import signal
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from types import FrameType

from edge_agent.amplifier import Amplifier
from edge_agent.cache import Cache
from edge_agent.clerk import Clerk, Taken
from edge_agent.clipfiles import ClipFiles
from edge_agent.clock import BoxClock
from edge_agent.commands import RESTART_EXIT, Commands
from edge_agent.conductor import Conductor
from edge_agent.counters import Counters
from edge_agent.database import DiskTrouble
from edge_agent.diskwatch import DiskWatch
from edge_agent.fetcher import Fetcher, wanted
from edge_agent.housekeeping import Housekeeping
from edge_agent.inbox import Inbox
from edge_agent.link import Link
from edge_agent.machine import Machine
from edge_agent.player import Player, PlayerEvent
from edge_agent.refuge import Refuge
from edge_agent.reporter import Parts, Reporter, offline
from edge_agent.settings import Settings
from edge_agent.sinks.choice import make_sink
from edge_agent.standing import standing
from edge_agent.store import Store
from edge_agent.supervisor import Supervisor, of_this_process
from edge_agent.timekeeper import Timekeeper
from edge_agent.words import Lang
from protocol.topics import CLOCK_ANSWER, ROOT, SpeakerTopic, build
from schedules.model import ClipRef
from schedules.playhead import ClockTrust
from schedules.units import UtcMs

_log = logging.getLogger(__name__)

_GOODBYE_S = 1.0


class Agent:
    """Everything of one box, wired. `run` returns the exit code."""

    def __init__(self, settings: Settings, machine: Machine, lang: Lang = Lang.VI) -> None:
        self._clock = clock = BoxClock(machine)
        self._boot_id = secrets.token_hex(8)
        self._settings = settings
        self._answers = build(SpeakerTopic(settings.speaker, CLOCK_ANSWER))
        # The one queue that a signal handler may use whatever it interrupts; an Event's lock is not re-entrant.
        self._ending: SimpleQueue[int] = SimpleQueue()
        now = clock.utc_ms()
        self._counters = counters = Counters()
        self._refuge: Refuge | None = None
        self._store = store = self._open_store(now)
        self._files = ClipFiles(settings.data / "clips")
        self._link = Link(settings.broker, settings.speaker, offline(settings.speaker, self._boot_id, now))
        self._player = Player(self._from_player)
        self._sink = make_sink(clock, settings.sound, self._player)
        self._amplifier = Amplifier(clock, settings.amplifier, counters, self._amplifier_troubled)
        self._conductor = Conductor(clock, store, self._files, self._player, counters, self._amplifier, self._moved)
        cache = Cache(self._files, settings.clips_max_mib * 2**20, store.live)
        self._fetcher = Fetcher(
            clock, self._files, self._link, counters, self._wanted, self._want, self._fetched, cache.make_room
        )
        self._disk = DiskWatch(clock, settings.data, lambda: counters.snapshot().get("disk_errors", 0))
        self._timekeeper = Timekeeper(
            clock, machine, store, self._link, counters, lambda: self._fetcher.pulling, settings.battery
        )
        parts = Parts(store, self._files, self._player, self._conductor, self._fetcher, counters, self._disk, cache)
        if settings.sound.microphone:
            from edge_agent.ear import Ear

            self._conductor.listen_with(Ear(clock, settings.sound.microphone))
        self._clerk = Clerk(store, counters)
        self._housekeeping = Housekeeping(clock, store, self._files, self._clerk, self._link, self._want)
        self._reporter = Reporter(clock, parts, self._link, self._boot_id, self._tick)
        self._inbox = Inbox(clock, self._clerk, counters, self._link.acknowledge, self._taken, self._disk_refused)
        self._commands = Commands(clock, self._conductor, self._player, self._reporter.tell_all_now, self._end)
        self._last_trust = clock.trust()
        self._lang = lang
        threads = (lambda: self._conductor.turns, lambda: self._player.turns, lambda: self._inbox.turns)
        self._supervisor = Supervisor(of_this_process(), threads, self._standing)

    def _open_store(self, now: UtcMs) -> Store:
        """Raises DiskTrouble or OSError when there is no room in memory either."""
        try:
            return Store(self._settings.data, self._settings, now)
        except (DiskTrouble, OSError) as trouble:
            _log.error("the disk refuses (%s): what is here plays from memory; see `doctor`", trouble)
        self._refuge = Refuge.take(self._settings.data, now)
        return self._refuge.open(self._settings)

    def run(self) -> int:
        """Run until SIGTERM, SIGINT or a restart command. Raises OSError or DiskTrouble when it cannot begin."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        steps = self._steps()
        done: list[Callable[[], None]] = []
        try:
            for start, stop in steps:
                start()
                done.append(stop)
            _log.info("speaker %s is up", self._settings.speaker)
            exit_code = self._ending.get()
        finally:
            for stop in reversed(done):
                stop()
            self._timekeeper.note()
            self._store.close()
            if self._refuge is not None:
                self._refuge.leave()
        return exit_code

    def _steps(self) -> list[tuple[Callable[[], None], Callable[[], None]]]:
        self._link.received = self._received
        self._link.came_up = self._came_up
        return [
            (self._amplifier.start, self._amplifier.stop),
            (self._sink.open, self._sink.close),
            (self._conductor.start, self._conductor.stop),
            (self._inbox.start, self._inbox.stop),
            (self._fetcher.start, self._fetcher.stop),
            (self._link.start, self._part),
            (self._reporter.start, self._reporter.stop),
            (self._supervisor.start, self._fall_silent),
        ]

    def _fall_silent(self) -> None:
        self._supervisor.stop()
        self._conductor.finish()

    def _standing(self) -> str:
        playing = self._conductor.now_playing
        return standing(
            self._lang,
            connected=self._link.connected,
            clock=self._clock.trust(),
            sound_failure=self._player.failure or self._amplifier.trouble,
            playing=playing.title if playing else "",
        )

    def _part(self) -> None:
        """Say goodbye, so that nobody has to wait for the last will."""
        topic, payload = offline(self._settings.speaker, self._boot_id, self._clock.utc_ms())
        info = self._link.publish(topic, payload, retain=True)
        if info is not None:
            info.wait_for_publish(_GOODBYE_S)
        # A connection attempt to a silent host can hold the network thread for seconds: it may be left behind.
        leaving = threading.Thread(target=self._link.stop, daemon=True)
        leaving.start()
        leaving.join(_GOODBYE_S)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._ending.put(0)

    def _go_home(self, refuge: Refuge) -> None:
        """Start anew from the disk, when nothing sounds and all that was recorded in memory is confirmed."""
        if self._conductor.busy or self._store.ledger.waiting_count():
            return
        try:
            refuge.bring_home(self._store)
        except DiskTrouble as trouble:
            self._counters.add("disk_errors")  # so that it is told
            _log.warning("the disk still refuses: %s", trouble)
            return
        self._end()

    def _end(self) -> None:
        self._ending.put(RESTART_EXIT)

    def _received(self, topic: str, payload: bytes, mid: int, qos: int) -> None:
        if topic.startswith(f"{ROOT}/audio/"):
            self._link.acknowledge(mid, qos)
            self._fetcher.put(topic, payload)
        elif topic == self._answers:
            self._timekeeper.heard(topic, payload)
            self._link.acknowledge(mid, qos)
        else:
            self._inbox.put(topic, payload, mid, qos)

    def _came_up(self) -> None:
        self._housekeeping.connected()
        self._fetcher.ask_anew()
        self._timekeeper.connected()
        self._reporter.connected()

    def _taken(self, taken: Taken) -> None:
        if taken.trust:
            self._housekeeping.listen_anew()
        if taken.broadcasts or taken.trust:
            self._conductor.poke()
            self._fetcher.poke()
        if taken.command is not None:
            self._commands.obey(taken.command)
        if taken != Taken():
            self._reporter.changed()

    def _disk_refused(self, sentence: str) -> None:
        self._housekeeping.disk_refused(sentence)
        self._reporter.trouble()

    def _amplifier_troubled(self) -> None:
        self._reporter.trouble()

    def _from_player(self, event: PlayerEvent) -> None:
        if not self._commands.is_tone(event):
            self._conductor.tell(event)

    def _moved(self) -> None:
        self._reporter.changed()
        self._fetcher.poke()

    def _fetched(self, whole: bool) -> None:
        if whole:
            self._conductor.poke()
            self._reporter.changed()
        else:
            self._reporter.progressed()

    def _wanted(self) -> list[ClipRef]:
        return wanted(self._store.live(), self._clock.utc_ms())

    def _want(self, topics: Sequence[str]) -> None:
        self._reporter.want(topics)

    def _tick(self, monotonic: float) -> bool:
        """True while the clock has to be asked for: one question at each look."""
        self._timekeeper.step()
        trust = self._clock.trust()
        if trust is not self._last_trust:
            self._last_trust = trust
            self._inbox.judge_deferred_soon()
            self._conductor.poke()
            self._reporter.changed()
        if self._disk.look(monotonic):
            self._reporter.changed()
        if self._refuge is not None and not self._disk.trouble:
            self._go_home(self._refuge)
        self._housekeeping.step(monotonic, self._clock.utc_ms())
        return trust is ClockTrust.UNKNOWN or self._timekeeper.asking
