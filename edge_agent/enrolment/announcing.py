"""Says the claim code through the loudspeaker: our own recorded digits, quiet, some times with pauses."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.resources import as_file, files

from audio.opus import OpusReader
from edge_agent.amplifier import powered
from edge_agent.clock import Clock
from edge_agent.settings import AmplifierSettings, SoundSettings
from edge_agent.sinks.choice import make_sink
from edge_agent.sinks.port import RATE

_log = logging.getLogger(__name__)

NAME = "claim-code"
"""What a recording of it is called."""
_BYTES = 2
PAUSES_S = (0, 8, 8, 8, 60, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300)
"""Before each time: often while the technician still stands there, seldom later, never beyond the hour of a code."""
_BEFORE_DIGITS_S, _AFTER_DIGIT_S, _BETWEEN_GROUPS_S = 0.4, 0.25, 0.8


def said(code: str) -> bytes:
    """The PCM of one time: the words before it, then digit by digit in two groups."""
    pcm = bytearray(_sound("begin") + _silence(_BEFORE_DIGITS_S))
    for at, digit in enumerate(code):
        if at == len(code) // 2:
            pcm += _silence(_BETWEEN_GROUPS_S)
        pcm += _sound(digit) + _silence(_AFTER_DIGIT_S)
    return bytes(pcm)


def _sound(name: str) -> bytes:
    with as_file(files("edge_agent.enrolment") / "sounds" / f"{name}.ogg") as path:
        return b"".join(OpusReader(path))


def _silence(seconds: float) -> bytes:
    return bytes(round(seconds * RATE) * _BYTES)


class Announcement:
    """What a sink plays (edge_agent/sinks/port.py Source): `pcm` after each of the pauses, then nothing."""

    def __init__(self, pcm: bytes, pauses_s: tuple[int, ...] = PAUSES_S) -> None:
        self._left = self._parts(pcm, pauses_s)
        self._pcm = b""
        self._silent_frames = 0
        self._sounding = False

    @staticmethod
    def _parts(pcm: bytes, pauses_s: tuple[int, ...]) -> Iterator[tuple[int, bytes]]:
        for pause in pauses_s:
            yield pause * RATE, pcm

    def fill(self, frames: int, utc_ns: int) -> bytes:
        if self._silent_frames <= 0 and not self._pcm:
            self._silent_frames, self._pcm = next(self._left, (RATE, b""))
        if self._silent_frames > 0:
            self._silent_frames -= frames
            self._sounding = False
            return bytes(frames * _BYTES)
        block, self._pcm = self._pcm[: frames * _BYTES], self._pcm[frames * _BYTES :]
        self._sounding = True
        return block.ljust(frames * _BYTES, b"\0")

    def sounding(self) -> tuple[str, ...]:
        return (NAME,) if self._sounding else ()

    def underrun(self) -> None:
        _log.debug("a gap while the claim code was said")

    def failed(self, sentence: str) -> None:
        _log.warning("the claim code cannot be said: %s", sentence)

    def recovered(self) -> None:
        _log.info("the claim code can be said again")


class Announcer:
    """Says one code at a time. `stop` may be called when nothing is said."""

    def __init__(self, clock: Clock, sound: SoundSettings, amplifier: AmplifierSettings) -> None:
        self._clock, self._sound, self._amplifier = clock, sound, amplifier
        self._saying = ExitStack()

    def say(self, code: str) -> None:
        """Begin to say `code`, instead of what was said; a box without sound goes on without."""
        self.stop()
        try:
            if trouble := self._saying.enter_context(powered(self._amplifier, self._clock)):
                _log.warning("the amplifier could not be switched on: %s", trouble)
            sink = make_sink(self._clock, self._sound, Announcement(said(code)))
            sink.open()
            self._saying.callback(sink.close)
        except Exception as error:
            # Whatever the sound card's library says: the code stands on the screen and in the log too.
            _log.warning("the claim code cannot be said: %s", error)

    def stop(self) -> None:
        self._saying.close()
