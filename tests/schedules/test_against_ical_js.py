"""Our rules and edits against ical.js: twenty thousand random series in one process of node, from a fixed seed."""

import json
import shutil
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from random import Random
from threading import Thread
from typing import IO

import pytest

from schedules.edits import Item, Move, Scope, Skip, edit, split
from schedules.model import Schedule
from schedules.recurrence import expand, originals
from schedules.units import ScheduleId
from schedules.wall import utc_ms
from tests.schedules.rulemaker import event_lines, horizon, random_schedule

MANY = 20_000
BATCHES = 8
"""Tests, so that each ends in time on a busy machine."""
SCRIPT = Path(__file__).with_name("ical_js.mjs")
AROUND = timedelta(days=12)


@dataclass(frozen=True)
class Case:
    """A series as our edits leave it, in one part or two, and the same as a calendar says it."""

    seed: int
    parts: tuple[Schedule, ...]
    until: datetime
    calendar: str


def case(seed: int) -> Case:
    random, made = Random(~seed), random_schedule(seed)
    until = horizon(made)
    known = list(takewhile(lambda at: at < until, originals(made)))
    chosen = random.sample(known, min(len(known) - 1, random.choice((0, 0, 1, 2, 4))))
    removed, moved, now = list[datetime](), list[tuple[datetime, datetime]](), made
    for original in chosen:
        if random.random() < 0.5:
            removed.append(original)
            now = _after(edit(now, original, Scope.THIS, Skip(), ScheduleId("s-2")))
        else:
            start = original + timedelta(minutes=15 * random.randint(-900, 900))
            moved.append((original, start))
            now = _after(edit(now, original, Scope.THIS, Move(start), ScheduleId("s-2")))
    parts = split(now, random.choice(known[1:]), ScheduleId("s-2")) if len(known) > 1 and seed % 3 == 0 else (now,)
    return Case(seed, parts, until, event_lines(made, removed, [pair for pair in moved if pair[0] != pair[1]]))


def _after(items: tuple[Item, ...]) -> Schedule:
    (item,) = items
    assert item.after is not None
    return item.after


def ours(made: Case) -> list[list[str]]:
    begin = utc_ms((min(part.local_start for part in made.parts) - AROUND).replace(tzinfo=UTC))
    end = utc_ms((made.until + AROUND).replace(tzinfo=UTC))
    found = (each for part in made.parts for each in expand(part, begin, end) if each.original < made.until)
    return sorted([each.original.isoformat(), each.wall.isoformat()] for each in found)


@pytest.fixture(scope="module")
def ical_js() -> Iterator[subprocess.Popen[str]]:
    """One node that answers line by line."""
    node = shutil.which("node")
    assert node, "the tests need node, as the build of the pages does"
    with subprocess.Popen([node, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.mark.timeout(180)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_rules_and_edits_are_what_ical_js_makes_of_them(batch: int, ical_js: subprocess.Popen[str]) -> None:
    stdin, stdout = ical_js.stdin, ical_js.stdout
    assert stdin is not None
    assert stdout is not None
    asked: deque[Case] = deque()
    seeds = range(batch * MANY // BATCHES, (batch + 1) * MANY // BATCHES)
    asker = Thread(target=_ask, args=(seeds, asked, stdin))
    asker.start()
    happened = 0
    for _ in seeds:
        theirs = json.loads(stdout.readline())
        made = asked.popleft()
        assert isinstance(theirs, list), (made, theirs)
        assert ours(made) == sorted(theirs), made
        happened += len(theirs)
    asker.join()
    assert happened > 5 * len(seeds), "most rules must really happen several times"


def _ask(seeds: Iterable[int], asked: deque[Case], stdin: IO[str]) -> None:
    for seed in seeds:
        made = case(seed)
        asked.append(made)
        line = {"ics": made.calendar, "until": made.until.isoformat(), "most": 1000}
        stdin.write(json.dumps(line) + "\n")
        stdin.flush()


def test_a_difference_would_be_found() -> None:
    """The same way with one rule that is not what the calendar says."""
    made = case(5)
    wrong = replace(
        made, parts=tuple(replace(part, local_start=part.local_start + timedelta(1)) for part in made.parts)
    )
    assert ours(made) != ours(wrong)
