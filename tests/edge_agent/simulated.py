"""A box without processes: the real store, clerk, conductor and player, on a clock and a decoder that tests drive."""

from pathlib import Path

import pytest

from audio.clips import ClipStore
from edge_agent import stage
from edge_agent.amplifier import Amplifier
from edge_agent.clerk import Clerk, Taken
from edge_agent.clipfiles import ClipFiles
from edge_agent.conductor import Conductor
from edge_agent.counters import Counters
from edge_agent.measuring import ms_to_frames
from edge_agent.player import Player
from edge_agent.settings import load
from edge_agent.store import Store
from protocol.belief import judge_record
from protocol.messages import BroadcastOrder, PlaybackRecord
from protocol.topics import CONFIG, AreaRoute, BroadcastTopic, KeysTopic, SpeakerTopic, build
from schedules.playhead import ClockTrust
from schedules.states import PlaybackState
from schedules.units import BroadcastId, DurationMs, UtcMs
from tests.edge_agent.clocks import StandingClock
from tests.rig.box import write_config
from tests.rig.clips import TestClip
from tests.rig.site import AREA, Signer, now_ms

BLOCK = 960
BLOCK_MS = 20
LOUD = (3_000).to_bytes(2, "little")


class ConstantFeed:
    """The content as a constant, given out without delay."""

    def __init__(self, parts: list[tuple[Path, DurationMs]], offset: int) -> None:
        self.fault = ""
        self._left = ms_to_frames(sum(duration for _, duration in parts) - offset)

    @property
    def finished(self) -> bool:
        return self._left <= 0

    def wait_primed(self, _seconds: float) -> bool:
        return True

    def take(self, frames: int) -> bytes:
        given = max(0, min(frames, self._left))
        self._left -= given
        return LOUD * given

    def skip(self, frames: int) -> None:
        self._left -= frames

    def close(self) -> None:
        self._left = 0


class SimulatedBox:
    """Introduced to its site. Time stands still but for `play` and `pass_time`."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.site = Signer()
        self.settings = load(write_config(folder, self.site, 1883))
        self.clock = StandingClock(now_ms())
        self.amplifier = Amplifier(self.clock)
        patch.setattr(stage, "Feed", ConstantFeed)
        self.switch_on()
        self.take(build(KeysTopic(1)), self.site.key_list())
        self.configure(1)

    @property
    def utc(self) -> UtcMs:
        return self.clock.utc

    def switch_on(self) -> None:
        self.counters = Counters()
        self.store = Store(self.settings.data, self.settings, self.utc)
        self.files = ClipFiles(self.settings.data / "clips")
        self.clerk = Clerk(self.store, self.counters)
        self.player = Player(lambda event: self.conductor.tell(event))
        self.conductor = Conductor(
            self.clock, self.store, self.files, self.player, self.counters, self.amplifier, lambda: None
        )

    def restart(self) -> None:
        """Without a word: as after a power cut."""
        self.store.close()
        self.switch_on()

    def take(self, topic: str, payload: bytes) -> Taken:
        return self.clerk.take(topic, payload, self.utc, ClockTrust.SYNCED)

    def configure(self, revision: int, **what: object) -> None:
        self.take(build(SpeakerTopic(self.site.speaker, CONFIG)), self.site.config(revision=revision, **what))  # type: ignore[arg-type]

    def give(self, order: BroadcastOrder) -> Taken:
        return self.take(build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id)), self.site.sign_order(order))

    def hold(self, clip: TestClip) -> None:
        """The audio is on the disk."""
        source = self.settings.data / "clip"
        source.write_bytes(clip.data)
        ClipStore(self.files.folder).add(source)
        source.unlink()

    def pass_time(self, duration: int) -> None:
        """No block is asked for meanwhile."""
        self.clock.pass_time(duration)

    def block(self) -> tuple[str, ...]:
        """One block of the sink; the broadcasts that sound in it."""
        self.player.fill(BLOCK, self.utc * 1_000_000)
        self.pass_time(BLOCK_MS)
        return self.player.sounding()

    def play(self, duration: int) -> list[tuple[str, ...]]:
        """Steps and blocks in turn for `duration` ms; what sounded in each block."""
        heard = []
        for n in range(duration // BLOCK_MS):
            if n % 5 == 0:
                self.conductor.step_safely()
            heard.append(self.block())
        self.conductor.step_safely()
        return heard

    def refuse_writes(self, refused: bool) -> None:
        """The disk as the operating system leaves it after an error: mounted read-only."""
        self.store.database.rows(f"PRAGMA query_only = {int(refused)}")

    def state(self, order: BroadcastOrder) -> PlaybackState | None:
        playback = self.store.ledger.playback(BroadcastId(order.broadcast.id))
        return playback.state if playback else None

    def records(self, order: BroadcastOrder) -> list[PlaybackRecord]:
        told = [
            judge_record(kept.payload, self.site.site, self.site.speaker, self.site.box.public_hex)
            for kept in self.store.ledger.waiting(10_000)
        ]
        return [r for r in told if isinstance(r, PlaybackRecord) and r.broadcast == order.broadcast.id]
