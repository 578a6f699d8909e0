"""The station's own readings: what may stand in such a table, and the table as the reader asks it.

Written forms are names, abbreviations, foreign words or patterns of digits; readings are Vietnamese words in small
letters. So no reading contains a written form, and reading a text already read changes nothing.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from audio.speech.clean import cleaned
from audio.speech.lookup import Lookup
from audio.speech.rules import Found
from audio.speech.syllables import is_syllable

MOST_WRITTEN, MOST_READ = 60, 200
"""Characters."""
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN_SIGNS = frozenset(" .,;:!?-'\"()")
_READABLE = re.compile(r"[^\W\d_]+(?:[ ,]+[^\W\d_]+)*")


class Wrong(StrEnum):
    """What speaks against a reading."""

    WRITTEN_EMPTY = "written-empty"
    WRITTEN_LONG = "written-long"
    WRITTEN_PLAIN = "written-plain"
    """Only Vietnamese words in small letters: they are read as they are written."""
    READ_EMPTY = "read-empty"
    READ_LONG = "read-long"
    READ_NOT_WORDS = "read-not-words"
    """Digits, symbols or words that are no Vietnamese syllables."""


def tidy(written: str, read: str) -> tuple[str, str]:
    """As they are kept: cleaned, on one line, the reading in small letters."""
    return " ".join(cleaned(written).split()), " ".join(cleaned(read).lower().split())


def wrong(written: str, read: str) -> Wrong | None:
    """What speaks against this tidy reading; None when nothing does."""
    if not any(map(str.isalnum, written)):
        return Wrong.WRITTEN_EMPTY
    if len(written) > MOST_WRITTEN:
        return Wrong.WRITTEN_LONG
    if not (written[0].isalnum()):
        return Wrong.WRITTEN_EMPTY
    if _is_plain(written):
        return Wrong.WRITTEN_PLAIN
    if not read:
        return Wrong.READ_EMPTY
    if len(read) > MOST_READ:
        return Wrong.READ_LONG
    return None if _is_said(read) else Wrong.READ_NOT_WORDS


def _is_plain(written: str) -> bool:
    """Names too (Hà Lam): their readings stand in built-in ones (thành phố Hồ Chí Minh)."""
    if any(not (sign.isalpha() or sign in _PLAIN_SIGNS) for sign in written):
        return False
    return all(_is_plain_word(word) for word in _WORD.findall(written))


def _is_plain_word(word: str) -> bool:
    small = word == word.lower()
    return small if len(word) == 1 else (small or word[1:] == word[1:].lower()) and is_syllable(word)


def _is_said(read: str) -> bool:
    return _READABLE.fullmatch(read) is not None and all(
        len(word) == 1 or is_syllable(word) for word in _WORD.findall(read)
    )


class Readings:
    """Written → read, as `wrong` lets through; what it does not is left out."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = {written: read for written, read in table.items() if wrong(written, read) is None}
        self._lookup = Lookup(self.table)

    def find(self, text: str, at: int) -> Found | None:
        return self._lookup.find(text, at)


NONE = Readings({})
"""Of a station that has said nothing of its own."""
