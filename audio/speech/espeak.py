"""eSpeak NG through ctypes, from the wheel that carries the library and its data; no program, no Debian package."""

import ctypes
import math
from functools import cache

import espeakng_loader

from audio.sources import Manner
from audio.speech.voice import VoiceFailed

_RETRIEVAL = 1
_CHARS_UTF8 = 1
_IPA = 0x02
_RATE, _PITCH, _RANGE = 1, 3, 4
_WORDS_PER_MINUTE = 150
"""A little slower than talk: horns echo between houses."""
_PITCH_VALUE, _RANGE_VALUE = 45, 60
_PITCH_STEP = 0.0108
"""One step of espeak's pitch raises the voice by about 1.1 % (measured over 20 … 80 on all three voices)."""
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Library:
    """The library, started once: it keeps global state and hangs for ever when it is started again."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        data = espeakng_loader.get_data_path().encode()
        self.rate: int = self._library.espeak_Initialize(_RETRIEVAL, 200, data, 0)
        if self.rate <= 0:
            raise VoiceFailed("engine-missing", "espeak-ng did not start")
        self._heard = bytearray()
        self._callback = _Callback(self._hear)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)
        self._speaking: tuple[str, Manner] | None = None

    def _hear(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: int | None) -> int:
        if samples and count > 0:
            self._heard += ctypes.string_at(samples, count * 2)
        return 0

    def turn_to(self, name: str, manner: Manner) -> None:
        """Speak with this voice in this manner from now on."""
        if self._speaking == (name, manner):
            return
        self._speaking = None
        if self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise VoiceFailed("engine-missing", f"espeak-ng has no voice {name}")
        pitch = _PITCH_VALUE + round(math.log(manner.pitch / 100) / _PITCH_STEP)
        values = ((_RATE, _WORDS_PER_MINUTE * manner.rate // 100), (_PITCH, pitch), (_RANGE, _RANGE_VALUE))
        for parameter, value in values:
            self._library.espeak_SetParameter(parameter, value, 0)
        self._speaking = name, manner

    def say(self, text: str) -> bytes:
        self._heard.clear()
        data = text.encode() + b"\0"
        failed = self._library.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, 0, 0, _CHARS_UTF8, None, None)
        if failed or self._library.espeak_Synchronize():
            raise VoiceFailed("engine-failed", f"espeak-ng refused {len(data)} bytes")
        return bytes(self._heard)

    def phonemes(self, text: str) -> str:
        """One clause in the International Phonetic Alphabet, as espeak writes it; tones are digits."""
        left, told = ctypes.c_char_p(text.encode()), []
        while left.value:
            told.append(self._library.espeak_TextToPhonemes(ctypes.byref(left), _CHARS_UTF8, _IPA).decode())
        return " ".join(told)


@cache
def _library() -> _Library:
    return _Library()


class EspeakVoice:
    """A voice of eSpeak NG; VoiceFailed when it cannot start. Several may take turns in one process."""

    def __init__(self, name: str, manner: Manner | None = None) -> None:
        self._name, self._manner = name, manner or Manner()
        _library().turn_to(self._name, self._manner)
        self.rate: int = _library().rate

    def say(self, text: str) -> bytes:
        _library().turn_to(self._name, self._manner)
        return _library().say(text)


def phonemes(text: str, name: str) -> str:
    """`text` (one clause) as the rules of espeak's voice `name` pronounce it, in IPA."""
    _library().turn_to(name, Manner())
    return _library().phonemes(text)
