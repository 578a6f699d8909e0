"""Telephone numbers, read digit by digit in the groups in which they are written."""

import re

from audio.speech.numbers import digits
from audio.speech.rules import NOT_IN_WORD, Rule, listed, rule, words_up_to

_SEP = r"[ .-]?"
_END = r"(?![\d])(?![.,/-]\d)" + NOT_IN_WORD
_CALL_WORDS = frozenset(listed("số gọi thoại đt hotline nóng đài máy qua sđt hoặc gửi báo"))
_GAP = frozenset((":", "(", ",", "và", "là", "ngay", "tới", "đến", "về"))
_CODE_WORDS = frozenset(listed("mã thuế khoản khẩu seri danh"))
_NEAR = 7
"""Words and marks back."""


def _grouped(match: re.Match[str]) -> str | None:
    """Groups as written; a number without separators in 4-3-3, the country's code by itself."""
    groups = re.findall(r"\d+", match[0])
    if max(map(len, groups)) < 3:
        return None  # days or lots, one behind the other: 05 06 07 08 09
    country = ""
    if match[0].startswith("+"):
        country, groups[0] = "cộng tám bốn", groups[0].removeprefix("84")
        groups = [group for group in groups if group]
    if len(groups) == 1:
        groups = _cut(groups[0], country)
    spoken = ", ".join(digits(group) for group in groups)
    if not country:
        return spoken
    return f"{country} {spoken}" if re.match(r"\+84\d", match[0]) else f"{country}, {spoken}"


def _cut(whole: str, country: str) -> list[str]:
    if not country and whole.startswith(("1800", "1900")):
        return [whole[:4], whole[4:]]
    return [whole[:-6], whole[-6:-3], whole[-3:]]


def _short(match: re.Match[str]) -> str | None:
    return digits(match[0]) if _called(match) else None


def _called(match: re.Match[str]) -> bool:
    """After a word of calling, or after another number that stands after one: gọi 113, gọi 114 hoặc 115."""
    before = words_up_to(match.string, match.start())
    while before and before[-1] in _GAP:
        before.pop()
    return bool(before) and (before[-1] in _CALL_WORDS or before[-2:] in (["trẻ", "em"], ["một", "năm"]))


def _identity(match: re.Match[str]) -> str | None:
    """The number of an account, of a person, a secret code: by its digits however short."""
    before = words_up_to(match.string, match.start())[-_NEAR:]
    return digits(match[0]) if _CODE_WORDS.intersection(before) else None


def _foreign_lines(match: re.Match[str]) -> str | None:
    """+375: where a call comes from."""
    return f"cộng {digits(match[1])}" if "số" in words_up_to(match.string, match.start())[-_NEAR:] else None


RULES: tuple[Rule, ...] = (
    rule("phone", rf"0[35-9]\d(?:{_SEP}\d){{7}}{_END}", _grouped),
    rule("phone", rf"\(?02\d{{1,2}}\)?(?:{_SEP}\d){{7,8}}{_END}", _grouped),
    rule("phone", rf"\+84(?:{_SEP}\d){{9,10}}{_END}", _grouped),
    rule("phone", rf"1[89]00(?:{_SEP}\d){{4,6}}{_END}", _grouped),
    rule("phone", r"(?:11[1-5]|18001\d{3}|1022)" + _END, _short),
    rule("phone", r"\+(\d{2,3})" + _END, _foreign_lines),
    rule("identity", r"\d{4,14}" + _END, _identity),
)
