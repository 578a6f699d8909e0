"""How well a text is read: the sentences of reading.toml against what people say, and a naive reading beside it.

Not a matter of speed: accuracy is the same on every machine, and here so that nobody must take it on trust.
"""

import re
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from audio.speech.lexicon import spelled
from audio.speech.normalise import Spoken, spoken
from audio.speech.numbers import cardinal
from bench.figures import Figure, alone
from bench.workplace import Workplace

CORPUS = Path(__file__).with_name("reading.toml")
UNSEEN = Path(__file__).with_name("reading_unseen.toml")
_WORD = re.compile(r"[^\W_]+")
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a bulletin, how it is read aloud, and what it is about."""

    field: str
    written: str
    read: str


def sentences(file: Path) -> list[Sentence]:
    with file.open("rb") as stream:
        fields = tomllib.load(stream)
    return [Sentence(field, written, read) for field, pairs in fields.items() for written, read in pairs.items()]


def naive(text: str) -> str:
    """Each run of digits as a number, capitals by their letters, symbols left out: what a plain engine does."""
    text = re.sub(r"\d+", lambda match: f" {cardinal(int(match[0]))} ", text)
    text = re.sub(r"\b[A-ZĐ]{2,}\b", lambda match: spelled(match[0]), text)
    return " ".join(re.sub(r"[^\w\s.,;:!?()\"'-]", " ", text).split())


def same(got: str, wanted: str) -> bool:
    """Exactly right but for capital letters, which nobody hears."""
    return got.casefold() == wanted.casefold()


def words_wrong(got: str, wanted: str) -> tuple[int, int]:
    """Words to put in, take out or exchange (Levenshtein), and the words there should be."""
    ours, theirs = (_WORD.findall(text.casefold()) for text in (got, wanted))
    before = list(range(len(theirs) + 1))
    for row, word in enumerate(ours, 1):
        now = [row]
        for column, other in enumerate(theirs, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (word != other)))
        before = now
    return before[-1], len(theirs)


def run(place: Workplace) -> list[Figure]:
    corpus, unseen = sentences(CORPUS), sentences(UNSEEN)
    place.say(f"{len(corpus)} sentences, {len(unseen)} more that no rule was made for")
    silently = [each.written for each in unseen if not same((found := spoken(each.written)).text, each.read)
                and not found.unknown]  # fmt: skip
    for written in silently:
        place.say(f"wrong without a mark: {written}")
    return [
        *_accuracy("corpus", corpus, at_least=98),
        *_accuracy("sentences no rule was made for", unseen, at_least=None),
        alone("Reading: wrong without a mark, of those no rule was made for", len(silently), "sentences"),
        _speed(corpus),
    ]


def _accuracy(name: str, corpus: Sequence[Sentence], at_least: int | None) -> list[Figure]:
    right, wer = _score(corpus, lambda text: spoken(text).text)
    peer_right, peer_wer = _score(corpus, naive)
    peer_is = "digits as numbers, capitals as letters"
    return [
        Figure(
            f"Reading, {name}: sentences exactly right", right, "%", peer_right, peer_is, right / max(peer_right, 1),
            spread=f"n={len(corpus)}", aim=f"≥ {at_least} %" if at_least else "",
            ok=right >= at_least if at_least else None,
        ),
        Figure(f"Reading, {name}: word error rate", wer, "%", peer_wer, peer_is, wer / max(peer_wer, 1)),
    ]  # fmt: skip


def _score(corpus: Sequence[Sentence], reading: Callable[[str], str]) -> tuple[float, float]:
    """Sentences exactly right and words wrong, both in per cent."""
    right = sum(same(reading(each.written), each.read) for each in corpus)
    counts = [words_wrong(reading(each.written), each.read) for each in corpus]
    return 100 * right / len(corpus), 100 * sum(wrong for wrong, _ in counts) / sum(total for _, total in counts)


def _speed(corpus: Sequence[Sentence]) -> Figure:
    """A bulletin of the longest kind that the desk takes."""
    text = "\n".join(each.written for each in corpus)[:20_000]
    taken = [_seconds(spoken, text) for _ in range(_REPEATS)]
    return alone("Reading: a text of 20,000 characters", sorted(taken)[_REPEATS // 2], "s", at_most=1.0)


def _seconds(reading: Callable[[str], Spoken], text: str) -> float:
    begun = time.perf_counter()
    reading(text)
    return time.perf_counter() - begun
