"""The port every speech engine fits, and the table of voices."""

from collections.abc import Callable
from typing import Final, Protocol


class Voice(Protocol):
    """One voice of one engine. Lives in the worker process, so it may be native, slow or hungry."""

    rate: int
    """Samples per second of what `say` returns."""

    def say(self, text: str) -> bytes:
        """The normalised `text` (one utterance) as s16 mono PCM; VoiceFailed when the engine does not."""
        ...


class VoiceFailed(Exception):
    """The speech engine is missing or gave no sound: our fault, not the text's."""


def _northern() -> Voice:
    from audio.speech.espeak import EspeakVoice

    return EspeakVoice("vi")


def _central() -> Voice:
    from audio.speech.espeak import EspeakVoice

    return EspeakVoice("vi-vn-x-central")


def _southern() -> Voice:
    from audio.speech.espeak import EspeakVoice

    return EspeakVoice("vi-vn-x-south")


VOICES: Final[dict[str, Callable[[], Voice]]] = {
    "vi": _northern,
    "vi-central": _central,
    "vi-south": _southern,
}
"""Name as stored with a bulletin → the way to start the engine."""
