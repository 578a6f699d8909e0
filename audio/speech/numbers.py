"""Numbers in Vietnamese words (northern usage: nghìn, linh), as taught in school books."""

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu")
_LONGEST = 18
"""Digits; a longer number is nobody's amount and is read digit by digit."""


def cardinal(number: int) -> str:
    """`number` ≥ 0 in words: 21 hai mươi mốt, 105 một trăm linh năm, 2024 hai nghìn không trăm hai mươi tư."""
    if number < 0:
        raise ValueError(number)
    if len(str(number)) > _LONGEST:
        return digits(str(number))
    billions, rest = divmod(number, 10**9)
    if not billions:
        return _below_billion(rest, False)
    head = f"{cardinal(billions)} tỷ"
    return f"{head} {_below_billion(rest, True)}" if rest else head


def _below_billion(number: int, follows: bool) -> str:
    """`follows`: something larger was read before, so a missing hundred is said."""
    words: list[str] = []
    for scale in (2, 1, 0):
        group = number // 1000**scale % 1000
        if group:
            words.append(_group(group, follows or bool(words)))
            if scale:
                words.append(_SCALES[scale])
    return " ".join(words) or _DIGITS[0]


def _group(group: int, follows: bool) -> str:
    hundreds, rest = divmod(group, 100)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or follows else []
    if not rest:
        return " ".join(words)
    if rest < 10 and words:
        return " ".join([*words, "linh", _DIGITS[rest]])
    return " ".join([*words, _below_hundred(rest)])


def _below_hundred(number: int) -> str:
    tens, unit = divmod(number, 10)
    if not tens:
        return _DIGITS[unit]
    ten = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if not unit:
        return ten
    if unit == 5:
        return f"{ten} lăm"
    if tens > 1 and unit in (1, 4):
        return f"{ten} {'mốt' if unit == 1 else 'tư'}"
    return f"{ten} {_DIGITS[unit]}"


def digits(written: str) -> str:
    """Each digit by itself."""
    return " ".join(_DIGITS[int(digit)] for digit in written)


def ordinal(number: int) -> str:
    """After "thứ": nhất, hai, ba, tư, năm, …"""
    return {1: "nhất", 4: "tư"}.get(number, cardinal(number))


def month(number: int) -> str:
    return "tư" if number == 4 else cardinal(number)


def decimal(written: str) -> str:
    """A number as written here: `.` groups thousands, `,` begins decimals (1.234,5); also 3.5 and 4.0 (chấm)."""
    whole, comma, fraction = written.partition(",")
    if comma and fraction:
        return f"{decimal(whole)} phẩy {_fraction(fraction)}"
    groups = whole.split(".")
    if len(groups) == 1 and len(whole) <= 3:
        return cardinal(int(whole))  # 05 người
    if len(groups) > 1 and len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]):
        return cardinal(int("".join(groups)))
    return " chấm ".join(_whole(group) for group in groups)


def _whole(written: str) -> str:
    return digits(written) if len(written) > 1 and written[0] == "0" else cardinal(int(written))


def _fraction(written: str) -> str:
    return digits(written) if written[0] == "0" or len(written) > 2 else cardinal(int(written))
