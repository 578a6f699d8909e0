"""What is cut out and what is kept are each other's complement; a place in a recording is written as it is read."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.ranges import complement, length_of, read_place, write_place

LENGTHS = st.integers(0, 5_000)
RANGES = st.lists(st.tuples(st.integers(-100, 6_000), st.integers(-100, 6_000)), max_size=8)


@given(RANGES, LENGTHS)
def test_every_millisecond_is_either_cut_or_kept(cut: list[tuple[int, int]], length: int) -> None:
    kept = complement(cut, length)
    gone = {ms for start, until in cut for ms in range(max(0, start), min(until, length))}
    assert length_of(kept) == length - len(gone)
    assert gone.isdisjoint(ms for start, until in kept for ms in range(start, until))
    for start, until in kept:
        assert start < until
    assert all(before[1] < after[0] for before, after in pairwise(kept)), "neighbours are one"


@given(RANGES, LENGTHS)
def test_the_complement_of_the_complement_is_the_same(cut: list[tuple[int, int]], length: int) -> None:
    kept = complement(cut, length)
    assert complement(complement(kept, length), length) == kept


@given(st.integers(0, 30 * 3_600_000))
def test_a_place_that_was_written_is_read_again(milliseconds: int) -> None:
    read = read_place(write_place(milliseconds))
    assert read is not None
    assert abs(read - milliseconds) <= 5


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("0", 0),
        ("62.35", 62_350),
        ("1:02,35", 62_350),
        ("1:02", 62_000),
        (" 0:05,5 ", 5_500),
        ("1:00:05", 3_605_000),
        ("90:00", 5_400_000),
        ("0,001", 1),
        ("1:60", None),
        ("1:60:00", None),
        ("1:2:3:4", None),
        ("", None),
        ("-1", None),
        ("1,", None),
        ("٣", None),
        ("1e3", None),
    ],
)
def test_places_as_people_write_them(text: str, place: int | None) -> None:
    assert read_place(text) == place


def test_places_as_they_are_shown() -> None:
    assert [write_place(each) for each in (0, 62_350, 59_996, 3_605_000)] == [
        "0:00,00",
        "1:02,35",
        "1:00,00",
        "1:00:05,00",
    ]
