"""What a reading rule is, and how it looks at the words around what it matched."""

import re
from collections.abc import Callable
from dataclasses import dataclass

LETTER = r"[^\W\d_]"
NOT_IN_WORD = r"(?![^\W_])"
"""Lookahead: the match must not go on into a word or number."""

UNKNOWN = "unknown"
"""The kind of what nobody has said how to read: it was spelled, read piece by piece or left as it was."""

DROPPED = "dropped"
"""The kind of what is not read at all: a picture sign, a character lost in copying."""

_WORDS_BEFORE = re.compile(r"[^\W\d_]+|\d+|[,.;:!?()\"\n-]")

Found = tuple[str, str]
"""What was written, and how it is read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`find(text, at)` is asked where a word, number or symbol begins; None when the rule does not apply."""

    kind: str
    find: Callable[[str, int], Found | None]


def rule(kind: str, pattern: str, read: Callable[[re.Match[str]], str | None]) -> Rule:
    """A rule by a pattern; `read` returns the words, or None when it does not apply after all."""
    compiled = re.compile(pattern)

    def find(text: str, at: int) -> Found | None:
        match = compiled.match(text, at)
        read_as = read(match) if match and match[0] else None
        return (match[0], read_as) if match and read_as else None

    return Rule(kind, find)


def word_before(match: re.Match[str], count: int = 1) -> str:
    """The last `count` words before the match in lower case; a punctuation mark counts as a word."""
    return " ".join(words_up_to(match.string, match.start())[-count:])


def words_up_to(text: str, at: int) -> list[str]:
    """The words and marks in the 40 characters before `at`, in lower case."""
    found: list[str] = _WORDS_BEFORE.findall(text[max(0, at - 40) : at].lower())
    return found


def words_after(match: re.Match[str], count: int = 1) -> str:
    """The next `count` words in lower case, up to the end of the line."""
    ahead = match.string[match.end() : match.end() + 40].split("\n", 1)[0]
    return " ".join(re.findall(LETTER + "+", ahead)[:count]).lower() if ahead[:1] in ("", " ") else ""


def listed(words: str) -> list[str]:
    """A word list written as text, as it is easiest to read and extend."""
    return words.split()
