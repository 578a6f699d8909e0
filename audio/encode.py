"""Encoding PCM into a clip: Ogg/Opus, mono, 48 kHz."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import av

from audio.frames import framed
from audio.graph import frame_of
from audio.sources import RATE, SAMPLE_BYTES

BIT_RATE = 24_000
"""Speech over a 30 W horn (300 Hz … 6 kHz): wideband Opus speech is transparent there, and a 10-minute bulletin is
1.8 MB over 4G instead of 2.3 MB at 32 kbit/s."""
OPTIONS = {"application": "voip", "frame_duration": "20", "vbr": "on", "compression_level": "10"}
"""Ten minutes of limited speech come back at -2.0 dBTP from complexity 10 with free rate (25 kbit/s), in one round. At
complexity 5 with constrained rate a few samples overshoot to 0.0 dBTP, whatever the limit before it: four rounds of
encoding, and still too high (measured)."""
QUICK = OPTIONS | {"compression_level": "1"}
"""For a person who waits to listen, not for the air: a quarter of the time."""


def encode(blocks: Iterable[bytes], file: Path, options: Mapping[str, str] = OPTIONS, bit_rate: int = BIT_RATE) -> int:
    """Write the clip and return its length in samples; the same blocks give the same bytes (no random serial)."""
    samples = 0
    with av.open(str(file), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, options=dict(options))
        context = stream.codec_context
        context.layout = "mono"
        context.format = "s16"
        context.bit_rate = bit_rate
        for frame in framed(blocks):
            for packet in stream.encode(frame_of(frame, samples)):
                container.mux(packet)
            samples += len(frame) // SAMPLE_BYTES
        for packet in stream.encode(None):
            container.mux(packet)
    return samples
