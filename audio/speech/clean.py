"""Making a text ready for the grammar: NFC, plain digits, dashes and quotes; no controls, emoji or bullets."""

import re
import unicodedata

_SAME = str.maketrans(
    {
        "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'",
        "‘": "'", "′": "'", "²": "2", "³": "3", "℃": "°C", "º": "°", "\t": " ", "\u00a0": " ", "\u2028": "\n",
        "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\r": "\n",
    }
)  # fmt: skip
_BULLET = re.compile(r"^[-+*•●▪◦·>#]+\s+", re.MULTILINE)
_KEPT_SYMBOLS = frozenset("+=<>≤≥±×÷$€₫°|^~`")


def cleaned(text: str) -> str:
    """One space between words, one line break between paragraphs, nothing at the ends."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_SAME)
    text = "".join(map(_plain, text))
    text = unicodedata.normalize("NFC", text)
    text = _BULLET.sub("", text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _plain(character: str) -> str:
    if character == "\n" or character in _KEPT_SYMBOLS:
        return character
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.digit(character))
    if kind in ("Cf", "Me") or "\ufe00" <= character <= "\ufe0f":
        return ""  # invisible joiners and variation marks: what they stand between belongs together
    return " " if kind[0] in "CZ" or kind in ("So", "Sk", "Sm", "Sc", "No", "Nl") else character
