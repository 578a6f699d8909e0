"""The port to time: what the parts of the agent ask for, and the box's clock behind it.

Only edge_agent/machine.py reads clocks. `Clock` is handed to every part that needs one; a simulated machine drives the
very same threads, because they wait by its conditions and sleep by it. The operating system's clock is never set: UTC
is monotonic time plus the best known offset (edge_agent/estimate.py).
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from edge_agent.estimate import Estimate, trust_of
from edge_agent.machine import LinuxMachine, Machine
from schedules.playhead import ClockTrust
from schedules.units import UtcMs

_FIRST_CREDIBLE_YEAR = 2024
"""A box without a battery wakes up in 1970 or at the build date of its image; nothing earlier can be true."""
_SLEWED_NS = 100_000_000
"""Corrections up to this come in little by little, so that nothing that sounds jumps."""
_SLEW_PPB = 500_000


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What the box tells about its clock. `system_ms` is how far the operating system's clock is ahead of UTC."""

    trust: ClockTrust
    source: str = "none"
    error_ms: int = 0
    system_ms: int = 0


class Clock(Protocol):
    """All of it may be called from any thread."""

    def utc_ns(self) -> int:
        """UTC nanoseconds since the epoch, as well as the box knows (see `trust`)."""
        ...

    def utc_ms(self) -> UtcMs: ...

    def trust(self) -> ClockTrust:
        """Whether UTC can be believed now."""
        ...

    def facts(self) -> ClockFacts: ...

    def monotonic_ns(self) -> int:
        """Nanoseconds since the machine was started; they never step."""
        ...

    def monotonic_s(self) -> float: ...

    def boot_id(self) -> str:
        """Of this run of the machine: monotonic time means something only within it."""
        ...

    def sleep_until_ns(self, instant: int) -> None:
        """Return at the monotonic `instant` or shortly after."""
        ...

    def condition(self) -> threading.Condition:
        """A condition whose waiting ends by this clock's seconds: what a part's thread waits for with a limit."""
        ...


@dataclass(frozen=True, slots=True)
class _Course:
    """What UTC is by: an estimate, and what is still missing of the way to it."""

    estimate: Estimate
    behind_ns: int
    since_ns: int

    def rest_at(self, monotonic_ns: int) -> int:
        """How much of it is still missing."""
        made_good = (monotonic_ns - self.since_ns) * _SLEW_PPB // 1_000_000_000
        return max(0, abs(self.behind_ns) - made_good)

    def offset_at(self, monotonic_ns: int) -> int:
        rest = self.rest_at(monotonic_ns)
        return self.estimate.offset_at(monotonic_ns) + (rest if self.behind_ns > 0 else -rest)


class BoxClock:
    """UTC by the best estimate that it was given; before the first, the operating system's guess."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._course: _Course | None = None
        self._not_before_ns = 0

    @property
    def estimate(self) -> Estimate | None:
        return self._course.estimate if self._course else None

    def go_by(self, estimate: Estimate) -> None:
        """From now on UTC is by `estimate`. A small difference is made good slowly, a big one at once."""
        now = self._machine.monotonic_ns()
        behind = 0
        if self._course is not None:
            behind = self._course.offset_at(now) - estimate.offset_at(now)
        self._course = _Course(estimate, behind if abs(behind) <= _SLEWED_NS else 0, now)

    def guess_from(self, utc_ns: int) -> None:
        """It is later than this: a guess for stamps until something better is known."""
        self._not_before_ns = utc_ns

    def utc_ns(self) -> int:
        course = self._course
        if course is None:
            return max(self._machine.system_ns(), self._not_before_ns)
        now = self._machine.monotonic_ns()
        return now + course.offset_at(now)

    def utc_ms(self) -> UtcMs:
        return UtcMs(self.utc_ns() // 1_000_000)

    def trust(self) -> ClockTrust:
        return trust_of(self.estimate, self._machine.monotonic_ns())

    def facts(self) -> ClockFacts:
        now, course, trust = self._machine.monotonic_ns(), self._course, self.trust()
        if course is None or trust is ClockTrust.UNKNOWN:
            return ClockFacts(ClockTrust.UNKNOWN)
        error = course.estimate.error_at(now) + course.rest_at(now)
        ahead = self._machine.system_ns() - self.utc_ns()
        return ClockFacts(trust, course.estimate.source.value, -(-error // 1_000_000), round(ahead / 1e6))

    def monotonic_ns(self) -> int:
        return self._machine.monotonic_ns()

    def monotonic_s(self) -> float:
        return self._machine.monotonic_ns() / 1e9

    def boot_id(self) -> str:
        return self._machine.boot_id()

    def sleep_until_ns(self, instant: int) -> None:
        self._machine.sleep_until_ns(instant)

    def condition(self) -> threading.Condition:
        return self._machine.condition()


class SystemClock(BoxClock):
    """The operating system's word, for the tools that look at a box without being its agent."""

    def __init__(self) -> None:
        super().__init__(LinuxMachine())

    def trust(self) -> ClockTrust:
        """A time service's word is enough; else a clock is only not believed when its year cannot be."""
        if self._machine.kernel().synced:
            return ClockTrust.SYNCED
        credible = datetime.fromtimestamp(self.utc_ms() / 1000, UTC).year >= _FIRST_CREDIBLE_YEAR
        return ClockTrust.HELD if credible else ClockTrust.UNKNOWN
