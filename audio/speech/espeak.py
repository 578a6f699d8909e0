"""eSpeak NG through ctypes, from the wheel that carries the library and its data; no program, no Debian package."""

import ctypes
from typing import ClassVar

import espeakng_loader

from audio.speech.voice import VoiceFailed

_RETRIEVAL = 1
_CHARS_UTF8 = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_WORDS_PER_MINUTE = 150
"""A little slower than talk: horns echo between houses."""
_PITCH_VALUE, _RANGE_VALUE = 45, 60
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class EspeakVoice:
    """A voice of eSpeak NG; VoiceFailed when it cannot start.

    The library keeps global state and hangs for ever when it is started again: one in the life of a process.
    """

    _started: ClassVar[bool] = False

    def __init__(self, name: str) -> None:
        if EspeakVoice._started:
            raise VoiceFailed("espeak-ng starts once in a process")
        EspeakVoice._started = True
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate: int = self._library.espeak_Initialize(_RETRIEVAL, 200, data, 0)
        if self.rate <= 0:
            raise VoiceFailed("espeak-ng did not start")
        self._heard = bytearray()
        self._callback = _Callback(self._hear)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)
        if self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise VoiceFailed(f"espeak-ng has no voice {name}")
        for parameter, value in ((_RATE, _WORDS_PER_MINUTE), (_PITCH, _PITCH_VALUE), (_RANGE, _RANGE_VALUE)):
            self._library.espeak_SetParameter(parameter, value, 0)

    def _hear(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: int | None) -> int:
        if samples and count > 0:
            self._heard += ctypes.string_at(samples, count * 2)
        return 0

    def say(self, text: str) -> bytes:
        self._heard.clear()
        data = text.encode() + b"\0"
        failed = self._library.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, 0, 0, _CHARS_UTF8, None, None)
        if failed or self._library.espeak_Synchronize():
            raise VoiceFailed(f"espeak-ng refused {len(data)} bytes")
        return bytes(self._heard)
