"""Abbreviations by the table, words in capitals, and unknown abbreviations letter by letter."""

import re

from audio.speech.lexicon import LETTERS, spelled, table
from audio.speech.rules import UNKNOWN, Rule, rule
from audio.speech.syllables import has_marks, is_syllable

_CAPITALS = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯṌṸẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
"""One by one: in Unicode the small letters with marks stand between the capital ones."""


def _known_pattern() -> str:
    """Longest first, so that TT&VH is found before TT; a dot at the end is part of an entry like TP."""
    keys = sorted(table("general"), key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, keys)) + ")"


def _known(match: re.Match[str]) -> str | None:
    return table("general")[match[0]]


def _is_word(match: re.Match[str]) -> bool:
    """A word in capitals: it has a tone, or it is a syllable and stands among other words in capitals or alone."""
    return is_syllable(match[0]) or has_marks(match[0])


def _capitals(match: re.Match[str]) -> str | None:
    return match[0].lower() if _is_word(match) else None


def _spelled(match: re.Match[str]) -> str | None:
    return spelled(match[0]) or None


def _letter_by_number(match: re.Match[str]) -> str | None:
    """H5N1, A12: a single capital before a number."""
    return LETTERS[match[0]]


_END = r"(?![^\W\d_])"

RULES: tuple[Rule, ...] = (
    rule("abbreviation", rf"{_known_pattern()}(?:(?<=\.)|{_END})", _known),
    rule("capitals", rf"[{_CAPITALS}]{{2,}}{_END}", _capitals),
    rule(UNKNOWN, rf"[A-ZĐĂÂÊÔƠƯ]{{2,}}{_END}", _spelled),
    rule(UNKNOWN, rf"[A-ZĐĂÂÊÔƠƯ]{{2,}}[a-zđ]{{1,2}}{_END}", _spelled),
    rule("letter", r"[A-ZĐ](?=\d)", _letter_by_number),
)
