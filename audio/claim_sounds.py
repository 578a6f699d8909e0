"""Makes the sounds by which a box says its claim code: `python -m audio.claim_sounds edge_agent/enrolment/sounds`.

Ten digits and the words before them, in Vietnamese, quiet, each a small Ogg/Opus file. They are committed, because a
box has no speech engine; run this again after a change of the voice or of the words.
"""

import sys
from array import array
from collections.abc import Iterator
from pathlib import Path

from av import AudioFrame
from av.audio.resampler import AudioResampler

from audio.encode import encode
from audio.sources import RATE
from audio.speech.espeak import EspeakVoice

WORDS = {
    "begin": "Mã đăng ký của loa này là",
    "0": "không",
    "1": "một",
    "2": "hai",
    "3": "ba",
    "4": "bốn",
    "5": "năm",
    "6": "sáu",
    "7": "bảy",
    "8": "tám",
    "9": "chín",
}
PEAK = 6_000
"""About -15 dBFS: heard at the pole, not in the next hamlet."""
_QUIET = 60
"""Samples below this at both ends are silence."""
_EDGE = RATE // 100


def main(folder: Path) -> None:
    voice = EspeakVoice("vi")
    folder.mkdir(parents=True, exist_ok=True)
    for name, words in WORDS.items():
        encode([levelled(resampled(voice.say(words), voice.rate))], folder / f"{name}.ogg")


def resampled(pcm: bytes, rate: int) -> bytes:
    """s16 mono at 48 kHz."""

    def frames() -> Iterator[AudioFrame | None]:
        frame = AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.planes[0].update(pcm)
        frame.sample_rate = rate
        yield frame
        yield None

    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    pieces = [piece for frame in frames() for piece in resampler.resample(frame)]
    return b"".join(bytes(piece.planes[0])[: piece.samples * 2] for piece in pieces)


def levelled(pcm: bytes) -> bytes:
    """Without the silence at its ends, at PEAK."""
    samples = array("h", pcm)
    loud = [at for at, value in enumerate(samples) if abs(value) > _QUIET]
    kept = samples[max(0, loud[0] - _EDGE) : loud[-1] + _EDGE]
    gain = PEAK / max(abs(value) for value in kept)
    return array("h", (round(value * gain) for value in kept)).tobytes()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
