"""Real Ogg/Opus clips for tests: the opening chime and then a tone, encoded by PyAV."""

import io
import math
from array import array
from dataclasses import dataclass
from functools import cache

import av

from audio.chime import opening_pcm
from protocol.canonical import sha256_hex
from protocol.clips import index_sha256, make_index
from schedules.model import ClipRef
from schedules.units import ClipId, DurationMs

RATE = 48_000


@dataclass(frozen=True)
class TestClip:
    """A clip's bytes and how a broadcast names it."""

    __test__ = False

    data: bytes
    ref: ClipRef


def encode(pcm: bytes) -> bytes:
    """Mono s16 at 48 kHz as Ogg/Opus."""
    out = io.BytesIO()
    with av.open(out, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono", options={"application": "voip"})
        stream.bit_rate = 24_000
        for at in range(0, len(pcm), RATE * 2):
            piece = pcm[at : at + RATE * 2]
            frame = av.AudioFrame(format="s16", layout="mono", samples=len(piece) // 2)
            frame.planes[0].update(piece)
            frame.rate = RATE
            frame.pts = at // 2
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def clip_of(data: bytes, duration_ms: int) -> TestClip:
    clip = ClipId(sha256_hex(data))
    return TestClip(data, ClipRef(clip, len(data), DurationMs(duration_ms), index_sha256(make_index(clip, data))))


@cache
def chimed(seconds: int = 4, hertz: int = 300) -> TestClip:
    """The chime, then a tone, `seconds` (≥ 3) in all."""
    chime = opening_pcm(RATE)
    rest = seconds * RATE - len(chime) // 2
    tone = array("h", (round(6_000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(rest)))
    return clip_of(encode(chime + tone.tobytes()), seconds * 1000)


@cache
def silent(seconds: int = 2) -> TestClip:
    return clip_of(encode(bytes(seconds * RATE * 2)), seconds * 1000)
