"""Start error and skew: 50 starts of two agents with the WAV sink and two with the card, all real processes.

The card's agents and the peer play different sounds into one null sink of a PulseAudio of our own; its monitor is
captured with times by a stream of its own, and each sound is found there by correlation. The WAV sink's agents are
judged by their recordings and the time stamps beside them. The report of the agent itself is never the measure.
"""

import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from bench.boxes import Site, Wanted, agents
from bench.broker import mosquitto
from bench.figures import Figure, alone, percentile
from bench.sound_server import sound_server
from bench.sounds import RATE, Samples, clip, find_near, sweep, write_wav
from bench.workplace import Workplace
from deploy.demo.processes import Program, python, wait_until
from schedules.states import FINAL
from schedules.units import BroadcastId, SpeakerId
from tests.rig.box import Box
from tests.rig.clips import TestClip
from tests.rig.pulse import SINK, Pulse
from tests.rig.recording import samples_of, utc_us

STARTS = 50
PERIOD_MS = 2_400
PEER_AFTER_MS = 1_250
"""The peer sounds while ours are silent: neither loads the other."""
AHEAD_MS = 5_000
SKEW_AIM_MS = 5.0
WAV = (SpeakerId("s-wav-a"), SpeakerId("s-wav-b"))
CARD = (SpeakerId("s-card-a"), SpeakerId("s-card-b"))
SWEEPS = ((400.0, 3000.0), (3000.0, 400.0))
PEER_SWEEP = (800.0, 2400.0)


@dataclass
class Round:
    """One planned start; what was ordered, and when the peer was to start."""

    start_ms: int
    orders: dict[SpeakerId, BroadcastId] = field(default_factory=dict)


def run(place: Workplace) -> list[Figure]:
    """Bursts of one-second broadcasts; then everything is found in the recordings."""
    with ExitStack() as stack:
        pulse = stack.enter_context(sound_server(place.folder))
        if not pulse:
            place.say("no PulseAudio here: the card sink is not measured")
        env = pulse.env if pulse else {}
        port = stack.enter_context(mosquitto(place.folder))
        wanted = [Wanted(speaker, "wav", {}) for speaker in WAV]
        wanted += [Wanted(speaker, "card", env) for speaker in CARD] if pulse else []
        site, boxes = stack.enter_context(agents(place.folder, port, wanted))
        sounds = {one.speaker: sweep(*SWEEPS[number % 2]) for number, one in enumerate(wanted)}
        clips = {speaker: clip(sound) for speaker, sound in sounds.items()}
        for each in {each.ref.id: each for each in clips.values()}.values():
            site.offer(each)
        with _captured(pulse, place) as heard:
            rounds = _play(site, clips, pulse, place)
        errors = [_wav_errors(boxes[speaker], sounds[speaker], rounds, speaker) for speaker in WAV]
        figures = _figures("wav sink", errors, _told(site, rounds, WAV))
        if pulse:
            figures = _card_figures(heard, sounds, rounds, _told(site, rounds, CARD)) + figures
    return figures


@dataclass
class Captured:
    """What the sound server put out, and the UTC of its frames in microseconds; filled when the capture ends."""

    sound: Samples = field(default_factory=lambda: np.zeros(0))
    stamps: tuple[tuple[int, int], ...] = ()

    def utc_us(self, frame: float) -> float:
        """By the median of the stamps within a second: a single one trembles."""
        near = [ns / 1000 - at * 1e6 / RATE for at, ns in self.stamps if abs(at - frame) < RATE]
        return median(near) + frame * 1e6 / RATE

    def frame(self, utc_us: float) -> float:
        """About where this moment is; exact enough to search from."""
        first, begun_ns = self.stamps[len(self.stamps) // 2]
        return first + (utc_us - begun_ns / 1000) * RATE / 1e6


@contextmanager
def _captured(pulse: Pulse | None, place: Workplace) -> Iterator[Captured]:
    """Capture until the end of the context; the outcome is there after it."""
    captured = Captured()
    if pulse is None:
        yield captured
        return
    file = place.folder / "captured.raw"
    env = {**pulse.env, "PULSE_SOURCE": f"{SINK}.monitor"}
    program = Program("capture", python("bench.capture", str(file)), place.folder / "capture.log", env)
    program.start()
    try:
        program.wait_for_words("capturing", 10.0)
        yield captured
    finally:
        program.stop()
    captured.sound = np.frombuffer(file.read_bytes(), dtype="<i2").astype(np.float64) / 32_768
    captured.stamps = tuple((at, ns) for at, ns in json.loads(file.with_suffix(".json").read_text()))


def _play(site: Site, clips: Mapping[SpeakerId, TestClip], pulse: Pulse | None, place: Workplace) -> list[Round]:
    """Order round after round a few seconds ahead, and start the peer beside each, by a timer."""
    peer = place.folder / "peer.wav"
    write_wav(sweep(*PEER_SWEEP), peer)
    rounds: list[Round] = []
    first_ms = time.time_ns() // 1_000_000 + AHEAD_MS + 3_000
    for number in range(STARTS):
        # Any millisecond of the second: a start must not profit from falling on a block's edge.
        one = Round(first_ms + number * PERIOD_MS + random.randrange(60))
        _sleep_until_ms(one.start_ms - AHEAD_MS)
        for speaker, each in clips.items():
            one.orders[speaker] = site.order(speaker, f"b-{speaker}-{number}", each, one.start_ms)
        if pulse:
            at = (one.start_ms + PEER_AFTER_MS) / 1000
            threading.Timer(at - time.time() - 0.2, _paplay, (at, peer, pulse.env)).start()
        rounds.append(one)
        if number % 10 == 9:
            place.say(f"{number + 1} of {STARTS} starts ordered")
    _sleep_until_ms(rounds[-1].start_ms + PERIOD_MS)
    wait_until(lambda: all(_final(site, one) for one in rounds), 15.0, "the end of every playback")
    return rounds


def _sleep_until_ms(utc_ms: int) -> None:
    time.sleep(max(0.0, utc_ms / 1000 - time.time()))


def _paplay(at: float, file: Path, env: Mapping[str, str]) -> None:
    """What somebody with a timer would do."""
    time.sleep(max(0.0, at - time.time()))
    subprocess.run(("paplay", str(file)), stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", **env})


def _final(site: Site, one: Round) -> bool:
    return all(
        any(site.record(speaker, broadcast, state) for state in FINAL) for speaker, broadcast in one.orders.items()
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What the agents reported: start errors in milliseconds, agent by agent, and all their underruns."""

    errors: list[list[float | None]]
    underruns: int


def _told(site: Site, rounds: Sequence[Round], speakers: Sequence[SpeakerId]) -> Told:
    errors: list[list[float | None]] = []
    underruns = 0
    for speaker in speakers:
        errors.append([])
        for one in rounds:
            last = [site.record(speaker, one.orders[speaker], state) for state in FINAL]
            measured = [record.measured for record in last if record is not None]
            underruns += sum(each.underruns for each in measured)
            errors[-1].append(measured[0].start_error_us / 1000 if measured and measured[0].started_us else None)
    return Told(errors, underruns)


def _wav_errors(box: Box, sound: Samples, rounds: Sequence[Round], speaker: SpeakerId) -> list[float | None]:
    """Milliseconds by which each start was late, by the recording; None where nothing was found."""
    errors: list[float | None] = []
    for one in rounds:
        file = box.recordings / f"{one.orders[speaker]}.wav"
        stamps = file.with_suffix(".json")
        if not stamps.exists():
            errors.append(None)
            continue
        heard, rate = samples_of(file)
        at = find_near(heard, sound, rate / 2)
        errors.append(None if at is None else utc_us(stamps, int(at)) / 1000 + (at % 1) * 1000 / rate - one.start_ms)
    return errors


def _card_figures(
    heard: Captured, sounds: Mapping[SpeakerId, Samples], rounds: Sequence[Round], told: Told
) -> list[Figure]:
    errors = [[_error_ms(heard, sounds[speaker], one.start_ms) for one in rounds] for speaker in CARD]
    peer = [_error_ms(heard, sweep(*PEER_SWEEP), one.start_ms + PEER_AFTER_MS) for one in rounds]
    return _figures("card sink, captured", errors, told, [error for error in peer if error is not None])


def _error_ms(heard: Captured, sound: Samples, planned_ms: int) -> float | None:
    at = find_near(heard.sound, sound, heard.frame(planned_ms * 1000.0))
    return None if at is None else heard.utc_us(at) / 1000 - planned_ms


def _figures(
    where: str, errors: Sequence[Sequence[float | None]], told: Told, peer: Sequence[float] = ()
) -> list[Figure]:
    """Of both agents' starts together; the skew is of each pair."""
    all_errors = [error for of_one in errors for error in of_one if error is not None]
    pairs = [abs(a - b) for a, b in zip(*errors, strict=True) if a is not None and b is not None]
    if not all_errors or not pairs:
        raise RuntimeError(f"{where}: no start was found in what came out")
    lost = sum(len(of_one) for of_one in errors) - len(all_errors)
    about = f"{min(all_errors):+.2f}…{max(all_errors):+.2f} ms, n={len(all_errors)}, not found {lost}"
    about += f", underruns {told.underruns}"
    figures = []
    for name, share in (("median", 0.5), ("p99", 0.99)):
        ours = percentile([abs(error) for error in all_errors], share)
        theirs = percentile([abs(error) for error in peer], share) if peer else None
        figures.append(
            Figure(
                f"start error ({where}), {name}", ours, "ms", theirs, "paplay begun by a timer" if peer else "",
                None if theirs is None else ours / theirs,
                about + (f"; peer {min(peer):+.2f}…{max(peer):+.2f} ms" if peer else ""),
            )
        )  # fmt: skip
    spread = f"median {median(pairs):.3g}, worst {max(pairs):.3g} ms, n={len(pairs)}"
    differences = [
        abs(found - reported)
        for of_one, told_of_one in zip(errors, told.errors, strict=True)
        for found, reported in zip(of_one, told_of_one, strict=True)
        if found is not None and reported is not None
    ]
    return [
        *figures,
        alone(f"own report against the recording ({where}), p99", percentile(differences, 0.99), "ms"),
        alone(f"skew of two agents ({where}), p99", percentile(pairs, 0.99), "ms", spread=spread, at_most=SKEW_AIM_MS),
    ]
