"""Names of places and days of the week in short: TP. Hạ Long, Q.1, P. Hồng Gai, ĐT.330, Km 12+300, tối T7."""

import re

from audio.speech.numbers import cardinal
from audio.speech.rules import UNKNOWN, Rule, listed, rule, words_up_to
from audio.speech.syllables import CAPITAL, SMALL

_PLACES = {
    "TP": "thành phố", "Tp": "thành phố", "TX": "thị xã", "TT": "thị trấn", "Q": "quận", "P": "phường", "H": "huyện",
    "X": "xã", "KP": "khu phố", "Đ": "đường", "T": "tỉnh", "TDP": "tổ dân phố",
}  # fmt: skip
_OFFICES = "Giám đốc|Chủ tịch|Chủ nhiệm|Trưởng|Bí thư|Hiệu trưởng|Viện trưởng|Tổng"
_DAY_CONTEXT = frozenset(listed("sáng trưa chiều tối đêm từ đến ngày thứ hằng mỗi và , ("))
_DAYS = {"2": "hai", "3": "ba", "4": "tư", "5": "năm", "6": "sáu", "7": "bảy"}
_NAME = rf"[{CAPITAL}][{SMALL}]"


def _named(match: re.Match[str]) -> str | None:
    """Not after a capital word: Nguyễn H. Nam has an H. that is no district."""
    before = match.string[max(0, match.start() - 20) : match.start()].rstrip(" ").rpartition(" ")[2]
    if len(match[1]) == 1 and before[:1].isupper() and before[-1:].isalpha():
        return None
    return _PLACES[match[1]]


def _deputy(match: re.Match[str]) -> str:
    return "phó"


def _town(match: re.Match[str]) -> str:
    return "thị trấn"


def _address(match: re.Match[str]) -> str:
    return "địa chỉ"


def _road(match: re.Match[str]) -> str:
    return f"{_ROADS[match[1]]} {cardinal(int(match[2]))}{_LETTER.get(match[3], '')}"


_ROADS = {"ĐT": "đường tỉnh", "ĐH": "đường huyện", "ĐX": "đường xã", "TL": "tỉnh lộ", "QL": "quốc lộ"}


_LETTER = {"A": " a", "B": " bê", "C": " xê", "D": " dê"}


def _kilometre(match: re.Match[str]) -> str:
    """Km 12+300, Km125-Km127: a place on a road."""
    spoken = _post(match["km"], match["m"])
    return f"{spoken} đến {_post(match['km2'], match['m2'])}" if match["km2"] else spoken


def _post(km: str, metres: str | None) -> str:
    spoken = f"ki lô mét {cardinal(int(km))}"
    return f"{spoken} cộng {cardinal(int(metres))}" if metres else spoken


def _weekday(match: re.Match[str]) -> str | None:
    before = words_up_to(match.string, match.start())
    return f"thứ {_DAYS[match[1]]}" if before and before[-1] in _DAY_CONTEXT else None


def _sunday(match: re.Match[str]) -> str | None:
    before = words_up_to(match.string, match.start())
    return "chủ nhật" if before and before[-1] in _DAY_CONTEXT else None


_POST = r"[Kk][Mm]\s?(?P<km>\d{1,4})(?:\s?\+\s?(?P<m>\d{1,3}))?"
_END = r"(?![^\W_])"

RULES: tuple[Rule, ...] = (
    rule("place", rf"P\.\s?(?={_OFFICES})", _deputy),
    rule("place", rf"({'|'.join(sorted(_PLACES, key=len, reverse=True))})\.\s?(?={_NAME}|\d)", _named),
    rule("place", rf"TT (?={_NAME})", _town),
    rule("place", r"(Q)(?=\d{1,2}(?![^\W_]))", _named),
    rule("place", r"Đ[Cc](?=\s?:)", _address),
    rule("road", rf"(ĐT(?=[. ]?\d{{3}})|ĐH|ĐX|TL|QL)[. ]?(\d{{1,3}})([ABCD]?){_END}", _road),
    rule("road", rf"{_POST}(?:\s?-\s?[Kk][Mm]\s?(?P<km2>\d{{1,4}})(?:\s?\+\s?(?P<m2>\d{{1,3}}))?)?{_END}", _kilometre),
    rule("weekday", rf"T([2-7]){_END}", _weekday),
    rule("weekday", rf"CN{_END}", _sunday),
)
AMBIGUOUS = rule(UNKNOWN, rf"TT{_END}", lambda match: "tê tê")
"""Thị trấn, thông tư, trung tâm or trật tự: nobody knows without the words around it."""
