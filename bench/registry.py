"""The list of benches, their limits, and running some of them one after the other."""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType

from bench.figures import Figure
from bench.workplace import OutOfTime, Workplace


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: the module that has its `run`, and how long it may take."""

    name: str
    title: str
    seconds: float
    module: str

    def run(self, place: Workplace) -> list[Figure]:
        """Import only now: a bench's libraries must not weigh on the others."""
        figures: list[Figure] = import_module(self.module).run(place)
        return figures


BENCHES = (
    Bench("fanout", "An order reaches the last of 1,000 receivers", 120.0, "bench.fanout"),
    Bench("starts", "Start error and skew at the output", 190.0, "bench.starts"),
    Bench("preparing", "Preparing an upload against the ffmpeg command line", 430.0, "bench.preparing"),
    Bench("reading", "Reading the sentences of bulletins as people do, beside a naive reading", 15.0, "bench.reading"),
    Bench("voices", "From a text to sound: the first paragraph, ten minutes, memory", 95.0, "bench.voices"),
    Bench("codec", "Speech through the encoder and a horn: understood, and what it weighs", 60.0, "bench.codec"),
    Bench("planning", "Planning a province: hourly roll, a week from nothing, the day's page", 420.0, "bench.planning"),
    Bench("conflicts", "Checking a weekly schedule over a year before it is saved", 170.0, "bench.conflicts"),
    Bench("narrow", "A narrow line: an emergency overtakes, a download survives 20 breaks", 105.0, "bench.narrow"),
    Bench("agent", "An agent beside its peers: memory, processor, start, two in step", 100.0, "bench.agent"),
)


def chosen(names: Sequence[str], benches: Sequence[Bench] = BENCHES) -> tuple[Bench, ...]:
    """The benches of these names, all when none is named; KeyError names one that does not exist."""
    by_name = {bench.name: bench for bench in benches}
    return tuple(by_name[name] for name in names) if names else tuple(benches)


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the main thread after `seconds`, whatever it waits for."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"not done after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run_all(benches: Sequence[Bench]) -> tuple[list[Figure], list[str]]:
    """The figures of all, and a sentence for each bench that failed: one must not cost the others' figures."""
    figures: list[Figure] = []
    failures: list[str] = []
    for bench in benches:
        print(f"{bench.name}: {bench.title}", file=sys.stderr, flush=True)
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"loaxa-bench-{bench.name}-") as folder:
            place = Workplace(Path(folder), begun + bench.seconds)
            try:
                with _limit(bench.seconds):
                    figures += bench.run(place)
            except (Exception, OutOfTime) as error:
                failures.append(f"{bench.name}: {type(error).__name__}: {error}")
                place.say(f"FAILED: {failures[-1]}")
        place.say(f"done in {time.monotonic() - begun:.0f} s")
    return figures, failures
