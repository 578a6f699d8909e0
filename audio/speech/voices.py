"""The table of voices: the name that is stored with a bulletin, and how to start its engine."""

from collections.abc import Callable
from functools import partial
from typing import Final

from audio.sources import Manner
from audio.speech.voice import Voice


def _espeak(name: str, manner: Manner) -> Voice:
    # Imported when a voice is started: only the worker process loads the native library.
    from audio.speech.espeak import EspeakVoice

    return EspeakVoice(name, manner)


VOICES: Final[dict[str, Callable[[Manner], Voice]]] = {
    "vi": partial(_espeak, "vi"),
    "vi-central": partial(_espeak, "vi-vn-x-central"),
    "vi-south": partial(_espeak, "vi-vn-x-south"),
}
"""Northern, central, southern."""
