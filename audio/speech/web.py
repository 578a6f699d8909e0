"""Addresses of the Internet and of mail, read as one says them to somebody: u bê nờ dê dam ha a còng quang ninh …"""

import re
from functools import cache

from audio.speech.lexicon import spelled, table
from audio.speech.numbers import digits
from audio.speech.rules import Rule, rule
from audio.speech.syllables import is_syllable

_ENDS = "vn|com|net|org|info|edu|gov|asia|io|me"
_KNOWN = {
    "www": "vê kép vê kép vê kép", "vn": "vê nờ", "gov": "gờ o vê", "com": "com", "net": "nét", "org": "o rờ gờ",
    "edu": "e đu", "gmail": "gi meo", "yahoo": "da hu", "facebook": "phây búc", "zalo": "da lô", "me": "mi",
    "youtube": "diu túp", "info": "in phô", "mail": "meo", "web": "oép",
}  # fmt: skip
_SIGNS = {".": "chấm", "@": "a còng", "/": "gạch chéo", "-": "gạch ngang", "_": "gạch dưới", "?": "hỏi", "=": "bằng",
          "&": "và", "#": "thăng", "%": "phần trăm", "+": "cộng", ":": "hai chấm"}  # fmt: skip
_PART = re.compile(r"[A-Za-z]+|\d+|[^\w]|_")
_LONGEST_SYLLABLE = 7


def _address(match: re.Match[str]) -> str:
    """Dots and slashes are said, the scheme is not."""
    plain = re.sub(r"^https?://", "", match[0]).rstrip("/")
    return " ".join(_part(part) for part in _PART.findall(plain))


def _part(part: str) -> str:
    if part.isdigit():
        return digits(part)
    return _SIGNS[part] if part in _SIGNS else _word(part.lower())


@cache
def _abbreviations() -> dict[str, str]:
    return {key.lower(): spelled(key) for key in table("general") if key.isascii() and key.isalpha()}


def _word(word: str) -> str:
    """In syllables and known abbreviations when it can be divided so, else letter by letter."""
    found = _KNOWN.get(word) or _abbreviations().get(word)
    if found:
        return found
    return " ".join(divided) if (divided := _divided(word)) else spelled(word)


def _divided(word: str) -> list[str] | None:
    """The fewest pieces; an abbreviation only at the beginning. Words are as short as a host name's part (63)."""
    best: list[list[str] | None] = [[]]
    for end in range(1, min(len(word), 63) + 1):
        found = None
        for begin in range(max(0, end - _LONGEST_SYLLABLE), end):
            before, piece = best[begin], word[begin:end]
            said = piece if len(piece) > 1 and is_syllable(piece) else None if begin else _abbreviations().get(piece)
            if before is not None and said and (found is None or len(before) + 1 < len(found)):
                found = [*before, said]
        best.append(found)
    return best[-1] if len(best) == len(word) + 1 else None


_PATH = r"(?:[/?][\w./?=&%#+:@-]{0,200}[\w/])?"
_HOST = r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}"
RULES: tuple[Rule, ...] = (
    rule("address", rf"(?:https?://|www\.)[A-Za-z0-9._@-]{{0,200}}[A-Za-z0-9](?::\d+)?{_PATH}", _address),
    rule("address", r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@" + _HOST + r"\.[A-Za-z]{2,}(?![\w])", _address),
    rule("address", rf"{_HOST}\.(?:{_ENDS})(?![\w-]|\.\w){_PATH}", _address),
)
