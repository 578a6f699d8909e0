"""The one table of voices: what is stored with a bulletin by name, what people read, and whether it can read now."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from audio.sources import DEFAULT_VOICE, Fallback, Manner
from audio.speech.specs import ENGINE, EspeakSpec, PiperSpec, ServiceSpec, Spec
from audio.speech.voice import Voice

Seat = dict[str, Any]
"""How the worker reaches a voice, see `audio.speech.aloud.Cast`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One voice. `label` is for people, `language` a BCP 47 tag."""

    name: str
    label: str
    language: str
    spec: Spec
    broken: str = ""
    """Known from the start: a model that is none."""

    @property
    def engine(self) -> str:
        """espeak, piper or service."""
        return ENGINE[type(self.spec)]

    @property
    def trouble(self) -> str:
        """Why it cannot read now: a code of `audio.speech.voice.FAILURES`; "" when nothing is known against it."""
        if self.broken:
            return self.broken
        if isinstance(self.spec, PiperSpec):
            if find_spec("onnxruntime") is None:
                return "engine-missing"
            if not Path(self.spec.model).is_file():
                return "voice-gone"
        return ""


BUILT_IN: Final = (
    Listed("vi", "Giọng miền Bắc", "vi", EspeakSpec("vi")),
    Listed("vi-central", "Giọng miền Trung", "vi", EspeakSpec("vi-vn-x-central")),
    Listed("vi-south", "Giọng miền Nam", "vi", EspeakSpec("vi-vn-x-south")),
)
"""They need no network and nothing but the packages."""


class Voices(Mapping[str, Listed]):
    """The built-in voices and `more`, by name, in the order in which they are shown."""

    def __init__(self, more: Iterable[Listed] = ()) -> None:
        self._listed = {each.name: each for each in (*BUILT_IN, *more)}
        self._failed: dict[str, str] = {}

    def __getitem__(self, name: str) -> Listed:
        return self._listed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    def label(self, name: str) -> str:
        """What people call it; the name itself for a voice that is not in the table any more."""
        return self._listed[name].label if name in self._listed else name

    def tried(self, names: Iterable[str], fallbacks: Iterable[Fallback]) -> None:
        """Remember which of `names`, just asked to read, failed and which did not."""
        codes = {each.voice: each.code for each in fallbacks}
        self._failed |= codes
        for name in set(names) - set(codes):
            self._failed.pop(name, None)

    def failed_last(self, name: str) -> str:
        """Why it did not read when it was asked last: a code of FAILURES; "" when it did, or was not asked yet."""
        return self._failed.get(name, "")

    def apart(self, names: Iterable[str]) -> dict[str, PiperSpec | ServiceSpec]:
        """Those of `names` whose engine needs a process of its own."""
        found = {
            name: self._listed[name].spec for name in names if name in self._listed and not self._listed[name].broken
        }
        return {name: spec for name, spec in found.items() if not isinstance(spec, EspeakSpec)}

    def seats(self, names: Iterable[str], lines: Mapping[str, list[int]]) -> dict[str, Seat]:
        """How the worker reaches each of `names` and the default voice (`audio.speech.aloud.Cast`)."""
        return {name: self._seat(name, lines) for name in (*names, DEFAULT_VOICE)}

    def _seat(self, name: str, lines: Mapping[str, list[int]]) -> Seat:
        listed = self._listed.get(name)
        if listed is None:
            return {"gone": "voice-gone"}
        if listed.broken:
            return {"gone": listed.broken}
        if isinstance(listed.spec, EspeakSpec):
            return {"espeak": listed.spec.voice}
        return {"line": lines[name], "seconds": listed.spec.seconds, "does": listed.spec.does}


def open_voice(name: str, manner: Manner | None = None) -> Voice:
    """A built-in voice in this process."""
    from audio.speech.espeak import EspeakVoice  # loads the native library

    spec = {each.name: each.spec for each in BUILT_IN}[name]
    assert isinstance(spec, EspeakSpec), "the built-in voices are espeak's"
    return EspeakVoice(spec.voice, manner)
