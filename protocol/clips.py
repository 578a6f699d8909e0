"""Clips as chunks: the index of a clip, its hash (which the broadcast carries), whether a chunk is the right one."""

from protocol.canonical import sha256_hex
from protocol.codec import dump
from protocol.messages import CHUNK_BYTES, ClipIndex
from schedules.units import ClipId


def make_index(clip: ClipId, data: bytes) -> ClipIndex:
    """The index of the clip whose bytes are `data`; ValueError when `clip` is not their hash or there are none."""
    if not data:
        raise ValueError("a clip has at least one byte")
    if sha256_hex(data) != clip:
        raise ValueError("the bytes are not those of the clip")
    chunks = tuple(sha256_hex(data[at : at + CHUNK_BYTES]) for at in range(0, len(data), CHUNK_BYTES))
    return ClipIndex(clip, len(data), CHUNK_BYTES, chunks)


def index_sha256(index: ClipIndex) -> str:
    """What `ClipRef.index_sha256` must be: the hash of the index exactly as it is published (`codec.dump`)."""
    return sha256_hex(dump(index))


def chunk_bytes_of(index: ClipIndex, n: int) -> int:
    """How many bytes chunk `n` (from 0) has: all have `chunk_bytes`, the last one what remains."""
    return min(index.chunk_bytes, index.size_bytes - n * index.chunk_bytes)


def chunk_is(index: ClipIndex, n: int, data: bytes) -> bool:
    """Whether `data` is chunk `n` (from 0) of the clip."""
    if not 0 <= n < len(index.chunks):
        return False
    return len(data) == chunk_bytes_of(index, n) and sha256_hex(data) == index.chunks[n]
