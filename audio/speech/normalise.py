"""Written administrative Vietnamese as it is read aloud: a pure function from text to text."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int
    written: str
    kind: str


@dataclass(frozen=True, slots=True)
class Spoken:
    text: str
    spans: tuple[Span, ...]


def spoken(text: str) -> Spoken:
    return Spoken(unicodedata.normalize("NFC", text).strip(), ())
