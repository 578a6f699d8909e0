"""Making a text ready for the grammar: NFC, plain digits, dashes and quotes; no tags, controls or bullets."""

import re
import unicodedata

from audio.speech.markup import plain

_SAME = str.maketrans(
    {
        "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "―": "-", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "’": "'", "‘": "'", "′": "'", "´": "'", "″": '"', "²": "2", "³": "3", "℃": "°C", "º": "°", "\u00a0": " ",
        "\u2044": "/", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\r": "\n",
    }
)  # fmt: skip
_BULLET = re.compile(r"^(?:[-+*•●▪◦·>#]|[\uf0a0-\uf0ff])+[ \t]+", re.MULTILINE)
_KEPT_SYMBOLS = frozenset("+=<>≤≥±×÷$€₫°|^~≈`")
_UNREAD = re.compile("[\u2600-\u27bf\ufffd\U0001f000-\U0001faff]")
"""Picture signs, and the mark that stands where a character was lost."""


def cleaned(text: str) -> str:
    """One space between words, one line break between paragraphs, nothing at the ends."""
    text = plain(text.replace("\r\n", "\n"))
    text = unicodedata.normalize("NFC", text).translate(_SAME)
    text = _BULLET.sub("", text)
    text = unicodedata.normalize("NFC", "".join(map(_plain, text)))
    text = _BULLET.sub("", text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def is_unread(character: str) -> bool:
    """Whether it is silent and a person should be told so."""
    return _UNREAD.match(character) is not None


def _plain(character: str) -> str:
    if character == "\n" or character in _KEPT_SYMBOLS or (character.isascii() and character.isprintable()):
        return character
    kind = unicodedata.category(character)
    if kind in ("Cf", "Me") or "\ufe00" <= character <= "\ufe0f" or "\U0001f3fb" <= character <= "\U0001f3ff":
        return ""  # invisible joiners and variation marks: what they stand between belongs together
    if is_unread(character):
        return character
    if kind == "Nd":
        return str(unicodedata.digit(character))
    if kind[0] in "LNP" or "\u3300" <= character <= "\u33ff":
        return _compatible(character, kind)
    return " " if kind[0] in "CZ" or kind in ("So", "Sk", "Sm", "Sc") else character


def _compatible(character: str, kind: str) -> str:
    """Letters and numbers in fancy dress (½, Ⅳ, ㎡, 𝗧𝗶𝗻) as plain ones; numbers without a plain form are silent."""
    dressed = unicodedata.normalize("NFKC", character).translate(_SAME) if character != "…" else character
    if kind in ("No", "Nl"):
        plain_form = dressed.replace("\u2044", "/")
        return f" {plain_form}" if "/" in plain_form else plain_form if plain_form.isascii() else " "
    fits = all(each.isprintable() and unicodedata.category(each) != "No" for each in dressed)
    return dressed if fits else " "
