"""Symbols between words, and addresses of the Internet."""

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


def _address(match: re.Match[str]) -> str:
    """www.damha.gov.vn, a@b.vn: dots and slashes are said, the scheme is not."""
    plain = re.sub(r"^https?://", "", match[0]).rstrip("/")
    plain = plain.replace("www.", "vê kép vê kép vê kép chấm ")
    for sign, said in ((".", "chấm"), ("@", "a còng"), ("/", "gạch chéo"), ("-", "gạch ngang"), ("_", "gạch dưới")):
        plain = plain.replace(sign, f" {said} ")
    return re.sub(r"[^\w]+", " ", plain).strip().lower()


RULES: tuple[Rule, ...] = (
    rule("address", r"(?:https?://|www\.)[A-Za-z._/@-]+[A-Za-z]/?", _address),
    rule("address", r"[a-z][a-z._-]*@[a-z-]+(?:\.[a-z]{2,})+", _address),
    rule("symbol", "[" + re.escape("".join(_READ)) + "]", _symbol),
)
