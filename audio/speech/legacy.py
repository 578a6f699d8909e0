"""Recognising Vietnamese text in the encodings from before Unicode, and turning it into Unicode.

Documents typed with the fonts .VnTime (TCVN 5712:1993, "ABC") or VNI-Times arrive as Latin letters that mean something
else: "Céng hoµ x· héi" and "Coäng hoøa xaõ hoäi" are both Cộng hòa xã hội. A third kind is Unicode read as Latin:
"Cá»™ng hÃ²a". A text is judged line by line, for parts of one text come from different documents.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from audio.speech.syllables import is_syllable


class Encoding(StrEnum):
    """What a text was typed or read in."""

    TCVN3 = "TCVN3"
    VNI = "VNI"
    UTF8 = "UTF-8"


_TCVN3_FROM = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦"
_TCVN3_TO = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ"
TCVN3 = str.maketrans(_TCVN3_FROM, _TCVN3_TO)
"""One character for one. Capital letters with tones are small ones here: a capital font showed them large."""

_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_HATS = {"â": ("â", ""), "á": ("â", "\u0301"), "à": ("â", "\u0300"), "å": ("â", "\u0309"), "ã": ("â", "\u0303"),
         "ä": ("â", "\u0323")}  # fmt: skip
_BREVES = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_BARE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni() -> dict[str, str]:
    """Letter and mark → letter; the longer forms of VNI are two characters."""
    found = dict(_BARE)
    for base, plain in (*((vowel, vowel) for vowel in "aeiouy"), ("ô", "ơ"), ("ö", "ư")):
        found |= {base + sign: plain + tone for sign, tone in _TONES.items()}
    for base, hat in (("a", "â"), ("e", "ê"), ("o", "ô")):
        found |= {base + sign: hat + tone for sign, (_, tone) in _HATS.items()}
    found |= {"a" + sign: "ă" + tone for sign, tone in _BREVES.items()}
    found = {form: unicodedata.normalize("NFC", letter) for form, letter in found.items()}
    capitals = {form.upper(): letter.upper() for form, letter in found.items()}
    mixed = {form[0].upper() + form[1]: letter.upper() for form, letter in found.items() if len(form) == 2}
    return found | mixed | capitals


VNI = _vni()
_VNI_FORM = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))


def from_tcvn3(text: str) -> str:
    return text.translate(TCVN3)


def from_vni(text: str) -> str:
    return _VNI_FORM.sub(lambda match: VNI[match[0]], text)


def from_misread_utf8(text: str) -> str:
    """The bytes that were shown as Windows-1252, read as UTF-8; the text itself when they are none."""
    data = bytearray()
    for character in text:
        try:
            data += character.encode("cp1252")
        except UnicodeEncodeError:
            if ord(character) > 0xFF:
                return text
            data.append(ord(character))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return text


_WAYS: tuple[tuple[Encoding, Callable[[str], str]], ...] = (
    (Encoding.UTF8, from_misread_utf8),
    (Encoding.TCVN3, from_tcvn3),
    (Encoding.VNI, from_vni),
)
_WORD = re.compile(r"\S+")
_EDGES = " .,;:!?()\"'-–…/"
_FEWEST = 2
"""Words that must become Vietnamese before a text is called legacy: one may be a name."""
_LONGEST = 30
_JUDGED = 600
"""Words of a text or line by which it is judged."""


@dataclass(frozen=True, slots=True)
class Legacy:
    """A text with lines in an old encoding: which encodings, and the whole text in Unicode."""

    encodings: tuple[Encoding, ...]
    unicode: str


def legacy(text: str) -> Legacy | None:
    """What the text is in Unicode, when some of its lines are in an old encoding; None when none is."""
    if text.isascii():
        return None
    whole = _way_of(text)
    lines, met = list[str](), dict[Encoding, None]()
    for line in text.split("\n"):
        # A short line of a document is in what the document is in, if anything becomes a word by that.
        way = _way_of(line) or (whole if whole and _gain(line, whole[1])[0] > 0 else None)
        if way:
            met[way[0]] = None
        lines.append(unicodedata.normalize("NFC", way[1](line)) if way else line)
    return Legacy(tuple(met), "\n".join(lines)) if met else None


def _way_of(text: str) -> tuple[Encoding, Callable[[str], str]] | None:
    found, most = None, _FEWEST - 1
    for way in _WAYS:
        gained, lost = _gain(text, way[1])
        if gained > most and gained >= 4 * lost:
            found, most = way, gained
    return found


def _gain(text: str, convert: Callable[[str], str]) -> tuple[int, int]:
    """How many words become Vietnamese by the conversion, and how many are spoiled by it or stay strange."""
    gained = lost = 0
    for match in islice(_WORD.finditer(text), _JUDGED):
        word = match[0].strip(_EDGES)
        if word.isascii() or len(word) > _LONGEST:
            continue
        turned = unicodedata.normalize("NFC", convert(word)).strip(_EDGES)
        before, after = _is_good(word), _is_good(turned)
        gained += after and not before
        lost += not after
    return gained, lost


def _is_good(word: str) -> bool:
    parts = re.split(r"[-/.,;:]", word)
    return all(part.isascii() or (part.isalpha() and is_syllable(part)) for part in parts)
