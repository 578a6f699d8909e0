"""Readings: the corpora read over by people, and what must hold for any text."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.speech.lexicon import LETTERS, table
from audio.speech.normalise import Spoken, spoken
from audio.speech.numbers import cardinal
from audio.speech.readings import Readings
from audio.speech.rules import UNKNOWN
from audio.speech.syllables import is_syllable
from audio.speech.utterances import LONGEST, utterances
from bench.reading import CORPUS, sentences

READINGS: dict[str, str] = tomllib.loads(Path(__file__).with_name("readings.toml").read_text("utf-8"))["readings"]
SENTENCES = {pair.written: pair.read for pair in sentences(CORPUS)}
_SIGNS = "0123456789 .,-/:%đĐhgABCVXIUNDTtờả áknmp°²&()\n+=$'\"-😀_[ỘTPQK~#*<>;@½\t"
_TOKENS = [
    *sorted({token for written in SENTENCES for token in written.split()}),
    "😀", "-", "/", "*", "TT", "QZX", "tik", "tok", "Face", "book", "\t", "\u200b", "XYZT", "KaLong", "<p>", "&nbsp;",
    "1/2/3", "12.3.4", "9-8-7-6",
]  # fmt: skip
OWN = Readings({"XYZT": "xí nghiệp yên thành", "QZ9": "quê chín", "KaLong": "ca long", "tik-tok": "tích tắc"})


@pytest.mark.parametrize("written", READINGS)
def test_it_is_read_as_people_read_it(written: str) -> None:
    assert spoken(written).text == READINGS[written]


def test_sentences_of_bulletins_are_read_as_the_station_reads_them() -> None:
    read = {written: spoken(written).text.casefold() for written in SENTENCES}
    assert read == {written: wanted.casefold() for written, wanted in SENTENCES.items()}


def test_the_corpora_and_the_tables_are_large_enough() -> None:
    assert len(READINGS) >= 140
    assert len(SENTENCES) >= 300
    assert len({pair.field for pair in sentences(CORPUS)}) >= 10
    assert len(table("general")) >= 200


@pytest.mark.parametrize("name", ["general", "documents", "foreign"])
def test_every_reading_of_the_tables_is_made_of_vietnamese_syllables(name: str) -> None:
    """So that nothing that was read is changed, or marked, when it is read again."""
    for written, read in table(name).items():
        assert all(len(word) == 1 or is_syllable(word) for word in re.findall(r"[^\W\d_]+", read)), written
        assert spoken(read).text == read, written


def test_no_ordinary_vietnamese_word_of_the_corpus_is_taken_for_a_foreign_one() -> None:
    for written, read in (SENTENCES | READINGS).items():
        assert set(spoken(read).unknown) <= set(spoken(written).unknown), read


def holds(text: str) -> Spoken:
    """What must hold for any text."""
    found = Spoken("", ())
    for own in (Readings({}), OWN):
        found = spoken(text, own)
        assert spoken(found.text, own).text == found.text
        assert not any(character.isdecimal() for character in found.text)
        assert "😀" not in found.text
        tiles(found)
    return found


def tiles(found: Spoken) -> None:
    """The pieces make up both texts; what no rule claimed has the same letters on both sides."""
    assert "".join(piece.written for piece in found.segments) == found.written
    assert "".join(piece.read for piece in found.segments) == found.text
    for piece in found.segments:
        if piece.kind == "":
            assert _letters(piece.written) == _letters(piece.read), piece
    ends = [0]
    for span in found.spans:
        assert ends[-1] <= span.start <= span.end <= len(found.text)
        assert found.text[span.start : span.end] == found.text[span.start : span.end].strip()
        assert found.written[span.at : span.at + len(span.written)] == span.written
        ends.append(span.end)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


@settings(max_examples=120, deadline=None)
@given(st.text(st.sampled_from(_SIGNS), max_size=30) | st.text(max_size=20))
def test_reading_what_was_read_changes_nothing(written: str) -> None:
    holds(written)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(_TOKENS), max_size=8), st.sampled_from(["", " ", "-", "\n"]))
def test_so_it_is_for_the_words_of_bulletins_in_any_order(tokens: list[str], joint: str) -> None:
    holds(joint.join(tokens))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(table("general"))), min_size=1, max_size=6))
def test_no_known_abbreviation_survives(written: list[str]) -> None:
    """Among ordinary words and in any company. What stays as it was is marked as unknown."""
    found = holds("thông báo " + " và ".join(written) + " hôm nay")
    for key in written:
        left = re.search(rf"(?<![^\W_]){re.escape(key)}(?![^\W_])", found.text)
        assert left is None or table("general")[key] in found.text, (key, found.text)


def test_what_nobody_has_said_how_to_read_is_told() -> None:
    result = spoken("UBND và XYZT, báo cáo 12/BC-QWRT")
    assert result.unknown == ("XYZT", "12/BC-QWRT")


@pytest.mark.parametrize("written", ["12/3/4", "3-4-5", "1.2.3.4", "12:30:4:5", "7#8", "5-3", "12_34", "1/2/3/2025"])
def test_digits_that_no_rule_understands_are_read_piece_by_piece_and_told(written: str) -> None:
    result = spoken(f"theo mẫu {written} kèm theo")
    assert result.unknown == (written,)
    assert not any(map(str.isdigit, result.text))


@pytest.mark.parametrize("written", ["blockchain", "Wipha", "McDonald", "Schwarz"])
def test_words_that_are_neither_vietnamese_nor_in_a_table_are_told_and_left(written: str) -> None:
    result = spoken(f"bà con nghe {written} nhé")
    assert result.unknown == (written,)
    assert result.text == f"bà con nghe {written} nhé"


def test_tt_is_a_town_before_a_name_and_otherwise_nobody_knows() -> None:
    assert spoken("TT Đầm Hà").unknown == ()
    assert spoken("giữ gìn TT chung").unknown == ("TT",)


def test_the_station_s_own_reading_comes_before_every_rule() -> None:
    own = Readings({"UBND": "ủy ban xã nhà", "30/4": "ba mươi tháng tư lịch sử", "Zalo": "da lô ô"})
    result = spoken("UBND họp 30/4 qua Zalo, Facebook", own)
    assert result.text == "ủy ban xã nhà họp ba mươi tháng tư lịch sử qua da lô ô, phây búc"
    assert [span.kind for span in result.spans][:3] == ["own"] * 3


def test_what_is_not_read_is_told() -> None:
    result = spoken("Vui quá 😀😀 và l\ufffdi mất chữ")
    assert result.dropped == ("😀😀", "\ufffd")
    assert UNKNOWN not in [span.kind for span in spoken("Vui quá 😀").spans]


def test_letters_have_names() -> None:
    assert spoken("QZX").text == f"{LETTERS['Q']} {LETTERS['Z']} {LETTERS['X']}"


@given(st.integers(0, 10**15))
def test_a_number_has_its_own_words(number: int) -> None:
    """Different numbers are read differently from their neighbours, and with no word doubled."""
    words = cardinal(number).split()
    assert cardinal(number) != cardinal(number + 1)
    assert "" not in words
    assert words[-1] not in ("linh",)


def test_utterances_pause_by_punctuation_and_paragraph() -> None:
    parts = utterances("Một câu. Hai câu!\nĐoạn hai.")
    assert [part.text for part in parts] == ["Một câu.", "Hai câu!", "Đoạn hai."]
    assert parts[0].pause_ms < parts[1].pause_ms
    assert parts[2].pause_ms == 0


def test_a_long_sentence_is_divided_and_nothing_is_lost() -> None:
    text = "bà con chú ý, " * 200
    parts = utterances(text)
    assert all(len(part.text) <= LONGEST for part in parts)
    assert " ".join(part.text for part in parts).split() == text.split()


def test_a_long_text_is_read_whole() -> None:
    text = "UBND xã thông báo ngày 30/8 lúc 17h30 thu 50.000 đồng/kg. " * 330
    assert len(spoken(text).spans) == 330 * 4
