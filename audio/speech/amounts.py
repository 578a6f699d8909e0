"""Amounts: plain and decimal numbers, percentages, money, measures, ranges, ordinals, negative numbers."""

import re

from audio.speech.lexicon import LETTERS
from audio.speech.numbers import decimal, digits, ordinal
from audio.speech.rules import NOT_IN_WORD, Rule, listed, rule, word_before

NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?(?:(?<!,\d)(?:\.\d+)+)?"
_TO = r"\s*-\s*"

UNITS = {
    "km2": "ki lô mét vuông", "m2": "mét vuông", "cm2": "xăng ti mét vuông", "m3": "mét khối",
    "cm3": "xăng ti mét khối",
    "dm3": "đề xi mét khối", "km": "ki lô mét", "m": "mét", "dm": "đề xi mét", "cm": "xăng ti mét", "mm": "mi li mét",
    "ha": "héc ta", "kg": "ki lô gam", "g": "gam", "gr": "gam", "mg": "mi li gam", "l": "lít", "lít": "lít",
    "ml": "mi li lít", "°C": "độ xê", "oC": "độ xê", "ºC": "độ xê", "°": "độ", "kW": "ki lô oát", "KW": "ki lô oát",
    "kWh": "ki lô oát giờ", "kwh": "ki lô oát giờ", "KWh": "ki lô oát giờ", "MW": "mê ga oát", "W": "oát",
    "kV": "ki lô vôn",
    "KV": "ki lô vôn", "kVA": "ki lô vôn am pe", "V": "vôn", "Hz": "héc", "kHz": "ki lô héc", "MHz": "mê ga héc",
    "MB": "mê ga bai", "GB": "ghi ga bai", "mmHg": "mi li mét thủy ngân", "s": "giây", "tấn": "tấn", "tạ": "tạ",
    "người": "người", "con": "con", "%": "phần trăm", "‰": "phần nghìn", "HP": "mã lực", "CV": "mã lực",
}  # fmt: skip
"""Read only directly behind a number."""
MONEY = {
    "đ": "đồng", "Đ": "đồng", "₫": "đồng", "đồng": "đồng", "VNĐ": "đồng", "VND": "đồng", "vnđ": "đồng", "vnd": "đồng",
    "USD": "đô la Mỹ", "$": "đô la", "EUR": "ơ rô", "€": "ơ rô", "tr": "triệu", "trđ": "triệu đồng", "triệu": "triệu",
    "triệu đồng": "triệu đồng", "tỷ": "tỷ", "tỷ đồng": "tỷ đồng", "tỉ": "tỷ", "tỉ đồng": "tỷ đồng",
    "nghìn": "nghìn", "nghìn đồng": "nghìn đồng", "ngàn đồng": "nghìn đồng", "k": "nghìn",
}  # fmt: skip
PER = {"h": "giờ", "s": "giây", "kg": "ki lô gam", "ha": "héc ta", "m2": "mét vuông", "m3": "mét khối",
       "km": "ki lô mét", "km2": "ki lô mét vuông", "l": "lít", "lít": "lít", "kWh": "ki lô oát giờ",
       "kwh": "ki lô oát giờ", "ngày đêm": "ngày đêm"} | {word: word for word in
       listed("người hộ tháng năm ngày giờ tấn tạ con cây suất vụ lượt khẩu học sinh buổi lần sào bao lớp phút đợt")
}  # fmt: skip


def _choice(table: dict[str, str]) -> str:
    return "|".join(re.escape(key) for key in sorted(table, key=len, reverse=True))


_MEASURE = rf"\s?(?P<unit>{_choice(MONEY | UNITS)}){NOT_IN_WORD}(?P<per>(?:/(?:{_choice(PER)}){NOT_IN_WORD})*)"


def _unit(match: re.Match[str]) -> str:
    written = match["unit"]
    money = MONEY.get(written)
    per = [PER[part] for part in match["per"].split("/") if part]
    joint = "một" if money else "trên"
    return " ".join([money or UNITS[written], *(f"{joint} {part}" for part in per)])


def _sign(match: re.Match[str]) -> str:
    return "âm " if match["minus"] else ""


def _measured(match: re.Match[str]) -> str:
    return f"{_sign(match)}{decimal(match['number'])} {_unit(match)}"


def _measured_range(match: re.Match[str]) -> str:
    return f"{_sign(match)}{decimal(match['number'])} đến {decimal(match['second'])} {_unit(match)}"


def _dollars(match: re.Match[str]) -> str:
    return f"{decimal(match['number'])} {'đô la' if match['sign'] == '$' else 'ơ rô'}"


def _range(match: re.Match[str]) -> str:
    return f"{decimal(match['number'])} đến {decimal(match['second'])}"


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


_MINUS = r"(?P<minus>(?<![^\W_])-)?"
_NUMBER, _SECOND = f"(?P<number>{NUMBER})", f"(?P<second>{NUMBER})"

RULES: tuple[Rule, ...] = (
    rule("money", rf"(?P<sign>[$€])\s?{_NUMBER}{NOT_IN_WORD}", _dollars),
    rule("measure", rf"{_MINUS}{_NUMBER}(?:\s?%)?{_TO}{_SECOND}{_MEASURE}", _measured_range),
    rule("measure", rf"{_MINUS}{_NUMBER}{_MEASURE}", _measured),
    rule("number", r"\d{1,3}(?:,\d{3}){2,}(?![\d,])", _english),
    rule("range", rf"{_NUMBER}{_TO}{_SECOND}(?![-/]\d|[.,]\d)", _range),
    rule("number", rf"{_NUMBER}\s?[x×](?=\s?\d)", _product),
    rule("number", rf"{_NUMBER}(?P<letter>[A-ZĐ])(?![^\W\d_])", _lettered),
    rule("number", rf"{_MINUS}{_NUMBER}", _number),
)
