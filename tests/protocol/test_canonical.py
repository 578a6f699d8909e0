"""Canonical bytes against the rules and examples of RFC 8785 that apply to integers, strings and booleans."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from protocol.canonical import MAX_INTEGER, JsonValue, NotCanonical, canonical, sha256_hex
from tests.protocol.strategies import TEXTS

JSON_VALUES = st.recursive(
    st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_the_bytes_are_those_of_the_library_for_rfc_8785(value: JsonValue) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text("abc_AZ09", max_size=4), JSON_VALUES, max_size=5))
def test_so_are_those_of_objects_with_plain_names(value: JsonValue) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_names_are_sorted_by_utf16_units_as_in_section_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    ordered = [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]
    assert list(json.loads(canonical(value)).values()) == ordered


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ({"b": [1, True], "a": ""}, b'{"a":"","b":[1,true]}'),
        (MAX_INTEGER, b"9007199254740991"),
        (-MAX_INTEGER, b"-9007199254740991"),
        ("Đầm Hà", '"Đầm Hà"'.encode()),
        ("\x7f\u2028", b'"\x7f\xe2\x80\xa8"'),
    ],
)
def test_bytes(value: JsonValue, expected: bytes) -> None:
    assert canonical(value) == expected


@pytest.mark.parametrize("value", [1.0, MAX_INTEGER + 1, -MAX_INTEGER - 1, None, "\ud800", {"a": [1.5]}, {1: 2}, b"x"])
def test_what_has_no_canonical_form(value: JsonValue) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_a_bottomless_value_has_none() -> None:
    value: list[object] = []
    for _ in range(5_000):
        value = [value]
    with pytest.raises(NotCanonical, match="too deep"):
        canonical(value)  # type: ignore[arg-type]


@given(JSON_VALUES)
def test_reading_gives_the_value_and_writing_again_the_same_bytes(value: JsonValue) -> None:
    data = canonical(value)
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data


def test_sha256() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
