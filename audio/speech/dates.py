"""Dates: 19/8/2022, 30-4, 8/2022, ranges of them; and what looks like a date but is a fraction (7/9 tiêu chí)."""

import re

from audio.speech.amounts import MEASURE, NUMBER, unit
from audio.speech.numbers import cardinal, decimal, month
from audio.speech.rules import NOT_IN_WORD, Rule, listed, rule, word_before, words_after, words_up_to

_DAY, _MONTH, _YEAR = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"([12]\d{3})"
_TO = r"\s*-\s*"
_FULL = rf"{_DAY}([/.-]){_MONTH}\2{_YEAR}"
_NOT_NUMBER = r"(?![\d/]|[.,-]\d)" + NOT_IN_WORD

_COUNTED = frozenset(
    listed(
        "tiêu chí chỉ xã thôn bản hộ số đại đồng phường huyện tỉnh khu tổ thành người nhiệm nội mục điểm cụm "
        "trường lớp diện dân phần tổng đơn cơ học cháu hội ý phiếu lượt dự công km chặng quãng mẫu nhóm trạm cử trẻ "
        "giáo cán đảng bệnh tàu ca lần bài câu vị chi ban bộ tuyến di sản cuộc môn phòng chiếc xe đội đoàn con lô "
        "thửa thanh hộ gia sở viên liều lượng giống khóm cây suất mô doanh cửa nhà ha m tấn tạ kg lít đường hồ đơn "
        "gói vòng"
    )
)
_SHARED = frozenset(listed("số diện dân tổng quãng chặng phần chiều thời lượng viên giống"))
_DAY_WORDS = frozenset(
    listed("ngày mùng mồng sáng trưa chiều tối đêm từ đến trước sau hôm dịp lễ mai khánh tết hết tới nghỉ")
)
_UNSAID_DAY = frozenset(listed("mùng mồng khánh đường phố trường rằm"))
"""Behind these the day is named without the word for day: Quốc khánh 2/9, đường 30/4."""
_FRACTION_WORDS = frozenset(
    listed("đạt được chiếm hoàn hơn gần khoảng bằng tỷ tỉ lệ quá số điểm ngõ ngách hẻm kiệt hạng binh nhà thuê còn")
)
_FEAST = 6
"""Words back to "ngày" in the name of a feast: Ngày Nhà giáo Việt Nam 20/11."""


def _date(day: str, mon: str, year: str | None = None) -> str:
    spoken = f"{cardinal(int(day))} tháng {month(int(mon))}"
    return f"{spoken} năm {cardinal(int(year))}" if year else spoken


def _with_day(match: re.Match[str], spoken: str) -> str:
    return spoken if _is_said(match) else f"ngày {spoken}"


def _is_said(match: re.Match[str]) -> bool:
    """Whether "ngày" or the like stands before: the word itself, or a feast that begins with it."""
    before = words_up_to(match.string, match.start())[-_FEAST:]
    if not before or before[-1] in _UNSAID_DAY or before[-1] == "ngày":
        return bool(before)
    if "ngày" not in before:
        return False
    between = before[len(before) - before[::-1].index("ngày") :]
    return all(word.isalpha() for word in between) and not {"tháng", "đến", "và", "hoặc", "từ"} & set(between)


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
    before = word_before(match)
    if before in _DAY_WORDS:
        return True
    return words_after(match) not in _COUNTED and before not in _FRACTION_WORDS and not _numbers_before(match)


def _numbers_before(match: re.Match[str]) -> bool:
    """Số nhà 12/3: a word between is no hindrance."""
    return words_up_to(match.string, match.start())[-2:] in (["số", "nhà"], ["tỷ", "số"], ["tỉ", "số"])


def _dashed(match: re.Match[str]) -> str | None:
    """30-4, 1.5: a date only after a word for day or feast."""
    return _date(match[1], match[2]) if word_before(match) in ("ngày", "lễ", "dịp") else None


def _month_year(match: re.Match[str]) -> str:
    before = word_before(match)
    if before in ("quý", "quí", "kỳ", "đợt", "vụ"):
        return f"{cardinal(int(match[1]))} năm {cardinal(int(match[2]))}"
    spoken = f"{month(int(match[1]))} năm {cardinal(int(match[2]))}"
    return spoken if before == "tháng" else f"tháng {spoken}"


def _month_only(match: re.Match[str]) -> str | None:
    return month(int(match[1])) if word_before(match) == "tháng" else None


def _fraction(match: re.Match[str]) -> str:
    """7/9 tiêu chí, 2/3 số hộ, 125/120 ha, số 12/3."""
    whole, of = match["whole"], match["of"]
    if _is_share(match):
        return f"{cardinal(int(whole))} phần {month(int(of))}"
    return f"{decimal(whole)} trên {decimal(of)}"


def _measured_fraction(match: re.Match[str]) -> str:
    """125/120 ha as a part of a plan, 1/2 lít as a half."""
    if match["whole"] == "1" and match["of"] in ("2", "3", "4"):
        return f"một phần {month(int(match['of']))} {unit(match)}"
    return f"{decimal(match['whole'])} trên {decimal(match['of'])} {unit(match)}"


def _is_share(match: re.Match[str]) -> bool:
    """Two thirds of something, and not two of three things."""
    whole, of = match["whole"], match["of"]
    if not (whole.isdigit() and of.isdigit() and int(whole) < int(of) <= 10):
        return False
    return words_after(match) in _SHARED


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
    rule("fraction", rf"(?P<whole>{NUMBER})/(?P<of>{NUMBER}){MEASURE}", _measured_fraction),
    rule("fraction", rf"(?P<whole>{NUMBER})/(?P<of>{NUMBER}){_NOT_NUMBER}", _fraction),
    rule("date", _MONTH + r"(?![\d/]|[.,-]\d)" + NOT_IN_WORD, _month_only),
)
