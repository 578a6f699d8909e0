"""Where a bench works: a folder that goes away, and a way to tell how far it is."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure


@dataclass(frozen=True, slots=True)
class Workplace:
    """`folder` is this bench's own and is removed after it; `deadline` is on the monotonic clock."""

    folder: Path
    deadline: float

    def say(self, line: str) -> None:
        """Progress, for a person, on standard error."""
        print(f"  {line}", file=sys.stderr, flush=True)

    def seconds_left(self) -> float:
        """How long the bench may still take."""
        return self.deadline - time.monotonic()


class OutOfTime(BaseException):
    """A bench did not end within its limit; not an Exception, for what is measured goes on after many of those."""


Run = Callable[[Workplace], list[Figure]]
