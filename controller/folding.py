"""How text is searched: small letters without diacritics, so that "hop thon" finds "Họp thôn". Pure."""

import unicodedata
from collections.abc import Iterable

MARKED = "\n"
"""Stands in what is kept for the search between the folded text and the same with its diacritics."""


def plain(text: str) -> str:
    """Small letters, composed, single spaces, nothing that no database keeps; diacritics stay."""
    kept = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cs") or letter.isspace())
    return " ".join(unicodedata.normalize("NFC", kept).lower().split())


def fold(text: str) -> str:
    """The same without diacritics: đ is d, and every mark above, below or across a letter is gone."""
    apart = unicodedata.normalize("NFD", plain(text))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.replace("đ", "d").split())


def searchable(parts: Iterable[str]) -> str:
    """What is kept of a text to be searched: folded, then as written, so that what matches exactly can go first."""
    whole = " ".join(parts)
    return fold(whole) + MARKED + plain(whole)


def wanted(query: str, most: int = 8) -> tuple[str, ...]:
    """The words of a query, folded: each must be found. More than `most` narrow nothing any more."""
    return tuple(dict.fromkeys(fold(query).split()))[:most]
