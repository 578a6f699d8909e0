"""What changed between two texts, word by word. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
EXACT_WORDS = 3_000
"""Longer texts are compared line by line: word by word would take seconds."""


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Kind
    text: str


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both in reading order: all that is not `new` is `before`, all that is not `gone` is `after`."""
    if before == after:
        return (Piece(Kind.SAME, after),) if after else ()
    old, new = _parts(before), _parts(after)
    if max(len(old), len(new)) > EXACT_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return tuple(_joined(_pieces(old, new)))


def _parts(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(Kind.SAME, "".join(old[a:b]))
            continue
        yield Piece(Kind.GONE, "".join(old[a:b]))
        yield Piece(Kind.NEW, "".join(new[c:d]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Without empty pieces; a lone space between two changed words belongs to the change."""
    found = [piece for piece in pieces if piece.text]
    gone, new = "", ""
    for n, piece in enumerate(found):
        between = piece.kind is Kind.SAME and piece.text.isspace() and 0 < n < len(found) - 1
        if piece.kind is Kind.SAME and not between:
            yield from _changed(gone, new)
            gone, new = "", ""
            yield piece
            continue
        gone += piece.text if piece.kind is not Kind.NEW else ""
        new += piece.text if piece.kind is not Kind.GONE else ""
    yield from _changed(gone, new)


def _changed(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Kind.GONE, gone)
    if new:
        yield Piece(Kind.NEW, new)
