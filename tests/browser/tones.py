"""Sounds that say where they are: each second its own tone, and an ear that tells the tones of what came out."""

import math
import wave
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from audio.decode import Decoder

RATE = 48_000


def write_tones(file: Path, tones: Sequence[tuple[int, float]], rate: int = RATE) -> Path:
    """A WAV of (hertz, seconds) one after the other, at -9 dBFS; 0 Hz is silence."""
    samples = array("h")
    for hertz, seconds in tones:
        turn = 2 * math.pi * hertz / rate
        samples.extend(round(11_600 * math.sin(turn * n)) for n in range(round(seconds * rate)))
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
    return file


def samples_of(file: Path) -> "array[int]":
    """Decoded as an upload is."""
    return array("h", b"".join(Decoder(file, 600, lambda _share: None)))


def tones_of(samples: Sequence[int], among: Sequence[int], step_ms: int = 50) -> Iterator[int]:
    """For each step the tone that is strongest in it, 0 for silence."""
    size = RATE * step_ms // 1000
    for at in range(0, len(samples) - size + 1, size):
        block = samples[at : at + size]
        powers = {hertz: _power(block, hertz) for hertz in among}
        best = max(powers, key=lambda hertz: powers[hertz])
        yield best if powers[best] > 0.002 else 0


def _power(block: Sequence[int], hertz: int) -> float:
    """Of the block at this frequency (Goertzel), full scale being 1."""
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    before = last = 0.0
    for value in block:
        before, last = last, value / 32_768 + turn * last - before
    return 4 * (last * last + before * before - turn * last * before) / len(block) ** 2


def runs(tones: Sequence[int]) -> list[tuple[int, int]]:
    """(tone, steps) of each stretch of one tone; single steps between two stretches are left out."""
    found: list[tuple[int, int]] = []
    for tone in tones:
        if found and found[-1][0] == tone:
            found[-1] = (tone, found[-1][1] + 1)
        else:
            found.append((tone, 1))
    long = [each for each in found if each[1] > 1]
    joined: list[tuple[int, int]] = long[:1]
    for (before, _), (tone, steps) in pairwise(long):
        if tone == before:
            joined[-1] = (tone, joined[-1][1] + steps)
        else:
            joined.append((tone, steps))
    return joined
