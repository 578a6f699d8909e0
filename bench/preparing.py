"""Preparing an upload: audio.prepare against the ffmpeg command line doing the same work; and memory by length."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from audio import chime
from audio.compose import compose
from audio.encode import BIT_RATE, OPTIONS
from audio.intake import take_file
from audio.segments import Whole, closing, levelled, opening
from audio.sources import Limits, Step
from bench.figures import Figure, against, alone
from bench.upload import repeated
from bench.workplace import Workplace
from deploy.demo.processes import python
from deploy.demo.processes import run as run_program

REPEATS = 3
MEMORY_MIB = 95.0
"""100 MB, the aim for the longest upload too."""
LONGEST_MINUTES = 119
"""As long as an upload may be, less than the chimes and the rounding of a minute."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What one preparation took."""

    seconds: float
    cpu_seconds: float
    peak_kib: int

    @property
    def mib(self) -> float:
        return self.peak_kib / 1024


class _Passes:
    """Counts, by what compose tells of its progress, how often it measured while settling, and how often it encoded."""

    def __init__(self) -> None:
        self.settles = self.rounds = 0
        self._before = Step.DECODE

    def __call__(self, step: Step, share: int) -> None:
        if step is Step.LEVEL and share > 70:
            self.settles += 1
        if step is Step.ENCODE and self._before is not Step.ENCODE:
            self.rounds += 1
        self._before = step


def run(place: Workplace) -> list[Figure]:
    """Wall time of 10 minutes, interleaved; then the peak memory of 10 seconds, 10 minutes and two hours."""
    shortest, short, long, longest = (
        place.folder / f"{name}.mp3" for name in ("10-seconds", "a-minute", "10-minutes", "two-hours")
    )
    run_program(python("bench.upload", str(shortest), "10"), seconds=place.seconds_left())
    run_program(python("bench.upload", str(short), "60"), seconds=place.seconds_left())
    repeated(short, 10, long)
    repeated(short, LONGEST_MINUTES, longest)
    _write_chimes(place.folder)
    passes = _count(long, place.folder)
    place.say(f"this recording takes {passes.settles} settling passes and {passes.rounds} rounds of encoding")
    turns = _race(long, place, passes)
    least = _once("ours", shortest, place, passes)
    most = _once("ours", longest, place, passes)
    return [*_compared(turns, passes), _memory_by_length(least, turns[0]["ours"], most)]


def _race(source: Path, place: Workplace, passes: _Passes) -> list[dict[str, _Told]]:
    """Each turn runs both, the first one changing; on a slow machine there are fewer turns."""
    turns: list[dict[str, _Told]] = []
    while len(turns) < REPEATS:
        begun = place.seconds_left()
        order = ("ours", "ffmpeg") if len(turns) % 2 == 0 else ("ffmpeg", "ours")
        turns.append({who: _once(who, source, place, passes) for who in order})
        took = begun - place.seconds_left()
        # The two hours take about twelve times as long as ten minutes, and are measured after this.
        if place.seconds_left() < took + 14 * turns[-1]["ours"].seconds:
            break
    return turns


def _compared(turns: list[dict[str, _Told]], passes: _Passes) -> list[Figure]:
    ours, peer = [turn["ours"] for turn in turns], [turn["ffmpeg"] for turn in turns]
    peer_is = (
        "ffmpeg command line, same filters and passes: 1 decode, 1 conditioning, "
        f"{passes.settles} settling, {passes.rounds} x encode and measure"
    )
    what = "prepare a 10-minute upload"
    return [
        against(f"{what}, wall", [t.seconds for t in ours], [t.seconds for t in peer], "s", peer_is=peer_is, at_most=1),
        against(
            f"{what}, processor", [t.cpu_seconds for t in ours], [t.cpu_seconds for t in peer], "s", peer_is="same",
        ),
        against(
            f"{what}, peak memory", [t.mib for t in ours], [t.mib for t in peer], "MiB",
            peer_is="the largest ffmpeg process",
        ),
    ]  # fmt: skip


def _memory_by_length(least: _Told, ten: _Told, most: _Told) -> Figure:
    return alone(
        "prepare, peak memory of 10 s … 2 h", max(least.mib, ten.mib, most.mib), "MiB",
        spread=f"10 s {least.mib:.0f}, 10 min {ten.mib:.0f}, 2 h {most.mib:.0f}", at_most=MEMORY_MIB,
    )  # fmt: skip


def _write_chimes(folder: Path) -> None:
    joint = chime.silence_pcm(chime.JOINT_MS)
    (folder / "opening.pcm").write_bytes(chime.opening_pcm() + joint)
    (folder / "closing.pcm").write_bytes(joint + chime.closing_pcm())


def _count(source: Path, folder: Path) -> _Passes:
    work = folder / "counting"
    work.mkdir()
    passes = _Passes()
    raw = take_file(source, work, Limits().seconds, lambda step, share: None)
    body = levelled(raw, work / "body.pcm", passes)
    compose(Whole((opening(), body, closing())), work, passes)
    return passes


def _once(who: str, source: Path, place: Workplace, passes: _Passes) -> _Told:
    encoder = json.dumps({"b:a": str(BIT_RATE), **OPTIONS})
    arguments = (who, str(source), str(place.folder), str(passes.settles), str(passes.rounds), encoder)
    done = subprocess.run(
        python("bench.prepare_once", *arguments),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True, timeout=place.seconds_left(),
    )  # fmt: skip
    told = _Told(**json.loads(done.stdout))
    place.say(f"{source.stem} by {who}: {told.seconds:.1f} s ({told.cpu_seconds:.1f} s processor), {told.mib:.0f} MiB")
    return told
