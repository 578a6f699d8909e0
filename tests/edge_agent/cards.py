"""A modelled sound card: a clock of its own that is off, and answers about it that jitter as PortAudio's do.

A null sink of a sound server runs on the computer's clock and shows no drift, so drift has to be modelled.
"""

import random
from collections.abc import Iterator

from edge_agent.sinks.port import BLOCK_FRAMES, RATE
from edge_agent.sinks.steering import Steering

SECOND_NS = 1_000_000_000


class ModelCard:
    """Takes block after block; frame n leaves it at `leaves_ns(n)`."""

    def __init__(self, begin_ns: int, ppm: float, seed: int) -> None:
        self.begin_ns = begin_ns
        self.per_frame_ns = SECOND_NS / (RATE * (1 + ppm / 1e6))
        self._dice = random.Random(seed)
        self._frames = 0

    def leaves_ns(self, frame: float) -> float:
        return self.begin_ns + frame * self.per_frame_ns

    def take(self, steering: Steering, seconds: float) -> Iterator[bytes]:
        """The blocks of so many seconds of UTC, one after the other."""
        until = self.begin_ns + (self._frames * self.per_frame_ns) + seconds * SECOND_NS
        while self.leaves_ns(self._frames) < until:
            told = self.leaves_ns(self._frames) + self._dice.gauss(0, 300_000)
            if self._dice.random() < 0.01:
                told += self._dice.uniform(0, 8_000_000)
            yield steering.fill(BLOCK_FRAMES, round(told))
            self._frames += BLOCK_FRAMES
