"""Numbers of documents: 140/TTr-UBND, 24-KH/BCĐ, 39/2020/TT-BTTTT, 49/2024/NĐ-CP."""

import re

from audio.speech.lexicon import in_document
from audio.speech.numbers import cardinal
from audio.speech.rules import NOT_IN_WORD, UNKNOWN, Rule, rule, words_up_to

_CODE = r"[A-ZĐƯ](?:[A-ZĐƯƠÔĂÂÊa-zđ&]*[A-ZĐƯƠÔĂÂÊ]|[a-z]{0,2})[a-z]{0,2}\d{0,2}"
_PATTERN = rf"(\d{{1,5}})(?:/([12]\d{{3}}))?[-/]({_CODE}(?:\s?[-/]\s?{_CODE})*){NOT_IN_WORD}"


def _read(match: re.Match[str]) -> str | None:
    """The number, the year, then what each code stands for."""
    codes = re.split(r"\s?[-/]\s?", match[3])
    if len(codes) == 1 and not match[2] and not in_document(codes[0])[1]:
        return None
    number = cardinal(int(match[1]))
    head = f"{number} năm {cardinal(int(match[2]))}" if match[2] else number
    said = [_code(code) for code in codes]
    if codes[0] == "QĐ" and words_up_to(match.string, match.start())[-3:-1] == ["quy", "định"]:
        said[0] = "quy định"
    return ", ".join([head, *said])


def _code(code: str) -> str:
    letters, number = re.fullmatch(r"(.*?)(\d*)", code).groups()  # type: ignore[union-attr]
    spoken = in_document(letters)[0]
    return f"{spoken} khóa {cardinal(int(number))}" if number else spoken


def _known(match: re.Match[str]) -> str | None:
    codes = re.split(r"\s?[-/]\s?", match[3])
    return _read(match) if all(in_document(code.rstrip("0123456789"))[1] for code in codes) else None


RULES: tuple[Rule, ...] = (rule("document", _PATTERN, _known), rule(UNKNOWN, _PATTERN, _read))
