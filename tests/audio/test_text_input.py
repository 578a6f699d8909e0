"""Texts as they really come: from Word, Excel, Facebook, old fonts, damaged or far too long."""

import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.speech.legacy import TCVN3, VNI, Encoding, from_tcvn3, from_vni, legacy
from audio.speech.lookup import Lookup
from audio.speech.normalise import spoken
from audio.speech.readings import Readings, Wrong, tidy, wrong
from bench.reading import CORPUS, sentences

WRITTEN = [pair.written for pair in sentences(CORPUS)]
MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam\nĐộc lập - Tự do - Hạnh phúc"


def to_tcvn3(text: str) -> str:
    """As a document of the font .VnTime has it; capital letters with tones become small, as there."""
    back = {to if isinstance(to, int) else ord(to): chr(code) for code, to in TCVN3.items()}
    return "".join(letter if ord(letter) in back else _small(letter, back) for letter in text).translate(back)


def _small(letter: str, back: dict[int, str]) -> str:
    return letter.lower() if ord(letter.lower()) in back else letter


def to_vni(text: str) -> str:
    back = {letter: form for form, letter in VNI.items()}
    return "".join(back.get(letter, letter) for letter in text)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Céng hoµ x· héi chñ nghÜa ViÖt Nam", Encoding.TCVN3),
        ("§éc lËp - Tù do - H¹nh phóc", Encoding.TCVN3),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", Encoding.VNI),
        ("Ñoäc laäp - Töï do - Haïnh phuùc", Encoding.VNI),
        ("Cá»™ng hÃ²a xÃ£ há»™i chá»§ nghÄ©a Viá»‡t Nam", Encoding.UTF8),
    ],
)
def test_old_encodings_are_recognised_and_turned_into_unicode(text: str, encoding: Encoding) -> None:
    found = legacy(text)
    assert found is not None
    assert found.encodings == (encoding,)
    assert found.unicode in MOTTO.replace("hòa", "hoà") + MOTTO


def test_both_tables_go_there_and_back() -> None:
    letters = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
    assert from_tcvn3(to_tcvn3(letters + "ĂÂĐÊÔƠƯ")) == letters + "ĂÂĐÊÔƠƯ"
    for both in (letters, letters.upper()):
        # A blank between: in VNI a letter's mark is a character of its own.
        assert from_vni(to_vni(" ".join(both))) == " ".join(both)


@pytest.mark.parametrize("encode", [to_tcvn3, to_vni])
def test_whole_bulletins_come_back_from_an_old_encoding(encode: object) -> None:
    assert callable(encode)
    text = "\n".join(WRITTEN)
    found = legacy(encode(text))
    assert found is not None
    wrong_lines = [
        (ours, theirs)
        for ours, theirs in zip(text.split("\n"), found.unicode.split("\n"), strict=True)
        if ours.lower() != theirs.lower() and "²" not in ours
    ]
    assert len(wrong_lines) <= len(WRITTEN) // 50, wrong_lines


def test_no_text_in_unicode_is_taken_for_an_old_one() -> None:
    for written in (*WRITTEN, "\n".join(WRITTEN), "Café, crème brûlée, à la carte", "Năm 2025: 15 m², 30 µg, § 5", ""):
        assert legacy(written) is None, written


def test_one_paragraph_of_an_old_document_among_others_is_found() -> None:
    found = legacy("Thông báo của xã\nñy ban nh©n d©n x· th«ng b¸o\nKính mời bà con")
    assert found is not None
    assert found.unicode == "Thông báo của xã\nủy ban nhân dân xã thông báo\nKính mời bà con"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tie\u0302\u0301ng Vie\u0323\u0302t", "Tiếng Việt"),
        ("UB\u200bND\ufeff xã\u00ad", "ủy ban nhân dân xã"),
        ("“Xanh” – ‘sạch’ — đẹp", "\"Xanh\", 'sạch', đẹp"),
        ('<p class="MsoNormal"><b>Mời</b> họp&nbsp;thôn</p><p>Lúc 7h</p>', "Mời họp thôn\nLúc bảy giờ"),
        ("<style>p {color: red}</style><div>Mưa &gt; 50mm</div>", "Mưa lớn hơn năm mươi mi li mét"),
        ("<table><tr><td>Thôn 1</td><td>5 hộ</td></tr></table>", "Thôn một, năm hộ"),
        ("STT\tHọ tên\tSố tiền\n1\tHà\t50.000đ", "số thứ tự, Họ tên, Số tiền\nmột, Hà, năm mươi nghìn đồng"),
        ("\uf0b7 Một\n• Hai\n- Ba\n➢ Bốn", "Một\nHai\nBa\nBốn"),
        ("mất\x00 chữ\x07 và\x1b màu", "mất chữ và màu"),
        ("👨‍👩‍👧 Gia đình 👍🏽 vui", "Gia đình vui"),
        ("１２：３０ ngày ３", "mười hai giờ ba mươi phút ngày ba"),
        ("a < b", "a nhỏ hơn b"),
    ],
)
def test_what_comes_along_from_other_programs_is_no_hindrance(written: str, read: str) -> None:
    assert spoken(written).text == read
    assert spoken(spoken(written).text).text == read


NASTY = (
    *("A", "1", "1-", "a.", "1,", "<a", "0 ", "A&", "1/A-", "a-", "a@", "😀", "x" * 40 + " ", "(", "\t", "<style>"),
    *("a\u0301\u0302", "\u0301", "&amp", "T.", "IV", "1h", "&#1;", "<!--", "12.345.", "+84", "http://", "Ã¡"),
)


@pytest.mark.parametrize("piece", NASTY)
def test_the_work_grows_no_faster_than_the_text(piece: str) -> None:
    """Counted in steps of our own code, which no busy machine changes; within a step patterns see 300 characters."""
    short, long = (_steps(piece * (length // len(piece))) for length in (400, 1_600))
    assert long <= 4.6 * short + 2_000, (short, long)


def _steps(text: str) -> int:
    """Lines of Python run to read `text`."""
    count = 0

    def tracer(frame: FrameType, event: str, argument: object) -> object:
        nonlocal count
        count += 1
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)  # type: ignore[arg-type]
    try:
        spoken(text)
        legacy(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("piece", ["A", "<style>", "\t"])
def test_200_kilobytes_of_nonsense_end(piece: str) -> None:
    """The desk refuses such a text; whoever calls the reading itself gets an answer all the same."""
    text = (piece * 200_000)[:200_000]
    assert spoken(text).text is not None
    legacy(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_asked_for_its_encoding(text: str) -> None:
    found = legacy(text)
    assert found is None or found.unicode.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("written", "read", "why"),
    [
        ("", "a", Wrong.WRITTEN_EMPTY),
        ("...", "a", Wrong.WRITTEN_EMPTY),
        ("A" * 61, "a", Wrong.WRITTEN_LONG),
        ("xã", "xã nhà", Wrong.WRITTEN_PLAIN),
        ("Hà Lam", "hà lam", Wrong.WRITTEN_PLAIN),
        ("QZX", "", Wrong.READ_EMPTY),
        ("QZX", "a " * 150, Wrong.READ_LONG),
        ("QZX", "quê 9", Wrong.READ_NOT_WORDS),
        ("QZX", "UBND xã", Wrong.READ_NOT_WORDS),
        ("wifi", "mạng wifi", Wrong.READ_NOT_WORDS),
        ("QZX", "quê, zê", Wrong.READ_NOT_WORDS),
        ("QZX", "quê xa", None),
        ("12/3/4", "mười hai, ba, bốn", None),
        ("T.", "tỉnh", None),
        ("Wipha", "uy pha", None),
        ("quảng ninh 24h", "quảng ninh hai tư giờ", None),
    ],
)
def test_a_reading_of_the_station_is_made_of_words_and_changes_no_plain_one(
    written: str, read: str, why: Wrong | None
) -> None:
    assert wrong(written, read) == why


def test_a_reading_is_kept_tidy() -> None:
    assert tidy(" KM\u0302\n 0 ", "Ki lô mét \u200bKHÔNG") == ("KM\u0302 0", "ki lô mét không")


def test_the_longest_form_wins_and_none_ends_inside_a_word() -> None:
    table = Lookup({"TT": "một", "TT&VH": "hai", "QL1": "ba"})
    assert table.find("TT&VH xã", 0) == ("TT&VH", "hai")
    assert table.find("TT&V", 0) == ("TT", "một")
    assert table.find("TTX", 0) is None
    assert table.find("QL18", 0) is None
    assert Readings({"xã": "xã nhà"}).table == {}
