"""Dates: 19/8/2022, 30-4, 8/2022, ranges of them; and what looks like a date but is a fraction (7/9 tiêu chí)."""

import re

from audio.speech.numbers import cardinal, month
from audio.speech.rules import NOT_IN_WORD, Rule, listed, rule, word_before, words_after

_DAY, _MONTH, _YEAR = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"([12]\d{3})"
_TO = r"\s*-\s*"
_FULL = rf"{_DAY}([/.-]){_MONTH}\2{_YEAR}"
_NOT_NUMBER = r"(?![\d/]|[.,-]\d)" + NOT_IN_WORD

_COUNTED = frozenset(
    listed(
        "tiêu chí chỉ xã thôn bản hộ số đại đồng phường huyện tỉnh khu tổ thành người nhiệm nội mục điểm cụm "
        "trường lớp diện dân phần tổng đơn cơ học cháu hội ý phiếu lượt dự công km chặng quãng mẫu nhóm trạm"
    )
)
_SHARED = frozenset(listed("số diện dân tổng quãng chặng phần chiều thời"))
_FRACTION_WORDS = frozenset(listed("đạt được chiếm hoàn hơn gần khoảng bằng tỷ lệ quá"))


def _date(day: str, mon: str, year: str | None = None) -> str:
    spoken = f"{cardinal(int(day))} tháng {month(int(mon))}"
    return f"{spoken} năm {cardinal(int(year))}" if year else spoken


def _with_day(match: re.Match[str], spoken: str) -> str:
    return spoken if word_before(match) in ("ngày", "mùng", "mồng") else f"ngày {spoken}"


def _full(match: re.Match[str]) -> str:
    return _with_day(match, _date(match[1], match[3], match[4]))


def _full_range(match: re.Match[str]) -> str:
    first, second = _date(match[1], match[3], match[4]), _date(match[5], match[7], match[8])
    return f"{_with_day(match, first)} đến ngày {second}"


def _short_range(match: re.Match[str]) -> str | None:
    """30/8-2/9, 30/8-2/9/2022."""
    first, second = _date(match[1], match[2]), _date(match[3], match[4], match[5])
    return f"{_with_day(match, first)} đến ngày {second}"


def _days_of_month(match: re.Match[str]) -> str | None:
    """3-5/9, 3-5/9/2022: days of one month."""
    if int(match[1]) >= int(match[2]):
        return None
    return f"{_with_day(match, cardinal(int(match[1])))} đến ngày {_date(match[2], match[3], match[4])}"


def _short(match: re.Match[str]) -> str | None:
    if not _is_date(match):
        return None
    return _with_day(match, _date(match[1], match[2]))


def _is_date(match: re.Match[str]) -> bool:
    if word_before(match) in ("ngày", "mùng", "mồng"):
        return True
    if words_after(match) in _COUNTED or word_before(match) in _FRACTION_WORDS:
        return False
    return word_before(match) not in ("số", "tỷ", "lệ", "điểm")


def _dashed(match: re.Match[str]) -> str | None:
    """30-4, 1.5: a date only after a word for day or feast."""
    return _date(match[1], match[2]) if word_before(match) in ("ngày", "lễ", "dịp") else None


def _month_year(match: re.Match[str]) -> str:
    spoken = f"{month(int(match[1]))} năm {cardinal(int(match[2]))}"
    return spoken if word_before(match) == "tháng" else f"tháng {spoken}"


def _month_only(match: re.Match[str]) -> str | None:
    return month(int(match[1])) if word_before(match) == "tháng" else None


def _fraction(match: re.Match[str]) -> str:
    joint = "phần" if words_after(match) in _SHARED else "trên"
    return f"{cardinal(int(match[1]))} {joint} {cardinal(int(match[2]))}"


RULES: tuple[Rule, ...] = (
    rule(
        "date-range",
        rf"{_DAY}([/.-]){_MONTH}\2{_YEAR}{_TO}{_DAY}([/.-]){_MONTH}\6{_YEAR}{_NOT_NUMBER}",
        _full_range,
    ),
    rule("date", _FULL + _NOT_NUMBER, _full),
    rule("date-range", rf"{_DAY}/{_MONTH}{_TO}{_DAY}/{_MONTH}(?:/{_YEAR})?{_NOT_NUMBER}", _short_range),
    rule("date-range", rf"{_DAY}{_TO}{_DAY}/{_MONTH}(?:/{_YEAR})?{_NOT_NUMBER}", _days_of_month),
    rule("date", rf"{_MONTH}[/-]{_YEAR}{_NOT_NUMBER}", _month_year),
    rule("date", rf"{_DAY}/{_MONTH}{_NOT_NUMBER}", _short),
    rule("date", rf"{_DAY}[-.]{_MONTH}{_NOT_NUMBER}", _dashed),
    rule("fraction", rf"(\d{{1,6}})/(\d{{1,6}}){_NOT_NUMBER}", _fraction),
    rule("date", _MONTH + r"(?![\d/]|[.,-]\d)" + NOT_IN_WORD, _month_only),
)
