"""A clip as it sounds from a horn loudspeaker some way off: an aid to the ear of who writes, no measurement.

The model: a 30 W re-entrant horn (nothing below 350 Hz and above 5 kHz, with the bumps that such horns have), the air
between (ISO 9613-1, 28 °C, 75 %), houses nearby that throw the sound back, the next horn 300 m from the listener that
says the same some 0.3 s later, and a village in the evening. How loud it is there is not shown: who listens sets that.
"""

import random
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from audio.air import absorption_db
from audio.encode import QUICK, encode
from audio.graph import Chain, bytes_of
from audio.levels import audioop
from audio.opus import OpusReader
from audio.sources import RATE, SAMPLE_BYTES

MOST_SECONDS = 180
"""So much of the beginning is rendered: it tells as much as the whole, in some seconds of work."""
NEAR_M, NEXT_M = 200, 300
_SPEED = 347.0
"""Metres per second at 28 °C."""
_NEXT_AWAY_DB = -6.0
"""The next horn does not point here."""
_HOUSES = ((23, 0.22), (41, 0.16), (67, 0.11))
"""Milliseconds after the sound itself, and how much of it."""
_NOISE_DB = -20.0
"""The village below the speech: 77 dB of a 30 W horn at 200 m are some 70 dB of speech; an evening has 50 dB."""
_SPEECH_DBFS = -21.0
"""RMS of what comes out."""
_S16 = ("aformat", "sample_fmts=s16:channel_layouts=mono")
_STEP_BYTES = RATE // 5 * SAMPLE_BYTES
_THIRDS = (250, 400, 630, 1_000, 1_600, 2_500, 4_000, 6_300, 10_000, 16_000)


def response() -> list[tuple[str, str]]:
    """The horn alone. Four poles at each end; the bumps are those of the folds of the horn and of its diaphragm."""
    return [
        ("highpass", "f=350:poles=2"),
        ("highpass", "f=330:poles=2"),
        ("equalizer", "f=750:width_type=q:w=2:g=4"),
        ("equalizer", "f=1300:width_type=q:w=3:g=-3"),
        ("equalizer", "f=2300:width_type=q:w=2:g=5"),
        ("equalizer", "f=3900:width_type=q:w=3:g=3"),
        ("lowpass", "f=5000:poles=2"),
        ("lowpass", "f=5300:poles=2"),
    ]


def way(metres: int = NEAR_M) -> list[tuple[str, str]]:
    """Through the air, with the houses and the next horn."""
    entries = ";".join(f"entry({hertz},{-absorption_db(hertz, metres):.2f})" for hertz in _THIRDS)
    late_ms = round((NEXT_M - metres) / _SPEED * 1000)
    late = metres / NEXT_M * 10 ** (_NEXT_AWAY_DB / 20)
    echoes = [*_HOUSES, (late_ms, late)]
    delays = "|".join(str(ms) for ms, _ in echoes)
    decays = "|".join(f"{share:.3f}" for _, share in echoes)
    return [("firequalizer", f"gain_entry='{entries}':delay=0.01"), ("aecho", f"1:0.6:{delays}:{decays}")]


def heard_from_afar(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """s16 mono 48 kHz at broadcast level (-16 LUFS) in and out."""
    chain = Chain([*response(), *way(), ("volume", "3dB"), ("alimiter", "limit=0.8:level=0"), _S16])
    village = _village()
    for block in blocks:
        for frame in chain.feed(block):
            yield _with_noise(bytes_of(frame), village)
    for frame in chain.finish():
        yield _with_noise(bytes_of(frame), village)


def _with_noise(pcm: bytes, village: Iterator[bytes]) -> bytes:
    noise = bytearray()
    while len(noise) < len(pcm):
        noise += next(village)
    return audioop.add(pcm, bytes(noise[: len(pcm)]), SAMPLE_BYTES)


def _village() -> Iterator[bytes]:
    """Endless noise that falls by 6 dB per octave above 200 Hz, the same every time; ten seconds come again."""
    source = random.Random(50)  # noqa: S311  (it is to be heard, not to be secret)
    chain = Chain([("lowpass", "f=200:poles=1"), ("highpass", "f=60"), _S16])
    blocks = [bytes_of(frame) for _ in range(50) for frame in chain.feed(source.randbytes(_STEP_BYTES))]
    level = audioop.rms(b"".join(blocks), SAMPLE_BYTES)
    wanted = 32_768 * 10 ** ((_SPEECH_DBFS + _NOISE_DB) / 20)
    yield from cycle([audioop.mul(block, SAMPLE_BYTES, wanted / level) for block in blocks])


def render(clip: Path, into: Path) -> int:
    """Write the first MOST_SECONDS of the clip as from afar, Ogg/Opus; its length in samples (with the last echo)."""
    return encode(heard_from_afar(_beginning(clip)), into, QUICK)


def _beginning(clip: Path) -> Iterator[bytes]:
    left = MOST_SECONDS * RATE * SAMPLE_BYTES
    pending = bytearray()
    for block in OpusReader(clip):
        pending += block[:left]
        left -= len(block)
        if len(pending) >= _STEP_BYTES or left <= 0:
            yield bytes(pending)
            pending.clear()
        if left <= 0:
            return
    if pending:
        yield bytes(pending)
