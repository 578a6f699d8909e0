"""Whether a run of letters can be a Vietnamese syllable: tells a word from an abbreviation and from a foreign word."""

import re
import unicodedata
from functools import lru_cache

from audio.speech.rules import listed

CAPITAL = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯṌṸẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
SMALL = CAPITAL.lower()
"""For character classes. One by one: in Unicode the small letters with marks stand between the capital ones."""

_ONSETS = listed("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x")
_RIMES = listed(
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep "
    "et ê êch êm ên êng ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai "
    "oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oep oet oi om on ong ooc oong op ot ô ôc ôi "
    "ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uâc uây uc uê uêch uênh uên ui um un ung uôc uôi uôm uôn "
    "uông uôt uơ up ut uy uya uych uyên uyêt uynh uyt uyu uyn uyp ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt "
    "ươu ưt ưu y yêm yên yêng yêt yêu ynh yt ych yn"
)
_SYLLABLE = re.compile(rf"(?:{'|'.join(sorted(_ONSETS, key=len, reverse=True))})?(?:{'|'.join(_RIMES)})")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_LONGEST = 12
"""Letters: the longest syllable has seven, each may carry its marks apart."""


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """True for `nghị`, `QUY`, `gì`; the tone is not checked against the rime."""
    if len(word) > _LONGEST:
        return False
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word.lower()).translate(_TONES))
    return plain in ("gi", "gin", "ginh") or _SYLLABLE.fullmatch(plain) is not None


def has_marks(word: str) -> bool:
    """True when a letter carries a tone: abbreviations have at most Đ, Ư, Ô, Ơ, Ă, Â, Ê."""
    decomposed = unicodedata.normalize("NFD", word)
    return any(ord(mark) in _TONES for mark in decomposed)
