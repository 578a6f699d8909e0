"""Sound in frames of 20 ms, as the encoder wants it and as music is turned down."""

from collections.abc import Iterable, Iterator

from audio.sources import RATE, SAMPLE_BYTES

FRAME_MS = 20
FRAME_BYTES = RATE * FRAME_MS // 1000 * SAMPLE_BYTES


def framed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same samples in frames of FRAME_MS; the last may be shorter."""
    pending = bytearray()
    for block in blocks:
        pending += block
        at = 0
        while len(pending) - at >= FRAME_BYTES:
            yield bytes(pending[at : at + FRAME_BYTES])
            at += FRAME_BYTES
        del pending[:at]
    if pending:
        yield bytes(pending)
