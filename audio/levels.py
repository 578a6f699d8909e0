"""Levels of 16-bit PCM on the box: measuring what goes out, volume, and click-free fades; standard library only.

Levels are dB full scale as in AES17 without its +3 dB: the RMS of a full-scale sine is -3.01 dBFS.
"""

import math
import warnings
from array import array

with warnings.catch_warnings():
    # Python 3.11 and 3.12 announce its removal; from 3.13 on the package audioop-lts provides the same module.
    warnings.filterwarnings("ignore", message="'audioop' is deprecated", category=DeprecationWarning)
    import audioop as audioop

FLOOR_CDB = -12_000
"""What digital silence measures, in hundredths of dB full scale."""
_FULL_SCALE = 32_768.0


class LevelMeter:
    """Accumulates the RMS and the peak of everything added, in constant memory."""

    def __init__(self) -> None:
        self._square_sum = 0.0
        self._peak = 0
        self.samples = 0

    def add(self, pcm: bytes) -> None:
        """`pcm` is s16 mono, whole samples."""
        count = len(pcm) // 2
        if not count:
            return
        # audioop.rms truncates to a whole number, which costs 3 dB near silence: scale up first where it can hurt.
        rms: float = audioop.rms(pcm, 2)
        if rms < 256:
            rms = audioop.rms(audioop.lin2lin(pcm, 2, 4), 4) / 65_536
        self._square_sum += rms**2 * count
        self._peak = max(self._peak, audioop.max(pcm, 2))
        self.samples += count

    @property
    def level_cdb(self) -> int:
        """RMS since the start, hundredths of dB full scale; FLOOR_CDB for silence or nothing."""
        return _cdb(math.sqrt(self._square_sum / self.samples)) if self.samples else FLOOR_CDB

    @property
    def peak_cdb(self) -> int:
        """Highest sample, hundredths of dB full scale."""
        return _cdb(self._peak)


def _cdb(amplitude: float) -> int:
    if amplitude <= 0:
        return FLOOR_CDB
    return max(FLOOR_CDB, round(2000 * math.log10(amplitude / _FULL_SCALE)))


def volume_gain(percent: int) -> float:
    """The linear gain of a volume setting, 0 … 100 (clamped).

    The gain is the cube of the setting's share: 100 % is 0 dB, 80 % -5.8 dB, 50 % -18.1 dB, 10 % -60 dB and 0 %
    silence. The cube follows how loud it seems, so that equal steps of the slider sound like equal steps.
    """
    return (min(100, max(0, percent)) / 100) ** 3


def apply_gain(pcm: bytes, gain: float) -> bytes:
    """`pcm` (s16) multiplied by the linear `gain`, clipped at full scale, not wrapped."""
    if gain == 1.0:
        return pcm
    return audioop.mul(pcm, 2, gain)


def ramp(pcm: bytes, from_gain: float, to_gain: float) -> bytes:
    """`pcm` (s16 mono) with a gain moving straight from `from_gain` to `to_gain`, both at most 1."""
    samples = array("h", pcm)
    step = (to_gain - from_gain) / len(samples) if samples else 0.0
    return array("h", (round(value * (from_gain + step * n)) for n, value in enumerate(samples, 1))).tobytes()


def fade(pcm: bytes, from_gain: float, to_gain: float) -> bytes:
    """`pcm` (s16 mono) with a gain moving along a raised cosine from `from_gain` to `to_gain` over its length."""
    samples = array("h", pcm)
    total = len(samples)
    for index in range(total):
        share = (1 - math.cos(math.pi * (index + 1) / total)) / 2
        value = samples[index] * (from_gain + (to_gain - from_gain) * share)
        samples[index] = max(-32_768, min(32_767, round(value)))
    return samples.tobytes()
