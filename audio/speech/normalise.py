"""Written administrative Vietnamese as it is read aloud: a pure function from text to text.

The text is cleaned, then read from left to right. Where a word, number or symbol begins, the rules of the families
are asked in order; the first that answers gives the words, all in small letters without digits, so that reading a
text already read changes nothing. What no rule claims is copied.
"""

import unicodedata
from dataclasses import dataclass

from audio.speech import amounts, dates, documents, phones, romans, symbols, times, words
from audio.speech.clean import cleaned
from audio.speech.rules import UNKNOWN, Rule

_RULES: tuple[Rule, ...] = (
    *symbols.RULES[:2],
    *documents.RULES,
    *phones.RULES,
    *times.RULES,
    *dates.RULES,
    *amounts.RULES,
    *romans.RULES,
    *words.RULES,
    *symbols.RULES[2:],
)
"""The order matters: a document number before a date, a date before a fraction, anything before a plain number."""

_CONTEXT = 40
"""Characters a rule may look back."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` … `end` of the spoken text stand for `written`; `kind` names the rule.

    Kind `unknown`: an abbreviation that is not in the table and was spelled, for a person to look at.
    """

    start: int
    end: int
    written: str
    kind: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The text as the engine reads it, and what in it was put in other words, in order."""

    text: str
    spans: tuple[Span, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The abbreviations that were spelled, in order of appearance, each once."""
        return tuple(dict.fromkeys(span.written for span in self.spans if span.kind == UNKNOWN))


def spoken(text: str) -> Spoken:
    """`text` as it is read aloud. Idempotent: spoken(spoken(x).text).text == spoken(x).text."""
    reader = _Reader(cleaned(text))
    return reader.read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._out: list[str] = []
        self._length = 0
        self._last = ""
        self._spans: list[Span] = []

    def read(self) -> Spoken:
        at = 0
        while at < len(self._text):
            at = self._step(at)
        text = "".join(self._out)
        return Spoken(text.rstrip(), tuple(self._spans))

    def _step(self, at: int) -> int:
        character = self._text[at]
        if character == "\n":
            self._break()
            return at + 1
        if not _begins(self._text, at):
            self._copy(character)
            return at + 1
        # What was already read stands before, not what was written there: a rule that looks back then finds the same
        # words when the result is read again.
        before = "".join(self._out[-_CONTEXT:])[-_CONTEXT:]
        seen = before + self._text[at:]
        for rule in _RULES:
            match = rule.pattern.match(seen, len(before))
            words_read = rule.read(match) if match and match[0] else None
            if match and words_read:
                self._say(words_read, match[0], rule.kind)
                return at + len(match[0])
        self._copy(character)
        return at + 1

    def _copy(self, character: str) -> None:
        if character == "-" and self._last in ("", "\n"):
            return  # a bullet
        if character == "-" and self._said_last and self._last != " ":
            self._put(", ")  # UBND-HĐND: the written names were one word each, the spoken ones are not
        elif character in symbols.KEPT or character.isalpha() or _is_mark(character):
            self._put(character, joined=character.isalpha() and self._said_last)
        else:
            self._put(" ")

    def _break(self) -> None:
        """A line break, without the space that a silent symbol may have left before it, and never two."""
        if self._last == " ":
            last = self._out.pop().rstrip(" ")
            self._length -= 1
            self._out.append(last)
            self._last = "".join(self._out[-2:])[-1:]
        if self._last not in ("", "\n"):
            self._put("\n")

    @property
    def _said_last(self) -> bool:
        return bool(self._spans) and self._spans[-1].end == self._length

    def _say(self, words_read: str, written: str, kind: str) -> None:
        if self._last.isalnum():
            self._put(" ")
        start = self._length
        self._put(words_read)
        self._spans.append(Span(start, self._length, written, kind))

    def _put(self, text: str, joined: bool = False) -> None:
        if joined:
            text = " " + text
        if text[0] == " " and self._last in ("", " ", "\n"):
            text = text[1:]
        if text:
            self._out.append(text)
            self._length += len(text)
            self._last = text[-1]


def _begins(text: str, at: int) -> bool:
    """True where a word or number begins, or where a symbol stands."""
    character = text[at]
    if character in " \n":
        return False
    if not at or not character.isalpha():
        return not (at and character.isdigit() and text[at - 1].isdigit())
    before = text[at - 1]
    return not (before.isalpha() or _is_mark(before))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc")
