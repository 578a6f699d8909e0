"""Written administrative Vietnamese as it is read aloud: a pure function from text to text.

The text is cleaned, then read from left to right (`audio.speech.reader`). Where a word, number or symbol begins, the
station's own readings and then the rules of the families are asked in order; the first that answers gives the words,
all in small letters without digits, so that reading a text already read changes nothing. What no rule claims is
copied.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from audio.speech import amounts, codes, dates, documents, phones, places, romans, symbols, times, unknown, web, words
from audio.speech.clean import cleaned
from audio.speech.reader import Span, read
from audio.speech.readings import NONE, Readings
from audio.speech.rules import DROPPED, UNKNOWN

_AT_DIGIT = (
    *web.RULES,
    *documents.RULES,
    *codes.RULES[:2],
    *phones.RULES,
    *times.RULES,
    *dates.RULES,
    *amounts.RULES,
    unknown.NUMBERS,
    amounts.LAST,
)
"""The order matters: a document number before a date, a date before a fraction, anything before a plain number."""
_AT_LETTER = (
    *web.RULES,
    *romans.RULES,
    *places.RULES,
    *words.RULES[:3],
    places.AMBIGUOUS,
    *codes.RULES[2:],
    *words.RULES[3:],
    unknown.WORDS,
)
_AT_SYMBOL = (*phones.RULES, *amounts.RULES[:1], *amounts.MINUS_RULES, *words.PER, *symbols.RULES)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the text: as written, as read, and the kind of the rule; "" for what is read as it is written."""

    written: str
    read: str
    kind: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The text as the engine reads it, and what in it was put in other words, in order.

    `written` is the text after cleaning, to which the places of the spans refer.
    """

    text: str
    spans: tuple[Span, ...]
    written: str = ""

    @property
    def unknown(self) -> tuple[str, ...]:
        """What nobody has said how to read, in order of appearance, each once."""
        return _each_once(span.written for span in self.spans if span.kind == UNKNOWN)

    @property
    def dropped(self) -> tuple[str, ...]:
        """What is not read at all, each once."""
        return _each_once(span.written for span in self.spans if span.kind == DROPPED)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The whole text from its beginning to its end, in pieces that are read as written and pieces that are not."""
        found: list[Segment] = []
        at = start = 0
        for span in self.spans:
            self._between(found, at, span.at, start, span.start)
            found.append(Segment(span.written, self.text[span.start : span.end], span.kind))
            at, start = span.at + len(span.written), span.end
        self._between(found, at, len(self.written), start, len(self.text))
        return tuple(found)

    def _between(self, found: list[Segment], at: int, until: int, start: int, end: int) -> None:
        if at < until or start < end:
            found.append(Segment(self.written[at:until], self.text[start:end], ""))


def _each_once(written: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(written))


def spoken(text: str, readings: Readings = NONE) -> Spoken:
    """`text` as it is read aloud, by the station's own `readings` before everything else.

    Idempotent: spoken(spoken(x).text).text == spoken(x).text. The time grows with the length and no faster.
    """
    clean = cleaned(text)
    said, spans = read(clean, readings, (_AT_DIGIT, _AT_LETTER, _AT_SYMBOL))
    return Spoken(said, spans, clean)
