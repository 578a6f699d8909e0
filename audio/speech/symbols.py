"""Symbols between words."""

import re

from audio.speech.rules import Rule, rule

_READ = {
    "&": "và", "%": "phần trăm", "‰": "phần nghìn", "+": "cộng", "=": "bằng", "<": "nhỏ hơn", ">": "lớn hơn",
    "≤": "không quá", "≥": "từ", "±": "cộng trừ", "°": "độ", "@": "a còng", "×": "nhân", "÷": "chia", "$": "đô la",
    "€": "ơ rô", "₫": "đồng",
}  # fmt: skip
KEPT = frozenset(".,;:!?…()\"'-\n ")
"""Everything else that is no letter, digit or symbol above is silent."""


def _symbol(match: re.Match[str]) -> str:
    return _READ[match[0]]


def _about(match: re.Match[str]) -> str:
    return "khoảng"


RULES: tuple[Rule, ...] = (
    rule("symbol", r"[~≈](?=\s?\d)", _about),
    rule("symbol", "[" + re.escape("".join(_READ)) + "]", _symbol),
)
