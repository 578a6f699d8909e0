"""The port every speech engine fits."""

from typing import Protocol


class Voice(Protocol):
    """One voice of one engine. Lives in the worker process, so it may be native, slow or hungry."""

    rate: int
    """Samples per second of what `say` returns."""

    def say(self, text: str) -> bytes:
        """The normalised `text` (one utterance) as s16 mono PCM; VoiceFailed when the engine does not."""
        ...


class VoiceFailed(Exception):
    """The speech engine is missing or gave no sound: our fault, not the text's."""
