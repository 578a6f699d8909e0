"""When to try again: twice as late after each failure, with a random part so that boxes do not march in step."""

import random
from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Seconds on any monotonic clock. Due at once until the first failure."""

    first: float
    most: float
    _next: float = 0.0
    _failures: int = 0

    def due(self, now: float) -> bool:
        return now >= self._next

    def failed(self, now: float) -> None:
        pause = min(self.most, self.first * 2**self._failures)
        self._failures += 1
        self._next = now + pause * random.uniform(0.75, 1.25)  # noqa: S311
