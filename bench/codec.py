"""Which bit rate: how well speech is understood through the encoder and a horn, and what a minute of it weighs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.audio.resampler import AudioResampler

from audio import encode as encoding
from audio.graph import Chain, bytes_of, frame_of
from audio.horn import response
from audio.loudness import LoudnessMeter
from audio.opus import OpusReader
from audio.sources import RATE
from audio.speech.espeak import EspeakVoice
from bench.figures import Figure, alone
from bench.stoi import RATE as STOI_RATE
from bench.stoi import Samples, stoi
from bench.workplace import Workplace

RATES = (8_000, 12_000, 16_000, 24_000, 32_000, 64_000)
_BESIDE_BEST = 0.01
"""Of intelligibility that the rate we use may be below four times as much."""
_TEXT = (
    "Kính thưa toàn thể nhân dân. Ủy ban nhân dân xã thông báo lịch tiêm phòng cho đàn gia súc, gia cầm đợt hai. "
    "Thời gian từ bảy giờ sáng thứ bảy, tại sân nhà văn hóa các thôn. Đề nghị bà con xích chó, nhốt gà, chuẩn bị "
    "chuồng trại sạch sẽ và mang theo sổ theo dõi. Mọi thắc mắc xin liên hệ cán bộ thú y xã. Xin cảm ơn bà con. "
)


@dataclass(frozen=True, slots=True)
class _Heard:
    understood: float
    """Through the horn."""
    understood_alone: float
    bytes_a_minute: float
    over_db: float
    """How much the true peak rises."""


def run(place: Workplace) -> list[Figure]:
    said = _speech()
    found: dict[int, _Heard] = {}
    for rate in RATES:
        found[rate] = _heard(said, rate, place.folder / f"{rate}.opus")
        told = found[rate]
        place.say(
            f"{rate / 1000:g} kbit/s: {told.bytes_a_minute / 1000:.0f} kB a minute, understood {told.understood:.4f} "
            f"through the horn, {told.understood_alone:.4f} without, peak {told.over_db:+.1f} dB"
        )
    ours, best = found[encoding.BIT_RATE], found[RATES[-1]]
    by_rate = ", ".join(f"{rate // 1000}k {heard.understood:.3f}" for rate, heard in found.items())
    return [
        alone("speech, bytes a minute", ours.bytes_a_minute / 1000, "kB",
              spread=", ".join(f"{rate // 1000}k {heard.bytes_a_minute / 1000:.0f}" for rate, heard in found.items())),
        alone(f"understood less than at {RATES[-1] // 1000} kbit/s, through a horn (STOI)",
              best.understood - ours.understood, "", spread=by_rate, at_most=_BESIDE_BEST),
        alone("true peak added by the encoder", ours.over_db, "dB",
              spread=", ".join(f"{rate // 1000}k {heard.over_db:+.1f}" for rate, heard in found.items())),
    ]  # fmt: skip


def _speech() -> bytes:
    """Some forty seconds at 48 kHz, at the level of the air."""
    voice = EspeakVoice("vi")
    chain = Chain([("volume", "-3dB"), ("alimiter", "limit=0.7:level=0"), ("aformat", "sample_fmts=s16")])
    pcm = _resampled(voice.say(_TEXT) * 2, voice.rate, RATE)
    return b"".join(bytes_of(frame) for frames in (chain.feed(pcm), chain.finish()) for frame in frames)


def _heard(said: bytes, rate: int, file: Path) -> _Heard:
    written = encoding.encode([said], file, encoding.OPTIONS, rate)
    heard = b"".join(OpusReader(file))[: len(said)]
    seconds = written / RATE
    return _Heard(
        stoi(_compared(_through_horn(said)), _compared(_through_horn(heard))),
        stoi(_compared(said), _compared(heard)),
        file.stat().st_size * 60 / seconds,
        _peak_db(heard) - _peak_db(said),
    )


def _through_horn(pcm: bytes) -> bytes:
    chain = Chain([*response(), ("volume", "-4dB"), ("aformat", "sample_fmts=s16:channel_layouts=mono")])
    return b"".join(bytes_of(frame) for frames in (chain.feed(pcm), chain.finish()) for frame in frames)


def _compared(pcm: bytes) -> Samples:
    return np.frombuffer(_resampled(pcm, RATE, STOI_RATE), dtype="<i2").astype(np.float64)


def _resampled(pcm: bytes, rate: int, to_rate: int) -> bytes:
    resampler = AudioResampler(format="s16", layout="mono", rate=to_rate)
    frames = [*resampler.resample(frame_of(pcm, 0, rate)), *resampler.resample(None)]
    return b"".join(map(bytes_of, frames))


def _peak_db(pcm: bytes) -> float:
    meter = LoudnessMeter()
    for at in range(0, len(pcm), 19_200):
        meter.add(pcm[at : at + 19_200])
    return meter.finish().true_peak_db
