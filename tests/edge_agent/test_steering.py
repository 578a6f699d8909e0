"""Two cards whose clocks differ by 200 parts per million put out the same sound at the same instant, unheard."""

import math
from array import array

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_agent.player import Player
from edge_agent.sinks.port import BLOCK_FRAMES, RATE
from edge_agent.sinks.steering import Steering
from edge_agent.voice import Order
from schedules.units import BroadcastId, DurationMs, UtcMs
from tests.edge_agent.cards import SECOND_NS, ModelCard

HERTZ = 400
PEAK = 12_000
T0 = 1_800_000_000 * SECOND_NS
IDLE_S = 20
"""The card is open long before anything sounds, so the agent knows its drift by then."""

_PERIOD = RATE // HERTZ
_TABLE = array(
    "h", (round(PEAK * math.sin(2 * math.pi * n / _PERIOD)) for n in range(_PERIOD + BLOCK_FRAMES))
).tobytes()


class Tone:
    """A source that sounds a tone of which each sample has its instant, from `begin_ns` to `end_ns`."""

    def __init__(self, begin_ns: int, end_ns: int) -> None:
        self.asked: list[int] = []
        self._begin, self._end = begin_ns, end_ns

    def fill(self, frames: int, utc_ns: int) -> bytes:
        self.asked.append(utc_ns)
        first = round((utc_ns - self._begin) * RATE / SECOND_NS)
        from_frame = max(0, -first)
        until = min(frames, round((self._end - utc_ns) * RATE / SECOND_NS))
        if from_frame >= until:
            return bytes(frames * 2)
        at = (first + from_frame) % _PERIOD * 2
        sound = _TABLE[at : at + (until - from_frame) * 2]
        return bytes(from_frame * 2) + sound + bytes((frames - until) * 2)

    def sounding(self) -> tuple[str, ...]:
        return ()

    def underrun(self) -> None: ...

    def failed(self, sentence: str) -> None: ...

    def recovered(self) -> None: ...


def errors_us(out: bytes, card: ModelCard) -> NDArray[np.float64]:
    """By how much each 20 ms of the tone leave the card too late, from the phase of the tone at the true instants."""
    heard = np.frombuffer(out, dtype="<i2").astype(np.float64)
    leaves = (np.arange(len(heard)) * card.per_frame_ns + (card.begin_ns - T0)) / SECOND_NS
    turned = heard * np.exp(-2j * np.pi * HERTZ * leaves) * 1j
    blocks = turned[: len(turned) // BLOCK_FRAMES * BLOCK_FRAMES].reshape(-1, BLOCK_FRAMES).mean(axis=1)
    loud = np.abs(blocks) > PEAK / 4 * 1.9  # wholly inside the tone
    late: NDArray[np.float64] = -np.angle(blocks[loud]) / (2 * np.pi * HERTZ) * 1e6
    return late


def played(ppm: float, seconds: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], Tone]:
    """The lateness of a tone of `seconds` on a card that is `ppm` fast, and its samples without their very edges."""
    card = ModelCard(T0 - IDLE_S * SECOND_NS + 12_345_678, ppm, seed)
    tone = Tone(T0, T0 + int(seconds * SECOND_NS))
    out = b"".join(card.take(Steering(tone), IDLE_S + seconds + 2))
    heard = np.frombuffer(out, dtype="<i2").astype(np.float64)
    sounding = np.flatnonzero(np.abs(heard) > 0)
    return errors_us(out, card), heard[sounding[0] + 100 : sounding[-1] - 100], tone


def test_two_cards_200_ppm_apart_stay_together() -> None:
    minutes = 3
    fast, loud_fast, _ = played(+100, minutes * 60, seed=1)
    slow, loud_slow, _ = played(-100, minutes * 60, seed=2)
    assert len(fast) == pytest.approx(minutes * 60 * 50, abs=10)
    both = min(len(fast), len(slow))
    skew = np.abs(fast[:both] - slow[:both])
    assert skew[0] < 500
    assert np.quantile(skew, 0.99) < 500
    assert skew.max() < 1_000
    for card, heard in ((fast, loud_fast), (slow, loud_slow)):
        assert np.abs(card).max() < 500  # each against UTC
        # No click and no gap: the tone never bends more than a tone of this height and pitch bends.
        bend = PEAK * (2 * np.pi * HERTZ / RATE) ** 2
        assert np.abs(np.diff(heard, 2)).max() < bend + 4
        # Nobody hears the pitch: a cent is 578 ppm.
        drifted = np.diff(card[::50]) / 1e6  # seconds gained or lost in each second
        assert np.abs(drifted).max() < 300e-6


def test_without_steering_the_same_cards_drift_apart() -> None:
    """The model shows what is corrected: half a minute alone is six milliseconds at 200 ppm."""
    ends = [ModelCard(T0, ppm, 1).leaves_ns(30 * RATE) for ppm in (-100, 100)]
    assert ends[0] - ends[1] == pytest.approx(6_000_000, rel=0.01)


def test_the_pitch_is_that_of_the_tone() -> None:
    _, heard, _ = played(+100, 20, seed=3)
    window = heard[RATE : RATE * 19] * np.blackman(RATE * 18)
    spectrum = np.abs(np.fft.rfft(window)) ** 2
    peak = int(np.argmax(spectrum))
    cents = 1200 * np.log2(peak / 18 / HERTZ)
    assert abs(cents) < 0.5
    rest = spectrum.sum() - spectrum[peak - 60 : peak + 61].sum()
    assert 10 * np.log10(rest / spectrum.sum()) < -75  # all else is at least 75 dB below the tone


def test_a_stall_is_told_to_the_player_and_not_stretched_away() -> None:
    tone = Tone(T0, T0 + 10 * SECOND_NS)
    steering = Steering(tone)
    told = T0 - 2 * SECOND_NS
    for n in range(400):
        if n == 200:
            told += 80_000_000  # nothing came out for 80 ms
        steering.fill(BLOCK_FRAMES, told)
        told += 20_000_000
    steps = np.diff(tone.asked)
    assert sorted(set(steps))[0] == 20_000_000
    assert max(steps) == pytest.approx(100_000_000, abs=1_000_000)
    assert sum(steps > 21_000_000) == 1


def test_a_programme_of_the_player_begins_on_the_sample_and_is_whole() -> None:
    """The real player behind the card: what it says of its start is when the sound leaves the card."""
    events: list[object] = []
    player = Player(events.append)
    tone = _TABLE[: RATE // 400 * 2] * (HERTZ * 3)
    begin = T0 + 7_777_777
    player.arm(_order(begin, 3_000), _Pcm(tone))
    card = ModelCard(T0 - IDLE_S * SECOND_NS, 100, 5)
    out = b"".join(card.take(Steering(player), IDLE_S + 5))
    heard = np.frombuffer(out, dtype="<i2").astype(np.float64)
    first = int(np.flatnonzero(np.abs(heard) > 20)[0])
    assert card.leaves_ns(first) == pytest.approx(begin, abs=200_000)
    began = events[0]
    assert began.measured.started_us * 1000 == pytest.approx(begin, abs=25_000)  # type: ignore[attr-defined]
    length = np.flatnonzero(np.abs(heard) > 20)[-1] - first
    assert length == pytest.approx(3 * RATE * (1 + 100e-6), abs=3)


class _Pcm:
    def __init__(self, data: bytes) -> None:
        self.fault = ""
        self._data = data

    @property
    def finished(self) -> bool:
        return not self._data

    def take(self, frames: int) -> bytes:
        taken, self._data = self._data[: frames * 2], self._data[frames * 2 :]
        return taken

    def skip(self, frames: int) -> None:
        self.take(frames)

    def close(self) -> None: ...


def _order(at_ns: int, content_ms: int) -> Order:
    return Order(
        BroadcastId("b"), UtcMs(at_ns // 1_000_000), at_ns, DurationMs(0), DurationMs(content_ms), 100, 1.0, False
    )
