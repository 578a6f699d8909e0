"""A speaking process, `python -m audio.speech.speaker`: an engine that is heavy or asks a network, apart from all else.

The first line of standard input is the engine's spec, each further line asks for an utterance (`audio.speech.wire`);
answers go to standard output. When standard input closes it ends. It decodes nothing: what a service sends is handed
on as it came, to the worker, which is guarded for that.
"""

import json
import sys
from typing import Protocol

from audio.child import limit
from audio.sources import Manner
from audio.speech.specs import EspeakSpec, PiperSpec, ServiceSpec, Spec, heard
from audio.speech.voice import VoiceFailed
from audio.speech.wire import FAILED, PCM, Answer, asked, write_answer

_ERRORS_BYTES = 1024**2
"""It writes no file but its errors."""


class Engine(Protocol):
    """What answers one request; VoiceFailed when it cannot."""

    def answer(self, text: str, manner: Manner) -> Answer: ...


class _Espeak:
    def __init__(self, spec: EspeakSpec) -> None:
        self._name = spec.voice

    def answer(self, text: str, manner: Manner) -> Answer:
        from audio.speech.espeak import EspeakVoice

        voice = EspeakVoice(self._name, manner)
        return Answer(PCM, voice.rate, voice.say(text))


def _opened(spec: Spec) -> Engine:
    if isinstance(spec, PiperSpec):
        from audio.speech.piper import PiperEngine

        return PiperEngine(spec)
    if isinstance(spec, ServiceSpec):
        from audio.speech.service import ServiceEngine

        return ServiceEngine(spec)
    return _Espeak(spec)


def main() -> int:
    order = json.loads(sys.stdin.buffer.readline())
    limit(written_bytes=_ERRORS_BYTES, **order["limits"])
    engine: Engine | None = None
    failed: VoiceFailed | None = None
    for line in sys.stdin.buffer:
        try:
            if failed is not None:  # what could not be opened is not tried again for every sentence
                raise failed
            engine = engine or _opened(heard(order["spec"]))
            answer = engine.answer(*asked(line))
        except VoiceFailed as error:
            failed = failed or (error if engine is None else None)
            answer = Answer(FAILED, code=error.code, detail=error.detail)
        except MemoryError:
            answer = Answer(FAILED, code="engine-failed", detail="out of memory")
        write_answer(sys.stdout.buffer, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
