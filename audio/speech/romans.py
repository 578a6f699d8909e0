"""Roman numerals: khóa XIV, thế kỷ XXI, quý IV/2022, lần thứ I, "II." at the beginning of a line."""

import re

from audio.speech.numbers import cardinal, ordinal
from audio.speech.rules import NOT_IN_WORD, Rule, listed, rule, word_before

_ROMAN = r"(X{0,3}(?:IX|IV|V?I{0,3}))"
_VALUES = {"I": 1, "V": 5, "X": 10}
_KEYWORDS = frozenset(
    listed(
        "khóa khoá kỷ kỉ thứ quý quí chương phần hội họp hạng loại cấp vùng khu tập mục điều đoạn đợt kỳ kì đoàn "
        "quân nhóm bảng phụ lục khối lớp"
    )
)
_ALSO_WORDS = frozenset(("VI", "XI", "X", "I", "V"))


def value(roman: str) -> int:
    """Of a well-formed numeral of I, V and X."""
    total = 0
    for letter, following in zip(roman, [*roman[1:], ""], strict=True):
        sign = -1 if following and _VALUES[following] > _VALUES[letter] else 1
        total += sign * _VALUES[letter]
    return total


def _read(match: re.Match[str]) -> str | None:
    if not match[1] or not _is_numeral(match):
        return None
    read = ordinal if word_before(match) == "thứ" else cardinal
    spoken = read(value(match[1]))
    if match[2]:
        spoken += f" đến {cardinal(value(match[2]))}"
    return f"{spoken} năm {cardinal(int(match[3]))}" if match[3] else spoken


def _is_numeral(match: re.Match[str]) -> bool:
    if word_before(match) in _KEYWORDS:
        return True
    at_line_start = match.string[: match.start()].rpartition("\n")[2].strip() == ""
    if at_line_start and match.string[match.end() : match.end() + 1] in (".", ")", "/", "-", ":"):
        return True
    return match[1] not in _ALSO_WORDS


RULES: tuple[Rule, ...] = (
    rule("roman", rf"(?=[IVX]){_ROMAN}(?:\s*-\s*(?=[IVX]){_ROMAN})?(?:/([12]\d{{3}}))?{NOT_IN_WORD}", _read),
)
