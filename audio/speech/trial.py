"""Trying one voice exactly as a preparation would: what it says, what that costs, and how much of the text it knows."""

import resource
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

from audio.sources import SAMPLE_BYTES, Limits, Manner
from audio.speech.piper import ids_of, symbols_of
from audio.speech.piper_config import read_config
from audio.speech.remote import RemoteVoice
from audio.speech.speakers import Apart, speakers
from audio.speech.specs import EspeakSpec, PiperSpec
from audio.speech.voices import Listed, open_voice
from audio.speech.wire import Line


@dataclass(frozen=True, slots=True)
class Trial:
    """Seconds of sound and of processor, MiB resident at most, and the share of the text's sounds it does not know."""

    seconds: float
    cpu_seconds: float
    mib: int
    unknown_share: float


def try_voice(listed: Listed, text: str, write: Path | None = None) -> Trial:
    """Have it say `text`; VoiceFailed when it cannot. `write`: a WAV file for what it said."""
    pcm, rate = _said(listed, text)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if write is not None:
        with wave.open(str(write), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(SAMPLE_BYTES)
            out.setframerate(rate)
            out.writeframes(pcm)
    seconds = len(pcm) / SAMPLE_BYTES / rate
    return Trial(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, _unknown_share(listed, text))


def _said(listed: Listed, text: str) -> tuple[bytes, int]:
    if isinstance(listed.spec, EspeakSpec):
        voice = open_voice(listed.name)
        return voice.say(text), voice.rate
    spec: Apart = listed.spec
    limits = Limits()
    with (
        tempfile.TemporaryDirectory(prefix="loaxa-voice-") as folder,
        speakers({"voice": spec}, Path(folder), limits.speaking_seconds, limits.cpu_seconds) as lines,
    ):
        hear, say = lines["voice"]
        remote = RemoteVoice(Line(hear, say, spec.seconds), Manner(), spec.does, Path(folder))
        return remote.say(text), remote.rate


def _unknown_share(listed: Listed, text: str) -> float:
    if not isinstance(listed.spec, PiperSpec):
        return 0.0
    config = read_config(Path(listed.spec.model))
    symbols = symbols_of(text, config)
    return ids_of(symbols, config)[1] / max(1, len(symbols))
