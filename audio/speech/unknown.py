"""What no rule understands: runs of digits and symbols, and words that are neither Vietnamese nor in a table."""

import re
from functools import lru_cache

from audio.speech.lexicon import spelled
from audio.speech.numbers import cardinal, digits
from audio.speech.rules import UNKNOWN, Found, Rule, rule
from audio.speech.syllables import is_syllable

_GLUE = r"-/:._,#*|~^\\"
GLUED = rf"(?!\d|[{_GLUE}]{{1,2}}\d)"
"""Lookahead: the number must not go on behind a symbol; then it is part of something else."""

_PIECE = re.compile(rf"\d+|[^\W\d_]+|[{_GLUE}]+")


def _piecewise(match: re.Match[str]) -> str:
    """12/3/4: each number by itself, with a short stop where a symbol stands."""
    said: list[str] = []
    for piece in _PIECE.findall(match[0]):
        if piece.isdigit():
            said.append(digits(piece) if piece[0] == "0" or len(piece) > 6 else cardinal(int(piece)))
        elif piece[0].isalpha():
            said.append(spelled(piece))
        elif said:
            said[-1] += ","
    return " ".join(filter(None, said))


NUMBERS = rule(UNKNOWN, rf"\d+[A-Za-zĐđ]{{0,3}}(?:[{_GLUE}]{{1,2}}[A-Za-zĐđ]{{0,3}}\d+[A-Za-zĐđ]{{0,3}})+", _piecewise)

_WORD = re.compile(r"[^\W\d_][^\W\d_\u0300-\u036f]*")


@lru_cache(maxsize=8192)
def _is_vietnamese(word: str) -> bool:
    return len(word) == 1 or is_syllable(word)


def _foreign(text: str, at: int) -> Found | None:
    """The word itself: the voice does with it what it can."""
    found = _WORD.match(text, at)
    if found is None or _is_vietnamese(found[0]):
        return None
    return found[0], found[0]


WORDS = Rule(UNKNOWN, _foreign)
