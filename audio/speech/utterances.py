"""Dividing a spoken text into utterances with the pause that follows each: sentences, paragraphs, long sentences."""

import re
from dataclasses import dataclass, replace

SENTENCE_MS = 450
PARAGRAPH_MS = 900
CLAUSE_MS = 180
PAUSES_MS = {"?": 550, "!": 500, "…": 600, ":": 350, ";": 300}
"""After a sentence that ends so; any other ends with SENTENCE_MS."""
LONGEST = 400
"""Characters. A longer sentence is divided at commas, else at spaces: engines slow down or breathe badly."""

_SENTENCE_END = re.compile(r"(?<=[.!?…;:])[\"'”’)\]]*\s+")
_CLOSING = "\"'”’)] "


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text for one call of the engine, the silence after it in milliseconds, and which paragraph it is of (0 …)."""

    text: str
    pause_ms: int
    paragraph: int = 0


def utterances(spoken: str) -> tuple[Utterance, ...]:
    """In reading order; the last pause is 0. Parts without a letter are left out, and so are paragraphs of them."""
    found: list[Utterance] = []
    paragraph = 0
    for line in spoken.splitlines():
        parts = [part for sentence in _SENTENCE_END.split(line) for part in _sentence(sentence.strip(), paragraph)]
        if parts:
            found += [*parts[:-1], replace(parts[-1], pause_ms=PARAGRAPH_MS)]
            paragraph += 1
    if found:
        found[-1] = replace(found[-1], pause_ms=0)
    return tuple(found)


def _sentence(sentence: str, paragraph: int) -> list[Utterance]:
    parts = [part for part in _divided(sentence) if any(map(str.isalnum, part))]
    end = PAUSES_MS.get(sentence.rstrip(_CLOSING)[-1:], SENTENCE_MS)
    pauses = [CLAUSE_MS] * (len(parts) - 1) + [end]
    return [Utterance(part, pause, paragraph) for part, pause in zip(parts, pauses, strict=False)]


def _divided(sentence: str) -> list[str]:
    parts: list[str] = []
    while len(sentence) > LONGEST:
        at = max(sentence.rfind(", ", 0, LONGEST) + 1, 0) or sentence.rfind(" ", 0, LONGEST)
        at = at if at > 0 else LONGEST
        parts.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [*parts, sentence]
