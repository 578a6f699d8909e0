"""Whatever comes in whatever order - duplicates, old revisions, restarts, clock steps - the box stays truthful.

As long as the clock does not jump, a second and simple model (tests/edge_agent/oracle.py) says at each moment what
should sound, and in the end what should have become of everything.

Store, clerk, conductor, playhead and player are the real ones; the clock is simulated and the decoder is a model that
is never late.
"""

import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from audio.clips import ClipStore
from edge_agent import stage
from edge_agent.amplifier import Amplifier
from edge_agent.clerk import Clerk
from edge_agent.clipfiles import ClipFiles
from edge_agent.conductor import Conductor
from edge_agent.counters import Counters
from edge_agent.player import Player
from edge_agent.settings import load
from edge_agent.store import Store
from protocol.belief import judge_record
from protocol.messages import BroadcastOrder, PlaybackRecord
from protocol.topics import CONFIG, AreaRoute, BroadcastTopic, KeysTopic, SpeakerTopic, build
from schedules.model import Priority, StartRule
from schedules.playhead import ClockTrust
from schedules.states import BEGUN, FINAL, MOVES, PlaybackState, Reason
from schedules.units import BroadcastId, UtcMs
from tests.edge_agent.clocks import StandingClock
from tests.edge_agent.oracle import Oracle, Programme
from tests.edge_agent.simulated import BLOCK, BLOCK_MS, ConstantFeed
from tests.rig.box import write_config
from tests.rig.clips import chimed
from tests.rig.site import AREA, Signer, now_ms, order_of, revised

HAND_OVER_MS = 300
"""From the end of one programme to the next that waits: a step each 100 ms, a fade and a block."""


class Box(RuleBasedStateMachine):
    @initialize(heard_before=st.booleans(), clock_may_step=st.booleans())
    def begin(self, heard_before: bool, clock_may_step: bool) -> None:
        self.clock_may_step = clock_may_step
        self.oracle = Oracle()
        self.patch = pytest.MonkeyPatch()
        self.folder = tempfile.TemporaryDirectory()
        self.site = Signer()
        self.settings = load(write_config(Path(self.folder.name), self.site, 1883))
        self.clock = StandingClock(now_ms())
        self.patch.setattr(stage, "Feed", ConstantFeed)
        self.orders: dict[str, list[BroadcastOrder]] = {}
        self.final: dict[str, PlaybackState] = {}
        self.stepped = False
        self.came_out: Counter[str] = Counter()
        self.shared: Counter[str] = Counter()
        self.cut: set[str] = set()
        self.last_sounding: tuple[str, ...] = ()
        self.heard_at = 0
        self.right_at = self.clock.monotonic
        self.switch_on()
        if heard_before:
            self.audio_arrives(3)
            self.audio_arrives(5)
        self.take(build(KeysTopic(1)), self.site.key_list())
        self.take(build(SpeakerTopic(self.site.speaker, CONFIG)), self.site.config())
        if heard_before:  # begin in the middle of a programme: that is where most can go wrong
            self.new_order(100, 5, Priority.NORMAL, StartRule.FROM_START)
            self.time_passes(1_500)

    @property
    def utc(self) -> UtcMs:
        return self.clock.utc

    def switch_on(self) -> None:
        self.store = Store(self.settings.data, self.settings, self.utc)
        self.files = ClipFiles(self.settings.data / "clips")
        counters = Counters()
        self.clerk = Clerk(self.store, counters)
        self.player = Player(lambda event: self.box.tell(event))
        self.box = Conductor(
            self.clock, self.store, self.files, self.player, counters, Amplifier(self.clock), lambda: None
        )
        self.box.recover(self.utc)

    def take(self, topic: str, payload: bytes) -> None:
        self.clerk.take(topic, payload, self.utc, ClockTrust.SYNCED)

    def give(self, order: BroadcastOrder) -> None:
        self.take(build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id)), self.site.sign_order(order))

    @precondition(lambda self: len(self.orders) < 5)
    @rule(
        ahead=st.integers(-3_000, 15_000),
        seconds=st.sampled_from([3, 5]),
        priority=st.sampled_from(Priority),
        start_rule=st.sampled_from(StartRule),
    )
    def new_order(self, ahead: int, seconds: int, priority: Priority, start_rule: StartRule) -> None:
        name = f"b-{len(self.orders)}"
        clip = chimed(seconds)
        order = order_of(
            name, clip, self.utc + ahead, priority=priority, rule=start_rule, grace_ms=6_000, room_ms=5_000
        )
        self.know(name, order)

    def know(self, name: str, order: BroadcastOrder) -> None:
        self.orders[name] = [order]
        self.oracle.programmes[name] = Programme(order.broadcast)
        self.give(order)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), cancel=st.booleans())
    def revise(self, data: st.DataObject, cancel: bool) -> None:
        revisions = self.orders[data.draw(st.sampled_from(sorted(self.orders)))]
        newer = revised(revisions[-1], cancelled=cancel)
        revisions.append(newer)
        self.oracle.programmes[newer.broadcast.id].cancelled = newer.cancelled
        self.give(newer)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def any_revision_again(self, data: st.DataObject) -> None:
        revisions = self.orders[data.draw(st.sampled_from(sorted(self.orders)))]
        self.give(data.draw(st.sampled_from(revisions)))

    @rule(seconds=st.sampled_from([3, 5]))
    def audio_comes(self, seconds: int) -> None:
        self.audio_arrives(seconds)

    def audio_arrives(self, seconds: int) -> None:
        clip = chimed(seconds)
        source = Path(self.folder.name) / "clip"
        source.write_bytes(clip.data)
        ClipStore(self.files.folder).add(source)

    @rule(duration=st.integers(20, 8_000))
    def time_passes(self, duration: int) -> None:
        until = self.utc + duration
        while self.utc < until:
            for programme in self.oracle.programmes.values():
                programme.here = all(self.files.has(clip.id) for clip in programme.what.clips)
            self.oracle.ask(self.utc)
            self.box.step(self.utc)
            for _ in range(5):
                block = self.player.fill(BLOCK, self.utc * 1_000_000)
                self.check_sound(self.player.sounding(), block)
                self.clock.pass_time(BLOCK_MS)

    def check_sound(self, sounding: tuple[str, ...], block: bytes) -> None:
        """One at a time, nothing before its start nor, a fade and a decision apart, after its hard end."""
        assert len(sounding) < 2 or sounding != self.last_sounding, "two at once for longer than a take-over"
        self.last_sounding = sounding
        self.heard_at = self.utc if sounding else self.heard_at
        if not self.stepped:
            self.check_choice(sounding)
        if len(sounding) == 1:
            frames = BLOCK - block.count(b"\0\0")
            self.came_out[sounding[0]] += frames
            self.oracle.heard(sounding[0], self.utc + (BLOCK - frames) // 48, frames // 48)
        else:
            self.shared.update(sounding)  # a shared block cannot be counted apart
        if self.stepped:
            return
        for name in sounding:
            broadcast = self.orders[name][0].broadcast
            assert self.utc + BLOCK_MS >= broadcast.start
            assert self.utc <= broadcast.hard_end + 300

    def check_choice(self, sounding: tuple[str, ...]) -> None:
        wanted = () if self.oracle.on is None else (self.oracle.on,)
        if sounding == wanted:
            self.right_at = self.clock.monotonic
        wrong = self.clock.monotonic - self.right_at
        assert wrong <= HAND_OVER_MS, f"{sounding} sounds, {wanted} should for {wrong} ms"

    @precondition(lambda self: self.last_sounding and len(self.orders) < 8)
    @rule()
    def emergency_now(self) -> None:
        self.audio_arrives(3)
        name = f"b-{len(self.orders)}"
        order = order_of(name, chimed(3), self.utc, priority=Priority.EMERGENCY, grace_ms=6_000, room_ms=5_000)
        self.know(name, order)
        self.time_passes(2_000)
        silent = self.utc - self.heard_at
        assert self.stepped or silent <= HAND_OVER_MS, "an emergency silenced what played and did not sound itself"

    @rule()
    def power_cut(self) -> None:
        """Nothing is closed in order; the next life only has the disk."""
        self.cut.update(self.orders)
        self.store.close()
        self.switch_on()
        for name, programme in self.oracle.programmes.items():  # what the box knows of it is all that it can go on from
            playback = self.store.ledger.playback(BroadcastId(name))
            assert playback is not None
            programme.heard = playback.measured.heard_ms
            programme.skipped = playback.position - programme.heard if programme.heard else 0
            if programme.over == "whole" and playback.state not in FINAL:
                programme.over = ""  # its last second sounded but was not written down: it sounds again
            if name == self.oracle.on and playback.state not in BEGUN:
                self.oracle.on = None  # nothing says that it was on

    @precondition(lambda self: self.clock_may_step)
    @rule(by=st.integers(-20_000, 20_000))
    def clock_steps(self, by: int) -> None:
        self.clock.step(by)
        self.stepped = True

    def records(self) -> list[PlaybackRecord]:
        told = [
            judge_record(kept.payload, self.site.site, self.site.speaker, self.site.box.public_hex)
            for kept in self.store.ledger.waiting(10_000)
        ]
        return [record for record in told if isinstance(record, PlaybackRecord)]

    @invariant()
    def records_are_whole_and_legal(self) -> None:
        records = self.records()
        assert [record.n for record in records] == list(range(1, len(records) + 1))
        state: dict[str, PlaybackState] = {}
        for record in records:
            was = state.get(record.broadcast, PlaybackState.PENDING)
            assert record.state in MOVES[was], (was, record)
            state[record.broadcast] = record.state
            assert record.measured.heard_ms <= record.measured.content_ms
            assert record.state not in FINAL or record.reason is not Reason.PREEMPTED or record.measured.frames == 0
            if record.state in FINAL and record.broadcast not in self.cut:
                slack = 200 + BLOCK * self.shared[record.broadcast]
                assert abs(record.measured.frames - self.came_out[record.broadcast]) <= slack, record
            if record.state is PlaybackState.PLAYED:
                assert record.measured.heard_ms * 100 >= record.measured.content_ms * 99
        for name, final in self.final.items():
            assert state[name] is final
        self.final = {name: told for name, told in state.items() if told in FINAL}
        if self.orders:
            assert set(state) == set(self.orders)

    def teardown(self) -> None:
        if not hasattr(self, "box"):
            return
        last = max((order[0].broadcast.hard_end for order in self.orders.values()), default=self.utc)
        self.clock.step(max(0, last + 1_000 - self.utc))
        self.stepped = True
        self.time_passes(1_500)
        self.records_are_whole_and_legal()
        assert set(self.final) == set(self.orders)
        if not self.clock_may_step:
            for name, state in self.final.items():
                assert str(state) in self.oracle.verdicts(name), f"{name} is {state}"
        self.store.close()
        self.patch.undo()
        self.folder.cleanup()


TestBox = Box.TestCase
EXAMPLES = int(os.environ.get("LOAXA_EXAMPLES", "25"))
TestBox.settings = settings(max_examples=EXAMPLES, stateful_step_count=25, deadline=None)
