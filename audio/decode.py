"""Decoding an uploaded file into mono 48 kHz PCM by streaming, believing nothing that its headers say."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from audio import headers
from audio.graph import bytes_of
from audio.refusals import bad_sound
from audio.sources import RATE

_FORMATS = "wav,mp3,mov,ogg,flac"
"""FFmpeg's demuxers; mov is also mp4 and m4a. No playlist, no concatenation, nothing that opens another file."""
_CODECS = (
    "pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,pcm_s16be,pcm_s24be,"
    "adpcm_ms,adpcm_ima_wav,mp3,mp3float,aac,alac,opus,libopus,vorbis,flac"
)
_OPTIONS = {"format_whitelist": _FORMATS, "codec_whitelist": _CODECS, "protocol_whitelist": "none"}
_ENOUGH = 0.97
"""Share of the claimed length that must really decode; encoders' padding and a lost frame stay well above it."""
_SLACK_SECONDS = 0.25
_LOST_PACKETS = 0.01
"""Share of the packets that may fail to decode; more is called damaged."""


class _Nameless:
    """A file without a name: FFmpeg then judges by content alone, and has no folder to look into."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


class Decoder:
    """Iterates one file as blocks of s16 mono 48 kHz. Raises BadSound, at the latest after the last block."""

    def __init__(self, path: Path, most_seconds: int, progress: Callable[[int], None]) -> None:
        """`progress` is told 0 … 100 by the share of the file that has been read."""
        self._path = path
        self._most = most_seconds
        self._progress = progress
        self._claim = headers.claim(path)
        self._seconds = 0.0
        self._packets = 0
        self._errors = 0

    def __iter__(self) -> Iterator[bytes]:
        self._check_claim()
        with self._path.open("rb") as stream:
            container = self._open(stream)
            try:
                yield from self._pcm(container)
            finally:
                container.close()
        self._check_end()

    def _check_claim(self) -> None:
        if self._claim.seconds is not None and self._claim.seconds > self._most:
            raise self._too_long("by its header")

    def _too_long(self, detail: str) -> Exception:
        return bad_sound("too-long", detail, limit=self._most // 60)

    def _open(self, stream: BinaryIO) -> InputContainer:
        try:
            container = av.open(_Nameless(stream), "r", options=_OPTIONS)
        except av.ArgumentError as error:
            raise bad_sound("unsupported-format", str(error)) from error
        except (av.FFmpegError, ValueError) as error:
            raise self._unopened(str(error)) from error
        if not container.streams.audio:
            container.close()
            raise bad_sound("no-sound-track", container.format.name)
        return container

    def _unopened(self, detail: str) -> Exception:
        if not self._claim.kind:
            return bad_sound("not-audio", detail)
        return bad_sound("truncated" if self._claim.cut else "damaged", detail)

    def _pcm(self, container: InputContainer) -> Iterator[bytes]:
        size = max(1, self._path.stat().st_size)
        resampler, shape = _resampler(), None
        for frame in self._frames(container, size):
            if shape not in (None, _shape(frame)):  # a chained file may change its rate or channels on the way
                yield from map(bytes_of, resampler.resample(None))
                resampler = _resampler()
            shape = _shape(frame)
            frame.pts = None
            yield from map(bytes_of, resampler.resample(frame))
        if shape is not None:
            yield from map(bytes_of, resampler.resample(None))

    def _frames(self, container: InputContainer, size: int) -> Iterator[AudioFrame]:
        stream = container.streams.audio[0]
        stream.codec_context.thread_count = 1
        try:
            for packet in container.demux(stream):
                self._packets += 1
                if packet.pos is not None and self._packets % 64 == 0:
                    self._progress(min(99, packet.pos * 100 // size))
                for frame in self._decoded(packet):
                    self._seconds += frame.samples / frame.sample_rate
                    if self._seconds > self._most:
                        raise self._too_long("by what was decoded")
                    yield frame
        except (av.FFmpegError, ValueError):
            self._errors += 1

    def _decoded(self, packet: "av.Packet[AudioStream]") -> list[AudioFrame]:
        try:
            return [frame for frame in packet.decode() if frame.samples]
        except av.FFmpegError:
            self._errors += 1
            return []

    def _check_end(self) -> None:
        told = f"{self._seconds:.1f} s of {self._claim.seconds}, {self._errors} errors in {self._packets} packets"
        if not self._seconds:
            raise bad_sound("damaged" if self._claim.kind else "not-audio", told)
        if self._errors > max(1, self._packets * _LOST_PACKETS):
            raise bad_sound("damaged", told)
        claimed = self._claim.seconds or 0.0
        if self._claim.cut or self._seconds < claimed * _ENOUGH - _SLACK_SECONDS:
            raise bad_sound("truncated", told)


def _shape(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _resampler() -> AudioResampler:
    # To integers at once: FFmpeg then mixes stereo to mono without the +3 dB that it allows floats.
    return AudioResampler(format="s16", layout="mono", rate=RATE)
