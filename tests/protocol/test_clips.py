"""Clips: chunks that are right, and chunks that are not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.canonical import sha256_hex
from protocol.clips import chunk_bytes_of, chunk_is, index_sha256, make_index
from protocol.codec import dump
from protocol.messages import CHUNK_BYTES
from schedules.units import ClipId
from tests.protocol.examples import CLIP, CLIP_DATA, INDEX, index_of


def _chunk(data: bytes, n: int) -> bytes:
    return data[n * CHUNK_BYTES : (n + 1) * CHUNK_BYTES]


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_the_chunks_of_a_clip_are_its_bytes(size: int) -> None:
    data = bytes(n % 253 for n in range(size))
    index = index_of(data)
    numbers = range(len(index.chunks))
    assert b"".join(_chunk(data, n) for n in numbers) == data
    assert all(chunk_is(index, n, _chunk(data, n)) for n in numbers)
    assert [chunk_bytes_of(index, n) for n in numbers] == [len(_chunk(data, n)) for n in numbers]


def test_a_chunk_stands_in_its_own_place_only() -> None:
    assert not chunk_is(INDEX, 1, _chunk(CLIP_DATA, 0))
    assert not chunk_is(INDEX, 3, b"")
    whole = bytes(2 * CHUNK_BYTES)
    assert chunk_is(index_of(whole), 1, _chunk(whole, 1))
    assert not chunk_is(index_of(whole), -1, _chunk(whole, 1))


@given(st.integers(0, 2), st.data())
def test_a_changed_chunk_is_none(n: int, data: st.DataObject) -> None:
    chunk = bytearray(_chunk(CLIP_DATA, n))
    at = data.draw(st.integers(0, len(chunk) * 8 - 1))
    chunk[at // 8] ^= 1 << at % 8
    assert not chunk_is(INDEX, n, bytes(chunk))
    assert not chunk_is(INDEX, n, _chunk(CLIP_DATA, n)[:-1])


def test_the_hash_is_of_the_index_as_it_is_published() -> None:
    assert index_sha256(INDEX) == sha256_hex(dump(INDEX))
    assert index_sha256(replace(INDEX, chunks=INDEX.chunks[::-1])) != index_sha256(INDEX)


def test_bytes_that_are_not_the_clip_s() -> None:
    with pytest.raises(ValueError, match="not those of the clip"):
        make_index(CLIP, CLIP_DATA + b"\0")
    with pytest.raises(ValueError, match="at least one byte"):
        make_index(ClipId(sha256_hex(b"")), b"")
