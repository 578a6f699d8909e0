"""Real sounds for the tests of this room: speech-like signals, and the five upload formats made by PyAV."""

import math
import random
import struct
from array import array
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream

from audio.graph import frame_of
from audio.loudness import Loudness, LoudnessMeter
from audio.opus import OpusReader
from audio.speech.espeak import EspeakVoice

RATE = 48_000
_TEXT = "Kính thưa toàn thể nhân dân. Ủy ban nhân dân xã thông báo lịch tiêm phòng cho đàn gia súc, gia cầm."
ENCODINGS = {
    "wav": ("wav", "pcm_s16le", 0),
    "mp3": ("mp3", "libmp3lame", 64_000),
    "m4a": ("ipod", "aac", 64_000),
    "ogg": ("ogg", "libopus", 32_000),
    "flac": ("flac", "flac", 0),
}


@cache
def speech() -> tuple[int, bytes]:
    """About six seconds of synthesised speech at the engine's own rate."""
    voice = EspeakVoice("vi")
    return voice.rate, voice.say(_TEXT)


def speech_for(seconds: float, gain: float = 1.0) -> Iterator[bytes]:
    """Speech repeated for so long, in blocks of at most a second, at the engine's rate."""
    rate, once = speech()
    samples = array("h", (round(value * gain) for value in array("h", once)))
    block, left = samples.tobytes(), round(seconds * rate) * 2
    while left > 0:
        yield block[:left]
        left -= len(block)


def tone(seconds: float, hertz: float = 440.0, amplitude: float = 0.25, rate: int = RATE) -> bytes:
    step = 2 * math.pi * hertz / rate
    return array("h", (round(32_767 * amplitude * math.sin(step * n)) for n in range(round(seconds * rate)))).tobytes()


def noise(seconds: float, amplitude: float, rate: int = RATE) -> bytes:
    source = random.Random(7)
    return array(
        "h", (round(32_767 * amplitude * source.uniform(-1, 1)) for _ in range(round(seconds * rate)))
    ).tobytes()


def write(file: Path, blocks: Iterable[bytes], rate: int, encoding: str) -> Path:
    """Encode s16 mono blocks as one of ENCODINGS."""
    container_name, codec, bit_rate = ENCODINGS[encoding]
    with av.open(str(file), "w", format=container_name) as container:
        stream = cast(AudioStream, container.add_stream(codec, rate=RATE if codec == "libopus" else rate))
        stream.codec_context.layout = "mono"
        if bit_rate:
            stream.codec_context.bit_rate = bit_rate
        at = 0
        for block in blocks:
            for packet in stream.encode(frame_of(block, at, rate)):
                container.mux(packet)
            at += len(block) // 2
        for packet in stream.encode(None):
            container.mux(packet)
    return file


def silent_flac(file: Path, seconds: int, rate: int = 48_000) -> Path:
    """Hours of silence in little: one encoded frame of silence, repeated by the encoder."""
    block = bytes(rate * 10 * 2)
    return write(file, (block for _ in range(seconds // 10)), rate, "flac")


def without_length(flac: Path) -> Path:
    """The same FLAC with the total number of samples unknown (0) in its STREAMINFO."""
    data = bytearray(flac.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    flac.write_bytes(data)
    return flac


def claiming(flac: Path, seconds: int, rate: int) -> Path:
    """The same FLAC with a false length in its STREAMINFO."""
    data = bytearray(flac.read_bytes())
    packed = int.from_bytes(data[18:26], "big")
    data[18:26] = ((packed >> 36 << 36) | seconds * rate).to_bytes(8, "big")
    flac.write_bytes(data)
    return flac


def wav_header(data_bytes: int, rate: int = RATE) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + data_bytes, b"WAVE") + form + struct.pack("<4sI", b"data", data_bytes)


def decoded(clip: Path, start_ms: int = 0) -> bytes:
    return b"".join(OpusReader(clip, start_ms))


def measured(clip: Path) -> Loudness:
    """Loudness and true peak of a finished clip, by a meter of its own."""
    meter = LoudnessMeter()
    for block in OpusReader(clip):
        meter.add(block)
    return meter.finish()
