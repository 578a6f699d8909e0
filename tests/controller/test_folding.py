"""Searching in Vietnamese: with and without diacritics, composed or not, in any case."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.folding import fold, plain, searchable, wanted


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Họp thôn Đầm Hà", "hop thon dam ha"),
        ("ĐƯỜNG  LỐI,\nchủ trương", "duong loi, chu truong"),
        ("hoà bình", "hoa binh"),
        ("hòa bình", "hoa binh"),
        ("Ưu tiên: ỷ ỵ ỹ ỳ", "uu tien: y y y y"),
        ("08/12 lúc 5h", "08/12 luc 5h"),
        ("", ""),
    ],
)
def test_without_diacritics(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert fold(unicodedata.normalize("NFD", written)) == folded


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)) == plain(text)


@given(st.text(alphabet="aăâđeêioôơuưyhnmgc ấậẽỉọợử", min_size=1, max_size=40))
def test_what_is_kept_is_found_with_and_without_diacritics(text: str) -> None:
    kept = searchable([text])
    assert plain(text) in kept
    assert all(word in kept for word in wanted(text))
    assert all(word in kept for word in wanted(fold(text)))


def test_a_long_query_stays_small() -> None:
    assert len(wanted(" ".join(f"từ{n}" for n in range(500)))) == 8
    assert wanted("thôn thon THÔN") == ("thon",)
