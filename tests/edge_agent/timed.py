"""A box without processes on a machine with faults of time: store, clerk, timekeeper, conductor and player are real."""

from pathlib import Path

import pytest

from audio.clips import ClipStore
from edge_agent import stage
from edge_agent.amplifier import Amplifier
from edge_agent.clerk import Clerk
from edge_agent.clipfiles import ClipFiles
from edge_agent.clock import BoxClock
from edge_agent.conductor import Conductor
from edge_agent.counters import Counters
from edge_agent.player import Player
from edge_agent.settings import load
from edge_agent.store import Store
from edge_agent.timekeeper import Timekeeper
from protocol.messages import BroadcastOrder
from protocol.topics import CONFIG, AreaRoute, BroadcastTopic, KeysTopic, SpeakerTopic, build
from schedules.playhead import ClockTrust
from schedules.states import PlaybackState, Reason
from tests.edge_agent.machines import MS, FarController, HandMachine
from tests.edge_agent.simulated import BLOCK, ConstantFeed
from tests.rig.box import write_config
from tests.rig.clips import chimed
from tests.rig.site import AREA, Signer, order_of

STEP_MS = 20


class TimedBox:
    """It knows its keys and config. `heard` says what sounded when: (true ms, broadcast), one a block."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, machine: HandMachine, *, battery: bool | None = None
    ) -> None:
        patch.setattr(stage, "Feed", ConstantFeed)
        self.site = Signer()
        self.machine, self.battery = machine, battery
        self.settings = load(write_config(folder, self.site, 1883))
        self.controller = FarController(self.site, machine)
        self.pulling = False
        self.heard: list[tuple[float, str]] = []
        self.switch_on()
        self.clerk.take(build(KeysTopic(1)), self.site.key_list(), self.clock.utc_ms(), ClockTrust.UNKNOWN)
        config = build(SpeakerTopic(self.site.speaker, CONFIG))
        self.clerk.take(config, self.site.config(), self.clock.utc_ms(), ClockTrust.UNKNOWN)

    def switch_on(self) -> None:
        self.counters = Counters()
        self.clock = clock = BoxClock(self.machine)
        self.store = Store(self.settings.data, self.settings, clock.utc_ms())
        self.files = ClipFiles(self.settings.data / "clips")
        self.keeper = Timekeeper(
            clock, self.machine, self.store, self.controller, self.counters, lambda: self.pulling, self.battery
        )
        self.clerk = Clerk(self.store, self.counters)
        self.player = Player(lambda event: self.conductor.tell(event))
        self.conductor = Conductor(
            clock, self.store, self.files, self.player, self.counters, Amplifier(clock), lambda: None
        )
        self.trusted = ClockTrust.UNKNOWN
        self.ticks = 0

    def restart(self) -> None:
        """Without a word, as after SIGKILL."""
        self.store.close()
        self.switch_on()

    def order(self, name: str, after_ms: float, seconds: int = 3, **what: object) -> BroadcastOrder:
        """One to begin so much later in true time; its sound is here."""
        clip = chimed(seconds)
        source = self.settings.data / "clip"
        source.write_bytes(clip.data)
        ClipStore(self.files.folder).add(source)
        return order_of(name, clip, self.machine.true_ns // MS + round(after_ms), **what)  # type: ignore[arg-type]

    def give(self, order: BroadcastOrder) -> None:
        topic = build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id))
        self.clerk.take(topic, self.site.sign_order(order), self.clock.utc_ms(), self.clock.trust())

    def run(self, duration_ms: float) -> None:
        """Everything goes its way in steps of a block."""
        until = self.machine.true_ns + round(duration_ms * MS)
        while self.machine.true_ns < until:
            if self.ticks % 10 == 0:
                self.keeper.step()
                self._follow_trust()
            if self.ticks % 5 == 0:
                self.conductor.step_safely()
            self.player.fill(BLOCK, self.clock.utc_ns())
            self.heard.extend((self.machine.true_ns / MS, name) for name in self.player.sounding())
            self._pass(STEP_MS)
            self.ticks += 1

    def skip(self, duration_ms: float, step_ms: float = 200) -> None:
        """A quiet stretch: nobody asks for sound."""
        until = self.machine.true_ns + round(duration_ms * MS)
        while self.machine.true_ns < until:
            self.keeper.step()
            self._follow_trust()
            self._pass(step_ms)

    def _pass(self, duration_ms: float) -> None:
        """Time goes by; an answer is heard in the moment in which it comes."""
        end = self.machine.true_ns + round(duration_ms * MS)
        while (at := self.controller.next_arrival(end)) is not None:
            self.machine.pass_ms((at - self.machine.true_ns) / MS)
            for topic, payload in self.controller.arrived():
                self.keeper.heard(topic, payload)
        self.machine.pass_ms((end - self.machine.true_ns) / MS)

    def _follow_trust(self) -> None:
        """As edge_agent/startup.py does."""
        if (trust := self.clock.trust()) is not self.trusted:
            self.trusted = trust
            self.clerk.judge_deferred(self.clock.utc_ms(), trust)

    @property
    def error_ms(self) -> float:
        """How far what the box takes for UTC is ahead of the truth."""
        return (self.clock.utc_ns() - self.machine.true_ns) / MS

    def began_at(self, order: BroadcastOrder) -> float | None:
        """How long after its time, in true ms, the first block with sound of it was taken."""
        times = [at for at, name in self.heard if name == order.broadcast.id]
        return times[0] - order.broadcast.start if times else None

    def end(self, order: BroadcastOrder) -> tuple[PlaybackState, Reason] | None:
        playback = self.store.ledger.playback(order.broadcast.id)
        return (playback.state, playback.reason) if playback else None
