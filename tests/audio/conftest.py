"""A bench for preparing clips: a store, a work folder and the calls around them."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from audio.clips import ClipStore
from audio.prepare import BadSound, FileSource, Limits, Prepared, Step, TextSource, prepare
from audio.sources import VoiceChoice
from audio.speech.voices import Voices


@dataclass
class Bench:
    """Prepares into `store` and remembers what progress was told."""

    folder: Path
    limits: Limits = field(default_factory=Limits)
    told: list[tuple[Step, int]] = field(default_factory=list)
    voices: Voices = field(default_factory=Voices)

    @property
    def store(self) -> ClipStore:
        return ClipStore(self.folder / "clips")

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def file(self, path: Path) -> Prepared:
        return self._prepare(FileSource(path, path.name))

    def text(self, text: str, voice: VoiceChoice | None = None) -> Prepared:
        return self._prepare(TextSource(text, voice or VoiceChoice()))

    def _prepare(self, source: TextSource | FileSource) -> Prepared:
        told = self.told.append
        return prepare(source, self.store, self.work, self.limits, lambda step, share: told((step, share)), self.voices)

    def refusal(self, source: Path | str) -> BadSound:
        """The refusal that `source` meets; nothing may be left in the store or the work folder."""
        with pytest.raises(BadSound) as caught:
            self.file(source) if isinstance(source, Path) else self.text(source)
        self.assert_empty()
        return caught.value

    def assert_empty(self) -> None:
        assert [path for path in self.folder.glob("clips/*/*")] == []
        assert [path for path in self.folder.glob("work/*")] == []


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
