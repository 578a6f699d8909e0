"""The tables of abbreviations and of foreign words, and the Vietnamese names of letters."""

import tomllib
from functools import cache
from pathlib import Path

from audio.speech.lookup import Lookup

_FILES = (Path(__file__).with_name("abbreviations.toml"), Path(__file__).with_name("foreign.toml"))

LETTERS = {
    "A": "a", "Ă": "á", "Â": "ớ", "B": "bê", "C": "xê", "D": "dê", "Đ": "đê", "E": "e", "Ê": "ê", "F": "ép", "G": "gờ",
    "H": "hát", "I": "i", "J": "gi", "K": "ca", "L": "lờ", "M": "mờ", "N": "nờ", "O": "o", "Ô": "ô", "Ơ": "ơ",
    "P": "pê", "Q": "quy", "R": "rờ", "S": "sờ", "T": "tê", "U": "u", "Ư": "ư", "V": "vê", "W": "vê kép", "X": "ích",
    "Y": "i dài", "Z": "dét",
}  # fmt: skip
"""As a newsreader says them. One sound each where there are two names (mờ, not em-mờ): clearer from a horn."""


@cache
def table(name: str) -> dict[str, str]:
    """The part `name` of the files: written → read. A broken file raises at first use, at start-up."""
    for file in _FILES:
        with file.open("rb") as stream:
            parts = tomllib.load(stream)
        if name in parts:
            return dict(parts[name])
    raise KeyError(name)


@cache
def lookup(name: str) -> Lookup:
    """The same part, ready to be looked up in a text; foreign words are found in any case."""
    return Lookup(table(name), any_case=name == "foreign")


def spelled(word: str) -> str:
    """Letter by letter; marks of tone are dropped with the letter's case, an unknown letter is left out."""
    return " ".join(LETTERS[letter] for letter in word.upper() if letter in LETTERS)


def in_document(code: str) -> tuple[str, bool]:
    """A code of a document number in words, and whether it was known."""
    found = table("documents").get(code) or table("general").get(code)
    return (found, True) if found else (spelled(code), False)
