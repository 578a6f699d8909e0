"""A machine whose clocks are in a test's hand, and a controller far away that says what time it is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from edge_agent.machine import NOT_KEPT, KernelTime
from protocol.codec import load
from protocol.keys import Role, SigningKey
from protocol.messages import ClockAnswer, ClockAsk
from protocol.topics import CLOCK_ANSWER, SpeakerTopic, build
from tests.rig.site import Signer

MS = 1_000_000
DAY_MS = 86_400_000


@dataclass
class HandMachine:
    """True time goes by `pass_ms`; monotonic time goes with it, by a crystal that is off by `ppm`.

    The operating system's clock is monotonic time plus what it was set to.
    """

    true_ns: int
    mono_ns: int = 20_000 * MS
    ppm: int = 0
    booted: str = "boot-1"
    ntp: KernelTime = NOT_KEPT
    battery: bool = False
    battery_reads_ns: int | None = None
    """What the battery clock says instead of the truth."""
    wrong_ns: int = 0
    """How far the system's clock is ahead of true time at the start."""
    _set_to_ns: int = field(init=False)

    def __post_init__(self) -> None:
        self._set_to_ns = self.true_ns + self.wrong_ns - self.mono_ns

    def pass_ms(self, duration: float) -> None:
        span = round(duration * MS)
        self.true_ns += span
        self.mono_ns += span + span * self.ppm // 1_000_000

    def step_system(self, by_ns: int) -> None:
        """As by `date -s`: the kernel takes back its word on NTP."""
        self._set_to_ns += by_ns
        self.ntp = NOT_KEPT

    def power_cut(self, off_ms: float, *, system_ns: int | None = None) -> None:
        """Monotonic time begins anew; the system's clock has `system_ns`, or the truth from its battery."""
        self.true_ns += round(off_ms * MS)
        self.booted = f"boot-{int(self.booted.split('-')[1]) + 1}"
        self.mono_ns = 15_000 * MS
        self._set_to_ns = (self.true_ns if system_ns is None else system_ns) - self.mono_ns

    def system_ns(self) -> int:
        return self.mono_ns + self._set_to_ns

    def monotonic_ns(self) -> int:
        return self.mono_ns

    def boot_id(self) -> str:
        return self.booted

    def kernel(self) -> KernelTime:
        return self.ntp

    def battery_ns(self) -> int | None:
        if self.battery_reads_ns is not None:
            return self.battery_reads_ns
        return self.true_ns // 1_000_000_000 * 1_000_000_000 if self.battery else None

    def sleep_until_ns(self, instant: int) -> None:
        self.pass_ms(max(0, instant - self.mono_ns) / MS)

    def condition(self) -> threading.Condition:
        return threading.Condition()


@dataclass
class FarController:
    """The line to it: questions go up and answers come down as slowly as the broker likes; its clock is `ahead_ns`."""

    site: Signer
    machine: HandMachine
    connected: bool = True
    up_ms: float = 20
    down_ms: float = 20
    ahead_ns: int = 0
    signed_by: SigningKey | None = None
    """Another key than the site's own."""
    twist: Callable[[ClockAnswer], ClockAnswer] = lambda answer: answer
    """What somebody makes of the answer before it is signed."""
    copies: int = 1
    asked: int = 0
    """Questions that left the box."""
    answers: list[tuple[int, str, bytes]] = field(default_factory=list)
    """On their way: true time of arrival, topic, payload."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> object | None:
        assert (qos, retain) == (1, False)
        if not self.connected:
            return None
        self.asked += 1
        ask = load(ClockAsk, payload)
        assert topic == f"loaxa/v1/speakers/{ask.speaker}/clock/ask"
        came = self.machine.true_ns + round(self.up_ms * MS)
        utc_us = (came + self.ahead_ns) // 1_000
        answer = ClockAnswer(ask.speaker, ask.nonce, ask.asked_us, utc_us, utc_us + 80)
        sealed = self.site.seal(self.twist(answer), self.signed_by or self.site.keys[Role.SESSION])
        there = build(SpeakerTopic(ask.speaker, CLOCK_ANSWER))
        self.answers.extend([(came + 80_000 + round(self.down_ms * MS), there, sealed)] * self.copies)
        return object()

    def next_arrival(self, until_ns: int) -> int | None:
        """The true time at which the next answer comes, if that is not after `until_ns`."""
        return min((at for at, _, _ in self.answers if at <= until_ns), default=None)

    def arrived(self) -> list[tuple[str, bytes]]:
        """What has come to the box by now."""
        now = self.machine.true_ns
        here = [(topic, payload) for at, topic, payload in sorted(self.answers) if at <= now]
        self.answers = [waiting for waiting in self.answers if waiting[0] > now]
        return here
