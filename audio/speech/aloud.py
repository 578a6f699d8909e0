"""Reading a text aloud sentence by sentence, and going on with the voice that always works when another fails."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from av.audio.resampler import AudioResampler

from audio.graph import bytes_of, frame_of
from audio.refusals import bad_sound
from audio.sources import DEFAULT_VOICE, RATE, SAMPLE_BYTES, Fallback, Manner
from audio.speech.espeak import EspeakVoice
from audio.speech.remote import RemoteVoice
from audio.speech.utterances import Utterance
from audio.speech.voice import Voice, VoiceFailed
from audio.speech.wire import Line


class Fell(Exception):
    """One voice could not be used: begin again without it."""

    def __init__(self, fallback: Fallback) -> None:
        super().__init__(f"{fallback.voice}: {fallback.code}")
        self.fallback = fallback


class Cast:
    """The voices of one order. `seats` says by name how each is reached: {"espeak": name} or
    {"line": [hear, say], "seconds", "does"}, or {"gone": code} for one that is not there any more."""

    def __init__(self, seats: Mapping[str, Mapping[str, Any]], work: Path) -> None:
        self._seats, self._work = seats, work

    def open(self, name: str, manner: Manner) -> Voice:
        seat = self._seats[name]
        if "gone" in seat:
            raise VoiceFailed(seat["gone"], f"{name} is not in the table")
        if "espeak" in seat:
            return EspeakVoice(seat["espeak"], manner)
        hear, say = seat["line"]
        line = Line(hear, say, seat["seconds"])
        return RemoteVoice(line, manner, seat["does"], self._work)


@dataclass(frozen=True, slots=True)
class Reading:
    """The utterances, who reads them in turn, and the cast they come from."""

    parts: tuple[Utterance, ...]
    names: tuple[str, ...]
    manner: Manner
    cast: Cast
    most_seconds: int

    def without(self, name: str) -> "Reading":
        """The same with the default voice in the place of `name`; one voice alone when it has the other turn too."""
        names = tuple(dict.fromkeys(DEFAULT_VOICE if each == name else each for each in self.names))
        return replace(self, names=names)

    def blocks(self, told: Callable[[int], None]) -> Iterator[bytes]:
        """s16 mono 48 kHz. Raises BadSound, and Fell for a voice other than the default one."""
        voices = [_Turn(name, self.manner, self.cast) for name in self.names]
        left = self.most_seconds * RATE
        for index, part in enumerate(self.parts):
            turn = voices[part.paragraph % len(voices)]
            for block in (*turn.blocks(part.text), bytes(part.pause_ms * RATE // 1000 * SAMPLE_BYTES)):
                left -= len(block) // SAMPLE_BYTES
                if left < 0:
                    raise bad_sound("too-long", "when spoken", limit=self.most_seconds // 60)
                yield block
            told((index + 1) * 100 // len(self.parts))


class _Turn:
    """One voice by its name; opened when it is its turn."""

    def __init__(self, name: str, manner: Manner, cast: Cast) -> None:
        self._name, self._manner, self._cast = name, manner, cast
        self._voice: Voice | None = None

    def blocks(self, text: str) -> list[bytes]:
        try:
            self._voice = self._voice or self._cast.open(self._name, self._manner)
            pcm = self._voice.say(text)
        except VoiceFailed as failed:
            if self._name == DEFAULT_VOICE:
                raise
            raise Fell(Fallback(self._name, failed.code, failed.detail)) from failed
        return _resampled(pcm, self._voice.rate)


def _resampled(pcm: bytes, rate: int) -> list[bytes]:
    if not pcm:
        return []
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    frame = frame_of(pcm, 0, rate)
    frame.pts = None
    return [bytes_of(each) for each in (*resampler.resample(frame), *resampler.resample(None))]
