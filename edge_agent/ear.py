"""The box's own microphone: open while a programme sounds, and asked afterwards whether it heard that programme.

Only twenty levels a second are kept, and only until they are compared; no sound is stored or sent.
"""

import logging
from collections.abc import Sequence
from typing import Any

import sounddevice

from audio.envelope import STEP_MS, Comparison, Envelope, compare
from edge_agent.clock import Clock
from edge_agent.sinks.port import CARD_FRAMES, RATE
from edge_agent.sinks.streams import end

_log = logging.getLogger(__name__)

_STEP_US = STEP_MS * 1_000


class Ear:
    """For the conductor's thread. A microphone that fails is told as unclear and disturbs nothing."""

    def __init__(self, clock: Clock, device: str) -> None:
        self._clock = clock
        self._device = None if device == "default" else device
        self._stream: sounddevice.RawInputStream | None = None
        self._heard = Envelope()
        self._began_us = 0

    def begin(self) -> None:
        """A programme sounds."""
        self.close()
        self._heard, self._began_us = Envelope(), 0
        try:
            self._stream = sounddevice.RawInputStream(
                samplerate=RATE,
                blocksize=CARD_FRAMES,
                device=self._device,
                channels=1,
                dtype="int16",
                callback=self._callback,
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError, OSError) as error:
            _log.warning("the microphone cannot be opened: %s", error)

    def end(self, sent: Sequence[int], started_us: int) -> Comparison:
        """It is over: what was put out from `started_us` on, as an envelope, against what was heard."""
        self.close()
        if not self._began_us:
            return Comparison("unclear")
        return compare(sent, self._heard.values, round((self._began_us - started_us) / _STEP_US))

    def close(self) -> None:
        stream, self._stream = self._stream, None
        end(stream, "the microphone")

    def _callback(self, indata: Any, frames: int, times: Any, _status: sounddevice.CallbackFlags) -> None:
        if not self._began_us:
            late_us = round((times.currentTime - times.inputBufferAdcTime) * 1e6)
            self._began_us = self._clock.utc_ns() // 1_000 - late_us
        self._heard.add(bytes(indata))
