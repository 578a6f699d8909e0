"""Codes of letters and digits: licence plates, A/H5N1, TBR225, KĐT A12."""

import re

from audio.speech.lexicon import LETTERS, spelled
from audio.speech.numbers import cardinal, digits
from audio.speech.rules import NOT_IN_WORD, Rule, rule

_NOT_ON = r"(?![-/:._#*|~^,]?\d)" + NOT_IN_WORD


def _plate(match: re.Match[str]) -> str:
    """14A-123.45, 14B1-234.56, 29-H1 1234: the place as a number, the rest by its digits."""
    series = " ".join(digits(each) if each.isdigit() else LETTERS[each] for each in match[2])
    tail = ", ".join(digits(each) for each in match.groups()[2:] if each)
    return f"{cardinal(int(match[1]))} {series}, {tail}"


def _code(match: re.Match[str]) -> str:
    parts = re.findall(r"[A-ZĐ]+|\d+", match[0])
    said = [_number(part) if part.isdigit() else spelled(part) for part in parts]
    return f"{said[0]}, {' '.join(said[1:])}" if "/" in match[0] else " ".join(said)


def _number(part: str) -> str:
    return digits(part) if len(part) > 4 or (len(part) > 1 and part[0] == "0") else cardinal(int(part))


RULES: tuple[Rule, ...] = (
    rule("plate", rf"([1-9]\d)-?([A-ZĐ]{{1,2}}\d?)[ -](\d{{3}})\.?(\d{{2}}){_NOT_ON}", _plate),
    rule("plate", rf"([1-9]\d)-?([A-ZĐ]\d?)[ -](\d{{4}}){_NOT_ON}", _plate),
    rule("code", rf"[A-Z]/(?:[A-Z]\d{{1,2}}){{1,2}}{_NOT_ON}", _code),
    rule("code", rf"(?:[A-ZĐ]{{1,4}}-?\d{{1,6}}){{1,3}}[A-ZĐ]?{_NOT_ON}", _code),
)
