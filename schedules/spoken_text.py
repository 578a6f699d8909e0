"""Reading Vietnamese as people type it: with or without diacritics, in any case, with any spacing. Pure."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

LONGEST = 1000
"""Characters of one sentence."""


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """What could not be understood, at which character, and what to write instead."""

    template: str
    """In Vietnamese, a key of the catalogues; `values` fill its places."""
    position: int
    values: dict[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.template.format(**self.values)


class NotUnderstood(Exception):
    """Ends the reading."""

    def __init__(self, template: str, position: int, **values: str) -> None:
        super().__init__(template)
        self.said = Misunderstood(template, position, values)


class Cursor:
    """A place in the text. Patterns are written without diacritics and match whole words only."""

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFC", text)
        # One plain letter for each character, so that a position is the same in both.
        self.plain = "".join(_plain(character) for character in self.text)
        self.position = 0

    def take(self, pattern: str) -> re.Match[str] | None:
        """Step over `pattern` (and blanks before it) if it stands here; None and no step if not."""
        match = _compiled(pattern).match(self.plain, self.position)
        if match is not None:
            self.position = match.end()
        return match

    def sees(self, pattern: str) -> bool:
        """Whether `pattern` stands here."""
        return _compiled(pattern).match(self.plain, self.position) is not None

    def written(self, match: re.Match[str]) -> str:
        """What was typed there, in lower case with its diacritics."""
        return self.text[match.start() : match.end()].strip().lower()

    @property
    def done(self) -> bool:
        return not self.plain[self.position :].strip()

    def word(self) -> str:
        """The word that stands here."""
        match = re.compile(r"\s*(\S{1,30})").match(self.text, self.position)
        return match[1] if match else ""


# "ngày1" and "5h" are two words each, "lần" and "lầnh" are not the same.
_WORD_ENDS = r"(?:(?<=[a-z])(?![a-z])|(?<=[0-9])(?![0-9])|(?<![a-z0-9]))"


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{pattern}){_WORD_ENDS}")


def _plain(character: str) -> str:
    if character in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 and not unicodedata.combining(base) else " "
