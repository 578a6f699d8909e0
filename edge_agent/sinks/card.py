"""The sound card: one stream that is always open (sounddevice over PortAudio, no NumPy), reopened when it dies."""

import logging
import threading
from typing import Any

import sounddevice

from edge_agent.clock import Clock
from edge_agent.sinks.pace import Pace
from edge_agent.sinks.port import CARD_FRAMES, RATE, Source
from edge_agent.sinks.steering import Steering
from edge_agent.sinks.streams import end

_log = logging.getLogger(__name__)

_WATCH_S = 0.5
_DEAD_S = 1.5
_LATENCY_S = 0.2
"""Two or more blocks are asked for at each waking. What comes at once (an emergency) is heard so much later."""
_SWALLOWED_PAUSE_S = 5.0
"""A device that swallows sound is asked again after so long: it would take a whole core."""


class CardSink:
    """When the sound server dies no error is raised, the callbacks just stop: their age is watched.

    A device that takes sound faster than time passes plays nothing: it is given none, and told as failed. So the first
    second of a device that was never heard of, or that swallowed sound before, is silence.
    """

    def __init__(self, clock: Clock, source: Source, device: str) -> None:
        self._clock = clock
        self._source = source
        self._device = device or None
        self._stream: sounddevice.RawOutputStream | None = None
        self._steering = Steering(source)
        self._pace = Pace()
        self._swallows = False
        self._proven = False
        self._last_callback = 0.0
        self._opened = 0.0
        self._failed = False
        self._stopped = threading.Event()
        self._watch = threading.Thread(target=self._watching, name="card", daemon=True)

    def open(self) -> None:
        self._begin()
        self._watch.start()

    def close(self) -> None:
        self._stopped.set()
        self._watch.join(1.5)
        self._end()

    def _begin(self) -> None:
        self._pace, self._swallows = Pace(), False
        self._steering.begin()
        self._opened = self._clock.monotonic_s()
        try:
            self._stream = sounddevice.RawOutputStream(
                samplerate=RATE,
                blocksize=CARD_FRAMES,
                device=self._device,
                channels=1,
                dtype="int16",
                latency=_LATENCY_S,
                callback=self._callback,
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError, OSError) as error:
            self._fail(f"the sound card cannot be opened: {error}")
            return
        self._last_callback = self._clock.monotonic_s()

    def _end(self) -> None:
        stream, self._stream = self._stream, None
        end(stream, "the sound card")

    def _reopen(self) -> None:
        """PortAudio lists the devices once; a card or server that came back is seen only after a new start."""
        self._end()
        try:
            sounddevice._terminate()
            sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            self._fail(f"the sound system cannot be started: {error}")
            return
        self._begin()

    def _watching(self) -> None:
        while not self._stopped.wait(_WATCH_S):
            now = self._clock.monotonic_s()
            if self._swallows:
                self._fail("the sound device takes sound faster than time passes: it plays nothing")
                self._end()
                if self._stopped.wait(_SWALLOWED_PAUSE_S):
                    return
                self._reopen()
            elif self._stream is None or now - self._last_callback >= _DEAD_S:
                self._fail("the sound card does not ask for sound any more")
                self._reopen()
            elif self._failed and now - self._opened > _DEAD_S:
                self._failed = False
                self._source.recovered()

    def _fail(self, sentence: str) -> None:
        if not self._failed:
            _log.error("%s", sentence)
        self._failed = True
        self._source.failed(sentence)

    def _callback(self, outdata: Any, frames: int, times: Any, status: sounddevice.CallbackFlags) -> None:
        self._last_callback = now = self._clock.monotonic_s()
        if self._swallows or not self._pace.took(frames, now):
            self._swallows, self._proven = True, False
            outdata[:] = bytes(len(outdata))
            raise sounddevice.CallbackAbort
        if status.output_underflow:
            self._source.underrun()
        told = self._clock.utc_ns() + round((times.outputBufferDacTime - times.currentTime) * 1e9)
        self._proven = self._proven or self._pace.proven
        if self._proven:
            outdata[:] = self._steering.fill(frames, told)
        else:
            self._steering.wait(frames, told)
            outdata[:] = bytes(len(outdata))
