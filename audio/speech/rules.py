"""What a reading rule is, and how it looks at the words around what it matched."""

import re
from collections.abc import Callable
from dataclasses import dataclass

LETTER = r"[^\W\d_]"
NOT_IN_WORD = r"(?![^\W_])"
"""Lookahead: the match must not go on into a word or number."""

UNKNOWN = "unknown"
"""The kind of what was spelled because nobody has said what it means."""

_WORDS_BEFORE = re.compile(r"[^\W\d_]+|\d+|[,.;:!?()\"\n-]")


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` is tried where a word or number begins; `read` returns the words, or None when it does not apply."""

    kind: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], str | None]


def word_before(match: re.Match[str], count: int = 1) -> str:
    """The last `count` words before the match in lower case; a punctuation mark counts as a word."""
    found = _WORDS_BEFORE.findall(match.string[max(0, match.start() - 40) : match.start()])
    return " ".join(found[-count:]).lower()


def words_after(match: re.Match[str], count: int = 1) -> str:
    """The next `count` words in lower case, up to the end of the line."""
    ahead = match.string[match.end() : match.end() + 40].split("\n", 1)[0]
    return " ".join(re.findall(LETTER + "+", ahead)[:count]).lower() if ahead[:1] in ("", " ") else ""


def rule(kind: str, pattern: str, read: Callable[[re.Match[str]], str | None]) -> Rule:
    return Rule(kind, re.compile(pattern), read)


def listed(words: str) -> list[str]:
    """A word list written as text, as it is easiest to read and extend."""
    return words.split()
