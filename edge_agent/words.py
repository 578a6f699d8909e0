"""Sentences for the technician at the box, in each language side by side, so that none can be forgotten."""

from dataclasses import dataclass
from enum import StrEnum


class Lang(StrEnum):
    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Values go in by name: `{count}`."""

    vi: str
    en: str

    def say(self, lang: Lang, **values: object) -> str:
        return (self.vi if lang is Lang.VI else self.en).format(**values)
