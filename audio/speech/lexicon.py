"""The table of abbreviations, and the Vietnamese names of letters."""

import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("abbreviations.toml")

LETTERS = {
    "A": "a", "Ă": "á", "Â": "ớ", "B": "bê", "C": "xê", "D": "dê", "Đ": "đê", "E": "e", "Ê": "ê", "F": "ép", "G": "gờ",
    "H": "hát", "I": "i", "J": "gi", "K": "ca", "L": "lờ", "M": "mờ", "N": "nờ", "O": "o", "Ô": "ô", "Ơ": "ơ",
    "P": "pê", "Q": "quy", "R": "rờ", "S": "sờ", "T": "tê", "U": "u", "Ư": "ư", "V": "vê", "W": "vê kép", "X": "ích",
    "Y": "i dài", "Z": "dét",
}  # fmt: skip
"""As a newsreader says them. One sound each where there are two names (mờ, not em-mờ): clearer from a horn."""


@cache
def table(name: str) -> dict[str, str]:
    """The part `name` of abbreviations.toml: written → read. A broken file raises at first use, at start-up."""
    with _FILE.open("rb") as stream:
        return dict(tomllib.load(stream)[name])


def spelled(word: str) -> str:
    """Letter by letter; marks of tone are dropped with the letter's case, an unknown letter is left out."""
    return " ".join(LETTERS[letter] for letter in word.upper() if letter in LETTERS)


def in_document(code: str) -> tuple[str, bool]:
    """A code of a document number in words, and whether it was known."""
    found = table("documents").get(code) or table("general").get(code)
    return (found, True) if found else (spelled(code), False)
