"""One round of questions about the time: eight, one after the other, of which the quickest answer counts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge_agent.estimate import Estimate, Source
from protocol.messages import ClockAnswer

QUESTIONS = 8
MOST_ROUND_TRIP_US = 2_000_000
"""Slower answers are not used: they could be wrong by more than a second."""
_PATIENCE_US = 2_500_000
_RESOLUTION_US = 1


def sampled(answer: ClockAnswer, heard_us: int) -> Estimate | None:
    """The offset by the four timestamps (RFC 5905, section 8), wrong by at most half the round trip; None: too slow.

    Monotonic microseconds here, UTC microseconds there. What the controller needed is not counted: it is signed.
    """
    round_trip = (heard_us - answer.asked_us) - (answer.sent_us - answer.received_us)
    if not 0 <= round_trip <= MOST_ROUND_TRIP_US:
        return None
    offset_ns = ((answer.received_us - answer.asked_us) + (answer.sent_us - heard_us)) * 500
    at_ns = heard_us * 1_000
    return Estimate(Source.ANSWER, offset_ns, (round_trip // 2 + _RESOLUTION_US) * 1_000, at_ns, at_ns)


@dataclass(slots=True)
class Round:
    """`best` is the quickest so far. `slow` counts answers that were not used."""

    asked: int = 0
    slow: int = 0
    best: Estimate | None = None
    _open: dict[str, int] = field(default_factory=dict)

    @property
    def open(self) -> Mapping[str, int]:
        """Nonce → when it was asked, µs: the questions that may still be answered."""
        return self._open

    @property
    def over(self) -> bool:
        return self.asked >= QUESTIONS and not self._open

    def ask(self, nonce: str, now_us: int) -> bool:
        """Whether `nonce` shall be asked now: one question at a time, given up after a while."""
        self._open = {name: at for name, at in self._open.items() if now_us - at <= _PATIENCE_US}
        if self._open or self.asked >= QUESTIONS:
            return False
        self.asked += 1
        self._open[nonce] = now_us
        return True

    def take(self, answer: ClockAnswer, heard_us: int) -> bool:
        """The believed answer to an open question; false when it was too slow to be used."""
        del self._open[answer.nonce]
        sample = sampled(answer, heard_us)
        if sample is None:
            self.slow += 1
            return False
        if self.best is None or sample.error_ns <= self.best.error_ns:
            self.best = sample
        return True
