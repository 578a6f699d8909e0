"""Going through a cleaned text from left to right, asking rules where something begins, copying the rest."""

import unicodedata
from dataclasses import dataclass, replace

from audio.speech.clean import is_unread
from audio.speech.readings import Readings
from audio.speech.rules import DROPPED, UNKNOWN, Rule
from audio.speech.symbols import KEPT

_CONTEXT = 60
"""Characters a rule may look back."""
_AHEAD = 300
"""Characters a rule sees at once: what is longer is no expression of anybody, and the time stays in proportion."""

OWN = "own"
"""The kind of what the station itself has said how to read."""

Rules = tuple[tuple[Rule, ...], tuple[Rule, ...], tuple[Rule, ...]]
"""The rules to be asked where a digit, a letter, a symbol stands."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` … `end` of the spoken text stand for `written`, which begins at `at` in the cleaned text.

    `kind` names the rule. Kind `unknown`: nobody has said how it is read, for a person to look at. Kind `dropped`: it
    is not read (start == end).
    """

    start: int
    end: int
    written: str
    kind: str
    at: int = 0


def read(text: str, readings: Readings, rules: Rules) -> tuple[str, tuple[Span, ...]]:
    """The cleaned `text` as it is read, and what was put in other words."""
    return _Reader(text, readings, rules).read()


class _Reader:
    def __init__(self, text: str, readings: Readings, rules: Rules) -> None:
        self._text, self._readings = text, readings
        self._digit, self._letter, self._symbol = rules
        self._out: list[str] = []
        self._length = 0
        self._last = ""
        self._spans: list[Span] = []
        self._said_until = 0
        """Where in the text the last expression ended."""

    def read(self) -> tuple[str, tuple[Span, ...]]:
        at = 0
        while at < len(self._text):
            at = self._step(at)
        said = "".join(self._out).rstrip()
        end = len(said)
        return said, tuple(span if span.end <= end else replace(span, start=end, end=end) for span in self._spans)

    def _step(self, at: int) -> int:
        character = self._text[at]
        if character == "\n":
            self._break()
            return at + 1
        if is_unread(character):
            return self._drop(at)
        if not self._begins(at):
            self._copy(character)
            return at + 1
        # What was already read stands before, not what was written there: a rule that looks back then finds the same
        # words when the result is read again.
        before = "".join(self._out[-_CONTEXT:])[-_CONTEXT:]
        seen = before + self._text[at : at + _AHEAD]
        own = self._readings.find(seen, len(before))
        if own:
            return self._say(own[1], own[0], OWN, at)
        for rule in self._rules_at(character):
            found = rule.find(seen, len(before))
            if found:
                return self._say(found[1], found[0], rule.kind, at)
        self._copy(character)
        return at + 1

    def _rules_at(self, character: str) -> tuple[Rule, ...]:
        if character.isdigit():
            return self._digit
        return self._letter if character.isalpha() else self._symbol

    def _begins(self, at: int) -> bool:
        """True where a word or number begins, where a symbol stands, or where an expression ended just before."""
        character = self._text[at]
        if character == " ":
            return False
        if not at or at == self._said_until:
            return True
        before = self._text[at - 1]
        if not character.isalpha():
            return not (character.isdigit() and before.isdigit())
        return not (before.isalpha() or _is_mark(before))

    def _drop(self, at: int) -> int:
        end = at + 1
        while end < len(self._text) and is_unread(self._text[end]):
            end += 1
        self._part()
        self._spans.append(Span(self._length, self._length, self._text[at:end], DROPPED, at))
        self._put(" ")
        return end

    def _silence(self) -> None:
        """In place of a silent sign."""
        self._part()
        self._put(" ")

    def _part(self) -> None:
        """What a silent sign parts must stay apart: tik*tok is not what tik tok is."""
        if self._said_last and self._spans[-1].kind == UNKNOWN:
            self._put(",")

    def _copy(self, character: str) -> None:
        if character == "-" and self._last in ("", "\n"):
            return  # a bullet
        if character in ".,;:!?" and self._last == " " and self._dropped_last:
            self._unput()
        if character == "-" and self._is_pause:
            self._pause()
        elif character in KEPT or character.isalpha() or _is_mark(character):
            self._put(character, joined=character.isalpha() and self._said_last)
        else:
            self._silence()

    @property
    def _is_pause(self) -> bool:
        """A dash behind a space, or behind what was put in other words: UBND-HĐND was two words, now it is six."""
        return self._last == " " or self._said_last

    def _pause(self) -> None:
        if self._last == " ":
            self._unput()
        if self._last.isalnum() or self._last in ")\"'":
            self._put(",")
        self._put(" ")

    def _break(self) -> None:
        """A line break, without the space that a silent symbol may have left before it, and never two."""
        if self._last == " ":
            self._unput()
        if self._last not in ("", "\n"):
            self._put("\n")

    def _unput(self) -> None:
        """Take back a space."""
        last = self._out.pop()[:-1]
        self._length -= 1
        self._out.append(last)
        self._last = "".join(self._out[-2:])[-1:]

    @property
    def _dropped_last(self) -> bool:
        return bool(self._spans) and self._spans[-1].kind == DROPPED and self._spans[-1].end >= self._length - 1

    @property
    def _said_last(self) -> bool:
        return bool(self._spans) and self._spans[-1].kind != DROPPED and self._spans[-1].end == self._length

    def _say(self, words: str, written: str, kind: str, at: int) -> int:
        if self._last.isalnum() or _is_mark(self._last or " "):
            self._put(" ")
        start = self._length
        self._put(words)
        self._spans.append(Span(start, self._length, written, kind, at))
        self._said_until = at + len(written)
        return self._said_until

    def _put(self, text: str, joined: bool = False) -> None:
        if joined:
            text = " " + text
        if text[0] == " " and self._last in ("", " ", "\n"):
            text = text[1:]
        if text:
            self._out.append(text)
            self._length += len(text)
            self._last = text[-1]


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc")
