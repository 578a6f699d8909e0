"""Telephone numbers, read digit by digit in the groups in which they are written."""

import re

from audio.speech.numbers import digits
from audio.speech.rules import NOT_IN_WORD, Rule, listed, rule, word_before

_SEP = r"[ .-]?"
_END = r"(?![\d])(?![.,/-]\d)" + NOT_IN_WORD
_CALL_WORDS = frozenset(listed("số gọi thoại đt hotline nóng tổng đài máy qua sđt hoặc"))


def _grouped(match: re.Match[str]) -> str:
    """Groups as written; a number without separators in 4-3-3."""
    written = match[0].removeprefix("+")
    groups = re.findall(r"\d+", written)
    if len(groups) == 1:
        whole = groups[0]
        cut = 4 if whole.startswith(("1800", "1900")) else len(whole) - 6
        groups = (
            [whole[:cut], whole[cut:]] if cut == 4 and whole[0] == "1" else [whole[:cut], whole[cut:-3], whole[-3:]]
        )
    spoken = ", ".join(digits(group) for group in groups)
    return f"cộng {spoken}" if match[0].startswith("+") else spoken


def _short(match: re.Match[str]) -> str | None:
    return digits(match[0]) if word_before(match).strip(":") in _CALL_WORDS or _called(match) else None


def _called(match: re.Match[str]) -> bool:
    return word_before(match) == ":" and word_before(match, 2).split(" ")[0] in _CALL_WORDS


RULES: tuple[Rule, ...] = (
    rule("phone", rf"0[35789]\d(?:{_SEP}\d){{7}}{_END}", _grouped),
    rule("phone", rf"\(?02\d{{1,2}}\)?(?:{_SEP}\d){{7,8}}{_END}", _grouped),
    rule("phone", rf"\+84(?:{_SEP}\d){{9,10}}{_END}", _grouped),
    rule("phone", rf"1[89]00(?:{_SEP}\d){{4,6}}{_END}", _grouped),
    rule("phone", r"(?:11[1-5]|18001\d{3}|1022)" + _END, _short),
)
