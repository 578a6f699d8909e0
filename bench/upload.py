"""A recording as staff would upload it: the project's own voice reading on and on, as stereo mp3, 128 kbit/s.

`python -m bench.upload FILE SECONDS`: a process of its own, because the speech engine starts once in a process.
"""

import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from audio.graph import frame_of
from audio.sources import SAMPLE_BYTES
from audio.speech.normalise import spoken
from audio.speech.utterances import utterances
from audio.speech.voices import open_voice

_RATE = 44_100
_TEXT = """\
Đài truyền thanh xã kính chào bà con. Hôm nay, ngày 22/11/2026, UBND xã thông báo lịch tiêm phòng cho trẻ em.
Từ 7h30 đến 11h, bà con đưa trẻ đến trạm y tế xã, mang theo sổ tiêm chủng và thẻ BHYT.
Dự báo thời tiết: đêm nay có mưa rào và dông, lượng mưa từ 30 đến 50 mm, đề phòng lốc, sét và gió giật mạnh.
HĐND xã mời bà con dự buổi tiếp xúc cử tri vào 14h ngày 25/11 tại nhà văn hóa thôn. Xin trân trọng cảm ơn!
"""


def make_mp3(file: Path, seconds: int) -> None:
    """Write `seconds` of speech. No Xing header, so that such files can be put one behind the other."""
    with av.open(str(file), "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=_RATE)
        stream.codec_context.bit_rate = 128_000
        stream.codec_context.options = {"compression_level": "9"}
        for frame in _frames(seconds):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def repeated(file: Path, times: int, into: Path) -> None:
    """The same recording so many times over."""
    whole = file.read_bytes()
    with into.open("wb") as out:
        for _ in range(times):
            out.write(whole)


def _frames(seconds: int) -> Iterator[AudioFrame]:
    voice = open_voice("vi")
    resampler = AudioResampler(format="s16p", layout="stereo", rate=_RATE, frame_size=1152)
    left = seconds * voice.rate
    for part in cycle(utterances(spoken(_TEXT).text)):
        pcm = voice.say(part.text) + bytes(part.pause_ms * voice.rate // 1000 * SAMPLE_BYTES)
        pcm = pcm[: left * SAMPLE_BYTES]
        left -= len(pcm) // SAMPLE_BYTES
        frame = frame_of(pcm, 0, voice.rate)
        frame.pts = None
        yield from resampler.resample(frame)
        if left <= 0:
            yield from resampler.resample(None)
            return


if __name__ == "__main__":
    make_mp3(Path(sys.argv[1]), int(sys.argv[2]))
