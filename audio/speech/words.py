"""Abbreviations by the table, foreign words, units without a number, words in capitals, unknown abbreviations."""

import re

from audio.speech.amounts import COUNTED, UNITS
from audio.speech.lexicon import lookup, spelled
from audio.speech.rules import UNKNOWN, Found, Rule, listed, rule, words_up_to
from audio.speech.syllables import CAPITAL, has_marks, is_syllable

_BEFORE_UNIT = frozenset(listed("mỗi một trên từng theo nghìn triệu trăm vạn rưỡi mươi"))
_SHORT_UNITS = ("ha", "m", "l", "g")
"""Words or letters of their own: units only behind a word for a number."""
_UNITS = {key: said for key, said in UNITS.items() if key[0].islower() and (len(key) > 1) and not is_syllable(key)} | {
    key: UNITS[key] for key in _SHORT_UNITS
}


def _known(text: str, at: int) -> Found | None:
    """Abbreviation or foreign word, whichever is longer."""
    found, foreign = lookup("general").find(text, at), lookup("foreign").find(text, at)
    if foreign and (found is None or len(foreign[0]) > len(found[0])):
        return foreign
    if found and is_syllable(found[0]) and _shouts(text, at):
        return found[0], found[0].lower()
    return found


def _shouts(text: str, at: int) -> bool:
    """A line that goes on in capitals alone: CA is a word there (CA NHẠC), elsewhere the police (CA xã)."""
    rest = text[at : at + 80].split("\n", 1)[0]
    return " " in rest.strip() and rest == rest.upper()


def _is_word(match: re.Match[str]) -> bool:
    """A word in capitals: it has a tone, or it is a syllable."""
    return is_syllable(match[0]) or has_marks(match[0])


def _capitals(match: re.Match[str]) -> str | None:
    return match[0].lower() if _is_word(match) else None


def _spelled(match: re.Match[str]) -> str | None:
    return spelled(match[0]) or None


def _unit(match: re.Match[str]) -> str | None:
    if match[0] in _SHORT_UNITS:
        before = words_up_to(match.string, match.start())
        if not before or before[-1] not in _BEFORE_UNIT:
            return None
    return _UNITS[match[0]]


def _celsius(match: re.Match[str]) -> str | None:
    """°C and độ C without a number."""
    before = words_up_to(match.string, match.start())
    return "xê" if before and before[-1] == "độ" else None


def _per(match: re.Match[str]) -> str | None:
    """5g muối/ngày: behind a word as behind a number."""
    before = match.string[match.start() - 1 : match.start()]
    return "một" if before.isalpha() else None


def _over(match: re.Match[str]) -> str | None:
    """30.000 cây/30ha."""
    return "trên" if match.string[match.start() - 1 : match.start()].isalpha() else None


_END = r"(?![^\W\d_])"
_COUNTED = "|".join(sorted((*COUNTED, *_UNITS), key=len, reverse=True))

RULES: tuple[Rule, ...] = (
    Rule("abbreviation", _known),
    rule("unit", rf"(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))}){_END}", _unit),
    rule("unit", rf"[Cc]{_END}", _celsius),
    rule("capitals", rf"[{CAPITAL}]{{2,}}{_END}", _capitals),
    rule(UNKNOWN, rf"[A-ZĐĂÂÊÔƠƯ]{{2,}}{_END}", _spelled),
    rule(UNKNOWN, rf"[A-ZĐĂÂÊÔƠƯ]{{2,}}[a-zđ]{{1,2}}{_END}", _spelled),
)
PER = (
    rule("per", rf"/(?=(?:{_COUNTED}){_END})", _per),
    rule("per", rf"/(?=\d{{1,6}}(?:,\d+)?\s?(?:{'|'.join(_UNITS)}){_END})", _over),
)
