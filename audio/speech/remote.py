"""A voice of a speaking process, as the worker hears it; what a service sends is decoded here, behind the limits."""

from collections.abc import Sequence
from pathlib import Path

from audio.decode import Decoder
from audio.levels import LevelMeter
from audio.refusals import BadSound
from audio.sources import RATE, SAMPLE_BYTES, Manner
from audio.speech.turned import turned
from audio.speech.voice import VoiceFailed
from audio.speech.wire import FILE, Line

_RATES = range(4_000, 192_001)
_SILENT_CDB = -6_000
_SECONDS_MORE, _SECONDS_A_LETTER = 10, 0.5
"""Even the slowest reading of a sentence ends after that."""


class RemoteVoice:
    """Asks over `line`; of the manner it does itself what the engine does not (all but `does`: rate, pitch)."""

    def __init__(self, line: Line, manner: Manner, does: Sequence[str], work: Path) -> None:
        self._line, self._manner = line, manner
        self._left = Manner(100 if "rate" in does else manner.rate, 100 if "pitch" in does else manner.pitch)
        self._file = work / "answer"
        self.rate = RATE

    def say(self, text: str) -> bytes:
        answer = self._line.ask(text, self._manner)
        most = int(_SECONDS_MORE + _SECONDS_A_LETTER * len(text))
        if answer.kind == FILE:
            pcm = self._decoded(answer.data, most)
            self.rate = RATE
        else:
            pcm, self.rate = answer.data[: len(answer.data) // SAMPLE_BYTES * SAMPLE_BYTES], answer.rate
        if self.rate not in _RATES or len(pcm) > most * self.rate * SAMPLE_BYTES:
            raise VoiceFailed("not-sound", f"{len(pcm)} bytes at {self.rate} Hz for {len(text)} letters")
        _check_heard(pcm)
        return turned(pcm, self.rate, self._left)

    def _decoded(self, data: bytes, most_seconds: int) -> bytes:
        self._file.write_bytes(data)
        try:
            return b"".join(Decoder(self._file, most_seconds, lambda share: None))
        except BadSound as bad:
            raise VoiceFailed("not-sound", f"{bad.code}: {bad.detail}") from bad
        finally:
            self._file.unlink()


def _check_heard(pcm: bytes) -> None:
    meter = LevelMeter()
    meter.add(pcm)
    if not pcm or meter.peak_cdb < _SILENT_CDB:
        raise VoiceFailed("not-sound", f"{len(pcm)} bytes of silence")
