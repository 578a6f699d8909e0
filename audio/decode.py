"""Decoding an uploaded file into mono 48 kHz PCM by streaming, believing nothing that its headers say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import av
import av.logging
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from audio import headers
from audio.damage import Damage
from audio.graph import bytes_of
from audio.inspection.channels import Mix, mixed
from audio.inspection.inspector import Inspector
from audio.inspection.judge import Decoded
from audio.refusals import bad_sound
from audio.shown import Shown, interleaved
from audio.sources import RATE

_FORMATS = "wav,mp3,mov,ogg,flac"
"""FFmpeg's demuxers; mov is also mp4 and m4a. No playlist, no concatenation, nothing that opens another file."""
_CODECS = (
    "pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,pcm_s16be,pcm_s24be,"
    "adpcm_ms,adpcm_ima_wav,mp3,mp3float,aac,alac,opus,libopus,vorbis,flac"
)
_OPTIONS = {
    "format_whitelist": _FORMATS,
    "codec_whitelist": _CODECS,
    "protocol_whitelist": "none",
}
_ENOUGH = 0.97
"""Share of the claimed length that must really decode; encoders' padding and a lost frame stay well above it."""
_SLACK_SECONDS = 0.25
_LOST_PACKETS = 0.01
"""Share of the packets that may fail to decode; more is called damaged."""
_LOST_SHARE = 0.03
"""Share of the sound that may be lost in the middle."""
_GAP_SECONDS = 0.05
_BLOCK_SAMPLES = RATE // 5


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

    def __init__(
        self,
        path: Path,
        most_seconds: int,
        progress: Callable[[int], None],
        hear: Inspector | None = None,
        mix: Mix = Mix.BOTH,
    ) -> None:
        """`progress` is told 0 … 100 by the share of the file that has been read; `hear` hears what is decoded."""
        self._path = path
        self._most = most_seconds
        self._progress = progress
        self._hear, self._mix = hear or Inspector(), mix
        self._claim = headers.claim(path)
        self._seconds = 0.0
        self._rate = 0
        self._expected: float | None = None
        self.damage = Damage()

    def told(self) -> Decoded:
        """After the last block: what decoding told of the file."""
        claimed = self._claim.seconds
        return Decoded(
            rate_hz=self._rate,
            decoded_ms=round(self._seconds * 1000),
            claimed_ms=None if claimed is None else round(claimed * 1000),
            places=self.damage.places,
            lost_ms=round(self.damage.lost * 1000),
            first_at=round((self.damage.first or 0.0) * 1000),
            rest=self._claim.rest_bytes,
        )

    def __iter__(self) -> Iterator[bytes]:
        self._check_claim()
        with self._path.open("rb") as stream, _complaints() as complaints:
            container = self._open(stream)
            complaints.clear()  # of pictures and the like, whose codecs are not allowed
            try:
                for block in self._pcm(container, complaints):
                    self._hear.mono(block)
                    yield block
            except (av.FFmpegError, ValueError) as error:  # a shape that no resampler takes
                raise bad_sound("damaged", str(error)) from error
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
        context = cast("AudioCodecContext | None", container.streams.audio[0].codec_context)
        if context is None:  # a codec that FFmpeg does not know, or that is not on our list
            container.close()
            raise bad_sound("unsupported-format", container.format.name)
        context.thread_count = 1
        context.options = {"err_detect": "crccheck"}
        return container

    def _unopened(self, detail: str) -> Exception:
        if not self._claim.kind:
            return bad_sound("not-audio", detail)
        return bad_sound("truncated" if self._claim.cut else "damaged", detail)

    def _pcm(self, container: InputContainer, complaints: list[object]) -> Iterator[bytes]:
        size = max(1, self._path.stat().st_size)
        resampler, shape = None, None
        for frame in self._frames(container, size, complaints):
            if resampler is None or shape != _shape(frame):  # a chained file may change its rate or channels
                if resampler is not None:
                    yield from self._mono(resampler.resample(None))
                resampler, shape = self._resampler(frame), _shape(frame)
                shown = Shown(self._hear)
            frame.pts = None
            shown.add(frame)
            yield from self._mono(resampler.resample(frame))
        if resampler is not None:
            yield from self._mono(resampler.resample(None))

    def _resampler(self, frame: AudioFrame) -> AudioResampler:
        layout = "stereo" if frame.layout.nb_channels == 2 and self._mix is not Mix.BOTH else "mono"
        # To integers at once: FFmpeg then mixes to mono without the +3 dB that it allows floats.
        return AudioResampler(format="s16", layout=layout, rate=RATE, frame_size=_BLOCK_SAMPLES)

    def _mono(self, frames: list[AudioFrame]) -> Iterator[bytes]:
        for frame in frames:
            stereo = frame.layout.nb_channels == 2
            yield mixed(interleaved(frame), self._mix) if stereo else bytes_of(frame)

    def _frames(self, container: InputContainer, size: int, complaints: list[object]) -> Iterator[AudioFrame]:
        stream = container.streams.audio[0]
        try:
            for packet in container.demux(stream):
                if packet.pos is not None and self.damage.packets % 64 == 0:
                    self._progress(min(99, packet.pos * 100 // size))
                self._look_for_gap(packet)
                frames = self._decoded(packet, complaints)
                for frame in frames:
                    self._rate = self._rate or frame.sample_rate
                    self._seconds += frame.samples / frame.sample_rate
                    if self._seconds > self._most:
                        raise self._too_long("by what was decoded")
                    yield frame
        except (av.FFmpegError, ValueError):
            self.damage.bad(self._seconds, 0.0)

    def _look_for_gap(self, packet: "av.Packet[AudioStream]") -> None:
        """A lost page of Ogg leaves a hole in the times of the packets; elsewhere the decoder complains itself."""
        if self._claim.kind != "ogg" or packet.pts is None or packet.time_base is None:
            return
        begins = float(packet.pts * packet.time_base)
        if self._expected is not None and begins - self._expected > _GAP_SECONDS:
            self.damage.gap(self._seconds, begins - self._expected)
        self._expected = begins + float((packet.duration or 0) * packet.time_base)

    def _decoded(self, packet: "av.Packet[AudioStream]", complaints: list[object]) -> list[AudioFrame]:
        try:
            frames = [frame for frame in packet.decode() if frame.samples]
        except av.FFmpegError:
            frames, failed = [], True
        else:
            failed = bool(complaints) or packet.is_corrupt or any(frame.is_corrupt for frame in frames)
        complaints.clear()
        if failed:
            self.damage.bad(self._seconds, float((packet.duration or 0) * (packet.time_base or 0)))
        else:
            self.damage.good()
        return frames

    def _check_end(self) -> None:
        damage = self.damage
        told = (
            f"{self._seconds:.1f} s of {self._claim.seconds}, "
            f"{damage.errors} errors in {damage.packets} packets, {damage.lost:.2f} s lost"
        )
        if not self._seconds:
            raise bad_sound("damaged" if self._claim.kind else "not-audio", told)
        if damage.errors > max(1, damage.packets * _LOST_PACKETS):
            raise bad_sound("damaged", told)
        if damage.lost > max(_SLACK_SECONDS, self._seconds * _LOST_SHARE):
            raise bad_sound("damaged", told)
        claimed = self._claim.seconds or 0.0
        if self._claim.cut or self._seconds < claimed * _ENOUGH - _SLACK_SECONDS:
            raise bad_sound("truncated", told)


@contextmanager
def _complaints() -> Iterator[list[object]]:
    """What FFmpeg logs as errors: its decoders hide most damage and only tell their log."""
    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    repeated = av.logging.get_skip_repeated()
    av.logging.set_skip_repeated(False)
    try:
        with av.logging.Capture(local=True) as told:
            yield told  # type: ignore[misc]
    finally:
        av.logging.set_skip_repeated(repeated)
        av.logging.set_level(before)


def _shape(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate
