"""What the demonstration is to say: a text file or a recording, checked before anything is started."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.api import Api

DEFAULT_TEXT = Path(__file__).with_name("bulletin.txt")
TITLE_CHARACTERS = 120
UPLOAD_BYTES = 200 * 1024 * 1024


class BadInput(Exception):
    """The text or recording cannot be broadcast; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text file (the default one when both are None) or an audio file."""

    text: Path | None = None
    audio: Path | None = None

    def check(self) -> None:
        """Raise BadInput for what can be seen without a controller: it judges the rest."""
        if self.text is not None and self.audio is not None:
            raise BadInput("give a text or a recording, not both")
        if self.audio is None:
            self._read_text()
        elif _size(self.audio) > UPLOAD_BYTES:
            raise BadInput(f"{self.audio} is larger than {UPLOAD_BYTES // 1024 // 1024} MiB")

    def hand_in(self, api: Api) -> Any:
        """Give it to the controller; return the new bulletin."""
        if self.audio is not None:
            return api.post_file("bulletins/audio", self.audio, {"title": self.audio.stem[:TITLE_CHARACTERS]})
        text = self._read_text()
        title = text.strip().splitlines()[0][:TITLE_CHARACTERS]
        return api.post("bulletins", {"title": title, "text": text, "field": 1})

    def _read_text(self) -> str:
        path = self.text or DEFAULT_TEXT
        _size(path)
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(f"{path} is not UTF-8 text") from error
        if not text.strip():
            raise BadInput(f"{path} holds no words")
        return text


def _size(path: Path) -> int:
    """The size of a readable file that is not empty."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    if size == 0:
        raise BadInput(f"{path} is empty")
    return size
