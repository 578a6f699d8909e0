"""Two programs that play the same sound, one on each side of a stereo sink: how far apart, by no clock at all."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np

from bench.sounds import RATE, Samples
from deploy.demo.processes import wait_until

SIDES = ("left", "right")
_PAIR = "pair"
_WINDOW_S = 1.0
_REACH_S = 0.05
_LOUD = 0.01


def make_pair(env: Mapping[str, str]) -> None:
    """A stereo null sink with a sink of its own for either side."""
    _load(env, f"module-null-sink sink_name={_PAIR} rate={RATE} channels=2 format=s16le norewinds=1")
    for side in SIDES:
        _load(
            env,
            f"module-remap-sink sink_name={side} master={_PAIR} channels=1 channel_map=mono"
            f" master_channel_map=front-{side} remix=no",
        )


def on_side(env: Mapping[str, str], side: str) -> dict[str, str]:
    """The environment in which a program plays there."""
    return {**env, "PULSE_SINK": side}


@contextmanager
def capturing(env: Mapping[str, str], file: Path) -> Iterator[None]:
    """Record both sides for the length of a `with` block."""
    words = ("parec", "-d", f"{_PAIR}.monitor", f"--rate={RATE}", "--channels=2", "--format=s16le", "--raw")
    with file.open("wb") as out:
        program = subprocess.Popen(words, stdout=out, stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", **env})
    try:
        wait_until(lambda: file.stat().st_size > 0, 5.0, "a capture")
        yield
    finally:
        program.terminate()
        program.wait(5)


def skews_ms(file: Path) -> list[float]:
    """For each second in which both sides sound: by how many milliseconds the right one is later."""
    data = file.read_bytes()
    both = np.frombuffer(data[: len(data) // 4 * 4], dtype="<i2").astype(np.float64).reshape(-1, 2) / 32_768
    size = round(_WINDOW_S * RATE)
    windows = [both[at : at + size] for at in range(0, len(both) - size, size)]
    return [_skew_ms(window[:, 0], window[:, 1]) for window in windows if _sounds_throughout(window)]


def _sounds_throughout(window: Samples) -> bool:
    parts = np.split(window, 20)
    return bool(min(float(np.abs(part).max(axis=0).min()) for part in parts) > _LOUD)


def _skew_ms(left: Samples, right: Samples) -> float:
    """Cross-correlation; a parabola through its three highest values tells fractions of a frame."""
    size = 1 << (2 * len(left) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(right, size) * np.conj(np.fft.rfft(left, size)), size)
    reach = round(_REACH_S * RATE)
    near = np.concatenate((product[-reach:], product[: reach + 1]))
    at = int(np.argmax(near))
    fraction = 0.0
    if 0 < at < len(near) - 1:
        low, top, high = near[at - 1 : at + 2]
        fraction = 0.5 * float((low - high) / (low - 2 * top + high))
    return (at - reach + fraction) * 1000 / RATE


def typical_ms(skews: list[float]) -> float:
    return median(abs(skew) for skew in skews)


def _load(env: Mapping[str, str], module: str) -> None:
    words = ("pactl", "load-module", *module.split())
    subprocess.run(words, check=True, capture_output=True, timeout=10, env={"PATH": "/usr/bin:/bin", **env})
