"""Amounts: plain and decimal numbers, percentages, money, measures, ranges, ordinals, negative numbers."""

import re

from audio.speech.lexicon import LETTERS
from audio.speech.numbers import cardinal, decimal, digits, ordinal
from audio.speech.rules import NOT_IN_WORD, UNKNOWN, Rule, listed, rule, word_before, words_up_to
from audio.speech.unknown import GLUED

NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\d)|\d+(?:[.,]\d+)?"
_TO = r"\s*-\s*"

UNITS = {
    "km2": "ki lô mét vuông", "m2": "mét vuông", "cm2": "xăng ti mét vuông", "m3": "mét khối",
    "cm3": "xăng ti mét khối",
    "dm3": "đề xi mét khối", "km": "ki lô mét", "m": "mét", "dm": "đề xi mét", "cm": "xăng ti mét", "mm": "mi li mét",
    "ha": "héc ta", "kg": "ki lô gam", "g": "gam", "gr": "gam", "mg": "mi li gam", "l": "lít", "lít": "lít",
    "ml": "mi li lít", "°C": "độ xê", "oC": "độ xê", "ºC": "độ xê", "°": "độ", "kW": "ki lô oát", "KW": "ki lô oát",
    "kWh": "ki lô oát giờ", "kwh": "ki lô oát giờ", "KWh": "ki lô oát giờ", "MW": "mê ga oát", "W": "oát",
    "kV": "ki lô vôn",
    "KV": "ki lô vôn", "kVA": "ki lô vôn am pe", "V": "vôn", "Hz": "héc", "kHz": "ki lô héc",
    "MHz": "mê ga héc",
    "MB": "mê ga bai", "GB": "ghi ga bai", "mmHg": "mi li mét thủy ngân", "s": "giây", "tấn": "tấn", "tạ": "tạ",
    "người": "người", "con": "con", "độ C": "độ xê", "độ c": "độ xê", "°N": "độ vĩ bắc", "°E": "độ kinh đông",
    "0C": "độ xê", "Mbps": "mê ga bít trên giây", "TB": "tê ra bai", "KB": "ki lô bai", "ppm": "phần triệu",
    "cc": "xê xê", "hm": "héc tô mét", "mSv": "mi li xi vớt", "dB": "đề xi ben", "kcal": "ki lô ca lo",
    "mV": "mi li vôn", "mA": "mi li am pe", "MWh": "mê ga oát giờ", "kWp": "ki lô oát đỉnh", "hl": "héc tô lít",
    "lần": "lần", "giờ": "giờ", "h": "giờ", "%": "phần trăm", "‰": "phần nghìn", "HP": "mã lực", "CV": "mã lực",
}  # fmt: skip
"""Read only directly behind a number."""
MONEY = {
    "đ": "đồng", "Đ": "đồng", "₫": "đồng", "đồng": "đồng", "VNĐ": "đồng", "VND": "đồng", "vnđ": "đồng", "vnd": "đồng",
    "USD": "đô la Mỹ", "$": "đô la", "EUR": "ơ rô", "€": "ơ rô", "tr": "triệu", "trđ": "triệu đồng", "triệu": "triệu",
    "triệu đồng": "triệu đồng", "tỷ": "tỷ", "tỷ đồng": "tỷ đồng", "tỉ": "tỷ", "tỉ đồng": "tỷ đồng",
    "nghìn": "nghìn", "nghìn đồng": "nghìn đồng", "ngàn đồng": "nghìn đồng", "k": "nghìn",
}  # fmt: skip
_TECHNICAL = {
    "s": "giây", "kg": "ki lô gam", "ha": "héc ta", "m2": "mét vuông", "m3": "mét khối", "km": "ki lô mét",
    "km2": "ki lô mét vuông", "l": "lít", "kWh": "ki lô oát giờ", "kwh": "ki lô oát giờ", "h": "giờ", "m": "mét",
    "ml": "mi li lít", "g": "gam",
}  # fmt: skip
"""Behind a slash: "trên" (tạ trên héc ta) unless money is divided (đồng một ki lô gam)."""
COUNTED = frozenset(
    listed(
        "lít người hộ tháng năm ngày giờ tấn tạ con cây suất vụ lượt khẩu học buổi lần sào bao lớp phút đợt quý tuần "
        "lượng chỉ khóm nhà bình gốc lô chuyến đêm phòng chiếc mẫu công trường thôn đơn xã vé em cháu trẻ gói cuốn "
        "hội nhân lứa kỳ quyển bộ viên quả bó thùng chai"
    )
)
"""Behind a slash: "một", of whatever so much is meant."""


def _choice(table: dict[str, str]) -> str:
    return "|".join(re.escape(key) for key in sorted(table, key=len, reverse=True))


_BY = f"{_choice(_TECHNICAL)}|{_choice(dict.fromkeys(COUNTED, ''))}"
_PER = rf"/(?:{_BY}|\d{{1,2}}\s?h){NOT_IN_WORD}"
MEASURE = rf"\s?(?P<unit>{_choice(MONEY | UNITS)}){NOT_IN_WORD}(?P<per>(?:{_PER})*)"


def unit(match: re.Match[str]) -> str:
    """The unit in the groups of MEASURE, with what it is counted by: nghìn đồng một ki lô gam, mét khối trên giây."""
    written = match["unit"]
    money = MONEY.get(written)
    said = [money or UNITS[written]]
    for part in match["per"].split("/")[1:]:
        hours = re.fullmatch(r"(\d+)\s?h", part)
        if hours:
            said.append(f"trong {decimal(hours[1])} giờ")
        elif part in _TECHNICAL:
            said.append(f"{'một' if money or written in _PEOPLE else 'trên'} {_TECHNICAL[part]}")
        else:
            said.append(f"một {part}")
    return " ".join(said)


_PEOPLE = frozenset(("lần", "%"))


def _sign(match: re.Match[str]) -> str:
    return "âm " if match["minus"] else ""


def _measured(match: re.Match[str]) -> str:
    return f"{_sign(match)}{decimal(match['number'])} {unit(match)}"


def _measured_range(match: re.Match[str]) -> str:
    return f"{_sign(match)}{decimal(match['number'])} đến {decimal(match['second'])} {unit(match)}"


def _dollars(match: re.Match[str]) -> str:
    return f"{decimal(match['number'])} {'đô la' if match['sign'] == '$' else 'ơ rô'}"


def _range(match: re.Match[str]) -> str | None:
    """Only upwards: what goes down is a score, or nobody knows what."""
    first, second = match["number"], match["second"]
    if _value(first) >= _value(second):
        return None
    return f"{decimal(first)} đến {decimal(second)}"


def _value(written: str) -> float:
    whole, _, fraction = written.partition(",")
    return float(f"{whole.replace('.', '')}.{fraction or 0}")


_SCORE_WORDS = frozenset(listed("thắng thua hòa hoà dẫn"))
_SCORE_PAIRS = (["tỷ", "số"], ["tỉ", "số"], ["dẫn", "trước"])


def _score(match: re.Match[str]) -> str | None:
    """Thắng 3-1, tỷ số 2 - 2."""
    before = words_up_to(match.string, match.start())[-2:]
    if not before or (before[-1] not in _SCORE_WORDS and before not in _SCORE_PAIRS):
        return None
    return f"{cardinal(int(match[1]))} {cardinal(int(match[2]))}"


def _list(match: re.Match[str]) -> str | None:
    """Thôn 1,2,3: no decimals."""
    numbers = match[0].split(",")
    if len(numbers) < 3 and word_before(match) not in _NUMBERED:
        return None
    return ", ".join(cardinal(int(number)) for number in numbers)


_NUMBERED = frozenset(listed("thôn tổ khu xóm bản ấp đội nhóm lớp điều khoản phố cụm chi bộ mục tháng"))


def _share(match: re.Match[str]) -> str | None:
    """Phân NPK 5-10-3: what it is made of."""
    return (
        ", ".join(cardinal(int(part)) for part in match[0].split("-")) if word_before(match) in ("ca", "npk") else None
    )


def _ratio(match: re.Match[str]) -> str | None:
    return f"{decimal(match['number'])} trên {decimal(match['second'])}" if _is_ratio(match) else None


def _is_ratio(match: re.Match[str]) -> bool:
    before = words_up_to(match.string, match.start())[-3:]
    return "lệ" in before or "pha" in before


def _english(match: re.Match[str]) -> str:
    return decimal(match[0].replace(",", "."))


def _number(match: re.Match[str]) -> str:
    written = match["number"]
    if written.isdigit():
        if len(written) >= 9 or (len(written) > 3 and written[0] == "0"):
            return digits(written)
        if word_before(match) == "thứ":
            return ordinal(int(written))
        return f"{_sign(match)}{decimal(str(int(written)))}"
    return f"{_sign(match)}{decimal(written)}"


def _lettered(match: re.Match[str]) -> str:
    """5A, 12B: a class, a house, a road."""
    return f"{decimal(match['number'])} {LETTERS[match['letter']]}"


def _product(match: re.Match[str]) -> str:
    return f"{decimal(match['number'])} nhân"


def _measured_product(match: re.Match[str]) -> str:
    return f"{decimal(match['number'])} {unit(match)} nhân"


def _millions(match: re.Match[str]) -> str:
    """5tr5, 2tr: as people write prices."""
    return f"{cardinal(int(match[1]))} triệu" + (f" {cardinal(int(match[2]))}" if match[2] else "")


_MINUS = r"(?P<minus>(?<![^\W_])-)?"
_NUMBER, _SECOND = f"(?P<number>{NUMBER})", f"(?P<second>{NUMBER})"

RULES: tuple[Rule, ...] = (
    rule("money", rf"(?P<sign>[$€])\s?{_NUMBER}{NOT_IN_WORD}", _dollars),
    rule("money", rf"(\d{{1,3}})tr(\d)?{NOT_IN_WORD}", _millions),
    rule("measure", rf"{_NUMBER}{MEASURE}\s?[x×](?=\s?\d)", _measured_product),
    rule("measure", rf"{_MINUS}{_NUMBER}(?:\s?(?:%|°C|oC))?{_TO}{_SECOND}{MEASURE}", _measured_range),
    rule("measure", rf"{_MINUS}{_NUMBER}{MEASURE}", _measured),
    rule("number", r"\d{1,3}(?:,\d{3}){2,}(?![\d,])", _english),
    rule("list", rf"\d{{1,2}}(?:,\d{{1,2}})+{GLUED}{NOT_IN_WORD}", _list),
    rule("score", rf"(\d{{1,2}}){_TO}(\d{{1,2}}){GLUED}{NOT_IN_WORD}", _score),
    rule("ratio", rf"{_NUMBER}\s?:\s?{_SECOND}{GLUED}{NOT_IN_WORD}", _ratio),
    rule("number", rf"\d{{1,2}}-\d{{1,2}}-\d{{1,2}}{GLUED}{NOT_IN_WORD}", _share),
    rule("range", rf"{_NUMBER}{_TO}{_SECOND}{GLUED}", _range),
    rule("number", rf"{_NUMBER}\s?[x×](?=\s?\d)", _product),
    rule("number", rf"{_NUMBER}(?P<letter>[A-ZĐ])(?![^\W_])", _lettered),
    rule("number", rf"{_MINUS}{_NUMBER}{GLUED}", _number),
)
MINUS_RULES = tuple(each for each in RULES if each.kind in ("measure", "number"))
"""What may begin with a sign."""
LAST = rule(UNKNOWN, rf"{_MINUS}{_NUMBER}", _number)
"""When not even the rules of unknown things have an answer: no digit is left standing."""
