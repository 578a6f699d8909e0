"""What a file's inspection says, without the guarding process, and stereo files to inspect."""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import cast

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from audio.decode import Decoder
from audio.graph import bytes_of, frame_of
from audio.inspection.channels import Mix
from audio.inspection.inspector import Heard, Inspector
from audio.inspection.judge import Decoded, judge
from audio.levels import audioop
from audio.verdicts import Verdict
from tests.audio import sounds


def inspected(file: Path) -> tuple[Decoded, Heard]:
    mix = Mix.BOTH
    while True:
        hear = Inspector()
        decoder = Decoder(file, 7_200, lambda share: None, hear, mix)
        for _ in decoder:
            pass
        heard = hear.finish()
        if heard.channels.mix is mix:
            return decoder.told(), heard
        mix = heard.channels.mix


def verdicts(file: Path) -> dict[str, Verdict]:
    """By code."""
    return {verdict.code: verdict for verdict in judge(*inspected(file))}


@cache
def speech_at_48k() -> bytes:
    """The test speech, some six seconds."""
    rate, once = sounds.speech()
    return resampled(once, rate, sounds.RATE)


def resampled(pcm: bytes, rate: int, to_rate: int) -> bytes:
    """s16 mono at another rate, without aliases."""
    resampler = AudioResampler(format="s16", layout="mono", rate=to_rate)
    frames = [*resampler.resample(frame_of(pcm, 0, rate)), *resampler.resample(None)]
    return b"".join(map(bytes_of, frames))


def scaled(pcm: bytes, gain: float) -> bytes:
    return audioop.mul(pcm, 2, gain)


def mixed(one: bytes, other: bytes) -> bytes:
    """Their sum; the shorter decides."""
    length = min(len(one), len(other))
    return audioop.add(one[:length], other[:length], 2)


def stereo(left: bytes, right: bytes) -> bytes:
    """Interleaved; both are of the same length."""
    return audioop.add(audioop.tostereo(left, 2, 1, 0), audioop.tostereo(right, 2, 0, 1), 2)


def write_channels(
    file: Path, blocks: Iterable[bytes], encoding: str, channels: int = 2, rate: int = sounds.RATE
) -> Path:
    """Encode interleaved s16 blocks of `channels` channels."""
    container_name, codec, bit_rate = sounds.ENCODINGS[encoding]
    layout = {1: "mono", 2: "stereo", 8: "7.1"}[channels]
    with av.open(str(file), "w", format=container_name) as container:
        stream = cast(AudioStream, container.add_stream(codec, rate=rate))
        stream.codec_context.layout = layout
        if bit_rate:
            stream.codec_context.bit_rate = bit_rate * channels
        at = 0
        for block in blocks:
            frame = AudioFrame(format="s16", layout=layout, samples=len(block) // 2 // channels)
            frame.planes[0].update(block + bytes(frame.planes[0].buffer_size - len(block)))
            frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
            at += frame.samples
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return file
