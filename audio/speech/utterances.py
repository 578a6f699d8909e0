"""Dividing a spoken text into utterances with the pause that follows each: sentences, paragraphs, long sentences."""

import re
from dataclasses import dataclass

SENTENCE_MS = 450
PARAGRAPH_MS = 900
CLAUSE_MS = 180
LONGEST = 400
"""Characters. A longer sentence is divided at commas, else at spaces: engines slow down or breathe badly."""

_SENTENCE_END = re.compile(r"(?<=[.!?…;:])[\"'”’)\]]*\s+")


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text for one call of the engine, and the silence after it in milliseconds."""

    text: str
    pause_ms: int


def utterances(spoken: str) -> tuple[Utterance, ...]:
    """In reading order; the last pause is 0. Parts without a letter are left out."""
    found: list[Utterance] = []
    for paragraph in spoken.splitlines():
        before = len(found)
        for sentence in _SENTENCE_END.split(paragraph):
            found += _sentence(sentence.strip())
        if len(found) > before:
            found[-1] = Utterance(found[-1].text, PARAGRAPH_MS)
    if found:
        found[-1] = Utterance(found[-1].text, 0)
    return tuple(found)


def _sentence(sentence: str) -> list[Utterance]:
    parts = [part for part in _divided(sentence) if any(map(str.isalnum, part))]
    pauses = [CLAUSE_MS] * (len(parts) - 1) + [SENTENCE_MS]
    return [Utterance(part, pause) for part, pause in zip(parts, pauses, strict=False)]


def _divided(sentence: str) -> list[str]:
    parts: list[str] = []
    while len(sentence) > LONGEST:
        at = max(sentence.rfind(", ", 0, LONGEST) + 1, 0) or sentence.rfind(" ", 0, LONGEST)
        at = at if at > 0 else LONGEST
        parts.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [*parts, sentence]
