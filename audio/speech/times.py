"""Times of day: 17h30, 5h00, 17:30, 7h, 17g30, 07:00:15, 14 giờ 00, and ranges of them; minutes written 30'."""

import re

from audio.speech.numbers import cardinal
from audio.speech.rules import NOT_IN_WORD, Rule, listed, rule, word_before

_HOUR, _MINUTE = r"([01]?\d|2[0-4])", r"([0-5]\d)"
_H = rf"{_HOUR}\s?[hg](?:{_MINUTE}(?:\s?(?:'|p|phút)(?!\w))?)?"
_COLON = rf"{_HOUR}:{_MINUTE}"
_TO = r"\s*-\s*"
_END = r"(?![\d:]|[.,/-]\d)" + NOT_IN_WORD
_END_BEFORE_RANGE = r"(?![\d:])" + NOT_IN_WORD


_TIME_WORDS = frozenset(listed("lúc từ đến trước sau vào khoảng hồi tới sáng trưa chiều tối đêm"))


def _time(hour: str, minute: str | None, second: str | None = None) -> str:
    spoken = f"{cardinal(int(hour))} giờ"
    if minute and (int(minute) or second):
        spoken += f" {cardinal(int(minute))} phút"
    return f"{spoken} {cardinal(int(second))} giây" if second else spoken


def _one(match: re.Match[str]) -> str | None:
    """5g alone is more often five grams: an hour only behind a word for a time."""
    if match[0][-1] == "g" and word_before(match) not in _TIME_WORDS:
        return None
    return _time(match[1], match[2])


def _exact(match: re.Match[str]) -> str:
    return _time(match[1], match[2], match[3])


def _range(match: re.Match[str]) -> str:
    return f"{_time(match[1], match[2])} đến {_time(match[3], match[4])}"


def _minutes(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} phút"


def _round_the_clock(match: re.Match[str]) -> str:
    return "hai mươi tư trên hai mươi tư giờ"


def _all_week(match: re.Match[str]) -> str:
    return "hai mươi tư trên bảy"


RULES: tuple[Rule, ...] = (
    rule("time", r"24(?:h|\s?giờ)?/24\s?(?:h|giờ)" + NOT_IN_WORD + "|24h/24" + NOT_IN_WORD, _round_the_clock),
    rule("time", r"24/7" + NOT_IN_WORD, _all_week),
    rule("time", _H + _TO + _H + _END, _range),
    rule("time", _COLON + _TO + _COLON + _END, _range),
    rule("time", rf"{_HOUR}:{_MINUTE}:{_MINUTE}{_END}", _exact),
    rule("time", _H + _END_BEFORE_RANGE, _one),
    rule("time", _COLON + _END_BEFORE_RANGE, _one),
    rule("time", rf"{_HOUR} giờ {_MINUTE}(?: phút)?{_END}", _one),
    rule("time", r"(\d{1,3})'(?!['\w])", _minutes),
)
