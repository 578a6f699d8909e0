"""What a sound file says of itself: its kind by its first bytes, its claimed length, and whether its end is there.

A header may lie. It is used to refuse early and to notice that the end is missing, never to believe a length.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""MPEG audio: version bits → sampling frequencies (ISO/IEC 11172-3 section 2.4.2.3, 13818-3)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`kind` is wav, mp3, mp4, ogg, flac or "" (unknown). `seconds` is None when the header gives no length."""

    kind: str
    seconds: float | None = None
    cut: bool = False
    """The container says itself that its end is missing."""
    rest_bytes: int = 0
    """So much follows what the container says is all of it."""


def claim(path: Path) -> Claim:
    """Read a few kilobytes at both ends of the file; OSError when it cannot be read, never anything for its content."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(65_536)
        stream.seek(max(0, size - 65_536))
        tail = stream.read()
        try:
            if head[4:8] == b"ftyp":
                return Claim("mp4", cut=_boxes_run_out(stream, size))
            return _judge(head, tail, size)
        except (struct.error, IndexError, ZeroDivisionError):
            return Claim(_kind(head), cut=True)


def _kind(head: bytes) -> str:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    for magic, kind in ((b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mp3")):
        if head.startswith(magic):
            return kind
    return "mp3" if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 else ""


def _judge(head: bytes, tail: bytes, size: int) -> Claim:
    kind = _kind(head)
    if kind == "wav":
        return _wav(head, size)
    if kind == "flac":
        packed = int.from_bytes(head[18:26], "big")
        samples = packed & (2**36 - 1)
        return Claim(kind, samples / (packed >> 44) if samples else None)
    if kind == "ogg":
        return _ogg(head, tail)
    return Claim(kind, _mp3_seconds(head) if kind == "mp3" else None)


def _ogg(head: bytes, tail: bytes) -> Claim:
    """The last page's granule position counts the samples (RFC 3533 section 6; RFC 7845 section 4; Vorbis I A.2)."""
    last = tail.rfind(b"OggS")
    if last < 0:
        return Claim("ogg", cut=True)
    granule = int.from_bytes(tail[last + 6 : last + 14], "little", signed=True)
    opus, vorbis = head.find(b"OpusHead"), head.find(b"\x01vorbis")
    seconds = None
    if opus > 0:
        seconds = (granule - int.from_bytes(head[opus + 10 : opus + 12], "little")) / 48_000
    elif vorbis > 0:
        seconds = granule / int.from_bytes(head[vorbis + 12 : vorbis + 16], "little")
    # Header type bit 4: last page of the stream.
    return Claim("ogg", seconds, cut=not tail[last + 5] & 4)


def _wav(head: bytes, size: int) -> Claim:
    """The data chunk's length against the file's, and against its bytes per second."""
    at, byte_rate = 12, 0
    while at + 8 <= len(head):
        name, length = head[at : at + 4], struct.unpack_from("<I", head, at + 4)[0]
        if name == b"fmt ":
            byte_rate = struct.unpack_from("<I", head, at + 16)[0]
        if name == b"data":
            if length in (0, 0xFFFFFFFF):  # written to a pipe: the length was never known
                return Claim("wav")
            whole = struct.unpack_from("<I", head, 4)[0]
            rest = size - 8 - whole - whole % 2
            seconds = length / byte_rate if byte_rate else None
            return Claim("wav", seconds, cut=at + 8 + length > size, rest_bytes=max(0, rest) if whole else 0)
        at += 8 + length + length % 2
    return Claim("wav")


def _mp3_seconds(head: bytes) -> float | None:
    """The frame count of a Xing or Info header, if there is one in the first frame."""
    for mark in (b"Xing", b"Info"):
        at = head.find(mark)
        if at < 4:
            continue
        frame = max(head.rfind(b"\xff", 0, at - back) for back in (8, 9, 12, 17, 20, 32, 35))
        if frame < 0 or not struct.unpack_from(">I", head, at + 4)[0] & 1:
            continue
        version = head[frame + 1] >> 3 & 3
        rate = _SAMPLE_RATES[version][head[frame + 2] >> 2 & 3] if version in _SAMPLE_RATES else 0
        frames = struct.unpack_from(">I", head, at + 8)[0]
        return frames * (1152 if version == 3 else 576) / rate if rate else None
    return None


def _boxes_run_out(stream: object, size: int) -> bool:
    """True when a top-level box of an MP4 file is longer than the file (ISO/IEC 14496-12 section 4.2)."""
    at = 0
    for _ in range(1_000):
        if at + 8 > size:
            return at != size
        stream.seek(at)  # type: ignore[attr-defined]
        header = stream.read(16)  # type: ignore[attr-defined]
        length = struct.unpack_from(">I", header)[0]
        if length == 1:
            length = struct.unpack_from(">Q", header, 8)[0]
        if length == 0:
            return False
        if length < 8:
            return True
        at += length
    return False
