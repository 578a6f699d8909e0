"""Shows an inspector a file's frames as they were decoded, before their rate is changed and their channels mixed."""

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from audio.inspection.inspector import Inspector
from audio.levels import audioop
from audio.sources import SAMPLE_BYTES

_EVERY = 4
"""Of stereo every fourth frame is looked at: whether a channel is dead or round takes no more."""


class Shown:
    """Frames of one shape. Integers are shown all, as they are; floating point, which has no flat tops, in part."""

    def __init__(self, hear: Inspector) -> None:
        self._hear = hear
        self._count = 0
        self._converter: AudioResampler | None = None

    def add(self, frame: AudioFrame) -> None:
        self._count += 1
        looked_at = self._count % _EVERY == 1
        stereo = frame.layout.nb_channels == 2
        if frame.format.name in ("s16", "s16p"):
            self._hear.native(_joined(frame), 1 if frame.format.is_planar else frame.layout.nb_channels)
            if stereo and looked_at:
                self._hear.stereo(interleaved(frame))
        elif stereo and looked_at:
            for converted in self._convert(frame):
                pcm = interleaved(converted)
                self._hear.native(pcm, 2)
                self._hear.stereo(pcm)

    def _convert(self, frame: AudioFrame) -> list[AudioFrame]:
        if self._converter is None:
            self._converter = AudioResampler(format="s16", layout="stereo", rate=frame.sample_rate)
        return self._converter.resample(frame)


def _joined(frame: AudioFrame) -> bytes:
    """All samples of an s16 frame; of a planar one channel after channel."""
    size = frame.samples * SAMPLE_BYTES * (1 if frame.format.is_planar else frame.layout.nb_channels)
    return b"".join(bytes(memoryview(plane)[:size]) for plane in frame.planes)


def interleaved(frame: AudioFrame) -> bytes:
    """An s16 stereo frame, left and right in turn."""
    if not frame.format.is_planar:
        return _joined(frame)
    size = frame.samples * SAMPLE_BYTES
    left, right = (bytes(memoryview(plane)[:size]) for plane in frame.planes)
    return audioop.add(audioop.tostereo(left, 2, 1, 0), audioop.tostereo(right, 2, 0, 1), 2)
