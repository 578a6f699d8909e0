"""Readings: the corpus read over by people, and what must hold for any text."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.speech.lexicon import table
from audio.speech.normalise import spoken
from audio.speech.numbers import cardinal
from audio.speech.utterances import LONGEST, utterances

READINGS: dict[str, str] = tomllib.loads(Path(__file__).with_name("readings.toml").read_text("utf-8"))["readings"]
_WRITTEN = "0123456789 .,-/:%đĐhgABCVXIUNDTtờả áknmp°²&()\n+=$'\"-😀_[Ộ"


@pytest.mark.parametrize("written", READINGS)
def test_it_is_read_as_people_read_it(written: str) -> None:
    assert spoken(written).text == READINGS[written]


def test_the_corpus_and_the_table_are_large_enough() -> None:
    assert len(READINGS) >= 120
    assert len(table("general")) >= 40


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from(_WRITTEN), max_size=30) | st.text(max_size=20))
def test_reading_what_was_read_changes_nothing(written: str) -> None:
    once = spoken(written)
    assert spoken(once.text).text == once.text
    assert not any(character.isdecimal() for character in once.text)
    assert "😀" not in once.text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(sorted(READINGS)), min_size=1, max_size=6))
def test_spans_point_at_what_was_put_in_other_words(parts: list[str]) -> None:
    result = spoken("; ".join(parts))
    ends = [0]
    for span in result.spans:
        assert ends[-1] <= span.start < span.end <= len(result.text)
        assert result.text[span.start : span.end] == result.text[span.start : span.end].strip()
        ends.append(span.end)


def test_unknown_abbreviations_are_told() -> None:
    result = spoken("UBND và XYZT, báo cáo 12/BC-QWRT")
    assert result.unknown == ("XYZT", "12/BC-QWRT")


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


def test_a_long_text_is_read_in_reasonable_time() -> None:
    text = "UBND xã thông báo ngày 30/8 lúc 17h30 thu 50.000 đồng/kg. " * 330
    assert len(spoken(text).spans) == 330 * 4
