"""Damaged sound files by a seeded mutator over all accepted formats: `python -m tests.audio.mutants SEED COUNT FOLDER`.

Each is judged in a process of its own under the limits of `audio.worker`, forked from this one, which has everything
imported already: two hundred cost less than ten fresh processes. Prints one JSON line per file.
"""

import json
import os
import random
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import av
from av.audio.stream import AudioStream

from audio.child import limit
from audio.decode import Decoder
from audio.graph import frame_of
from audio.intake import take_file
from audio.levels import audioop
from audio.prepare import Limits
from audio.refusals import BadSound
from audio.worker import _answer
from tests.audio import sounds
from tests.audio.inspected import resampled, scaled, speech_at_48k

ORIGINALS = {
    "wav-s16": ("wav", "pcm_s16le", 22_050),
    "wav-s24": ("wav", "pcm_s24le", 16_000),
    "wav-float": ("wav", "pcm_f32le", 16_000),
    "wav-alaw": ("wav", "pcm_alaw", 16_000),
    "wav-adpcm": ("wav", "adpcm_ima_wav", 22_050),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "m4a-aac": ("ipod", "aac", 44_100),
    "m4a-alac": ("ipod", "alac", 16_000),
    "ogg-opus": ("ogg", "libopus", 48_000),
    "ogg-vorbis": ("ogg", "vorbis", 44_100),
    "flac": ("flac", "flac", 22_050),
}
CHECKED = ("ogg-opus", "ogg-vorbis", "flac")
"""Formats with checksums: here no difference at all may go unnoticed."""
_SECONDS = 1.6
_WALL_S = 120.0


@dataclass
class Outcome:
    """What became of one mutant. `refused`: a code, "" when it was taken, "fault" or "died" when we fell."""

    number: int
    original: str
    damage: str
    refused: str = ""
    detail: str = ""
    codes: list[str] = field(default_factory=list)
    decoded_ms: int = 0
    away_ms: int = 0
    """How much of it differs audibly from the original, in steps of 20 ms; and what is missing or too much."""
    peak_kib: int = 0
    cpu_s: float = 0.0


def make(name: str, folder: Path) -> bytes:
    container_name, codec, rate = ORIGINALS[name]
    pcm = scaled(resampled(speech_at_48k()[: int(96_000 * _SECONDS)], sounds.RATE, rate), 0.5)
    with av.open(str(folder / name), "w", format=container_name) as container:
        stream = cast(AudioStream, container.add_stream(codec, rate=rate, options={"strict": "experimental"}))
        layout = "stereo" if codec == "vorbis" else "mono"  # FFmpeg's own encoder knows no other
        stream.codec_context.layout = layout
        frame = frame_of(pcm, 0, rate)
        resampler = av.AudioResampler(
            format=stream.codec_context.format or "s16", layout=layout, rate=rate, frame_size=1_024
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            for packet in stream.encode(piece):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return (folder / name).read_bytes()


def _flip(data: bytearray, source: random.Random) -> None:
    for _ in range(source.choice((1, 3, 20))):
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)


def _overwrite(data: bytearray, source: random.Random) -> None:
    at, size = source.randrange(len(data)), source.choice((4, 60, 800))
    data[at : at + size] = source.randbytes(len(data[at : at + size]))


def _zero(data: bytearray, source: random.Random) -> None:
    at, size = source.randrange(len(data)), source.choice((16, 512, 4_096))
    data[at : at + size] = bytes(len(data[at : at + size]))


def _remove(data: bytearray, source: random.Random) -> None:
    at = source.randrange(len(data))
    del data[at : at + source.choice((1, 40, 700, 5_000))]


def _insert(data: bytearray, source: random.Random) -> None:
    at = source.randrange(len(data))
    data[at:at] = source.randbytes(source.choice((1, 40, 700)))


def _cut(data: bytearray, source: random.Random) -> None:
    del data[source.randrange(1, len(data)) :]


def _repeat(data: bytearray, source: random.Random) -> None:
    at, size = source.randrange(len(data)), source.choice((200, 2_000))
    data[at:at] = data[at : at + size]


def _lie(data: bytearray, source: random.Random) -> None:
    """A number of the header becomes huge."""
    at = source.randrange(min(len(data), 80))
    data[at : at + 4] = source.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4), b"\x00\x00\x00\x01"))


def _head(data: bytearray, source: random.Random) -> None:
    for _ in range(4):
        data[source.randrange(min(len(data), 200))] = source.randrange(256)


DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _overwrite, _zero, _remove, _insert, _cut, _repeat, _lie, _head,
)  # fmt: skip


def mutants(seed: str, count: int, originals: dict[str, bytes]) -> Iterator[tuple[Outcome, bytes]]:
    """The same for the same seed: each original in turn, with damages drawn for it."""
    names = sorted(originals)
    for number in range(count):
        source = random.Random(f"{seed}-{number}")
        damage = source.choice(DAMAGES)
        data = bytearray(originals[names[number % len(names)]])
        damage(data, source)
        yield Outcome(number, names[number % len(names)], damage.__name__.strip("_")), bytes(data)


def decoded(file: Path) -> bytes:
    return b"".join(Decoder(file, 7_200, lambda share: None))


def judged(file: Path, work: Path, wanted: bytes, whole: bool) -> dict[str, Any]:
    """In the child: the worker's own answer to the order, and how far what it decodes is from the original."""
    order = {
        "work": str(work),
        "limits": {"seconds": 60},
        "seats": {},
        "bed": None,
        "parts": [{"kind": "recording", "file": str(file), "cuts": [], "bed": False,
                   "cleaning": {"trim": False, "hum": False, "denoise": False}}],
    }  # fmt: skip
    limit(cpu_seconds=20, address_space_bytes=Limits().address_space_bytes, written_bytes=60 * 96_000)
    answer = _answer(order) if whole else _taken(file, work)
    if "findings" in answer:
        answer["away_ms"] = away_ms(decoded(file), wanted)
    return answer


def _taken(file: Path, work: Path) -> dict[str, Any]:
    """What the worker does with foreign bytes, without the levelling and encoding of what came out of them."""
    try:
        raw = take_file(file, work, 60, lambda step, share: None)
    except BadSound as bad:
        return {"refused": bad.code, "detail": bad.detail}
    return {"decoded_ms": [[1, raw.decoded_ms]], "findings": [[1, [each.as_json() for each in raw.findings]]]}


def away_ms(pcm: bytes, wanted: bytes) -> int:
    length = min(len(pcm), len(wanted))
    apart = audioop.add(pcm[:length], audioop.mul(wanted[:length], 2, -1), 2)
    differing = sum(audioop.max(apart[at : at + 1_920], 2) > 400 for at in range(0, length, 1_920))
    return differing * 20 + abs(len(pcm) - len(wanted)) // 96


def run(outcome: Outcome, file: Path, work: Path, wanted: bytes) -> Outcome:
    """Judge one file in a fork, or tell how the fork fell."""
    sys.stdout.flush()
    get, put = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # progress
            os.write(put, json.dumps(judged(file, work, wanted, outcome.number % 8 == 0)).encode())
            os._exit(0)
        except BaseException as error:
            os.write(put, json.dumps({"fault": repr(error)}).encode())
            os._exit(1)
    os.close(put)
    told = _read(get, pid)
    _, status, spent = os.wait4(pid, 0)
    outcome.peak_kib, outcome.cpu_s = spent.ru_maxrss, round(spent.ru_utime + spent.ru_stime, 3)
    if not told:
        outcome.refused, outcome.detail = "died", f"status {status}"
    elif "fault" in told:
        outcome.refused, outcome.detail = "fault", told["fault"]
    elif "refused" in told:
        outcome.refused, outcome.detail = told["refused"], told["detail"]
    else:
        outcome.codes = [each["code"] for _, found in told["findings"] for each in found]
        outcome.decoded_ms, outcome.away_ms = told["decoded_ms"][0][1], told["away_ms"]
    return outcome


def _read(get: int, pid: int) -> dict[str, Any]:
    told, until = b"", time.monotonic() + _WALL_S
    while select.select([get], [], [], max(0.0, until - time.monotonic()))[0]:
        block = os.read(get, 65_536)
        if not block:
            break
        told += block
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(get)
    return dict(json.loads(told)) if told else {}


def main() -> int:
    seed, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    originals = {name: make(name, folder) for name in ORIGINALS}
    wanted = {name: decoded(folder / name) for name in originals}
    for name in originals:
        print(json.dumps(asdict(run(Outcome(-1, name, "none"), folder / name, work, wanted[name]))))
    file = folder / "mutant"
    for outcome, data in mutants(seed, count, originals):
        file.write_bytes(data)
        print(json.dumps(asdict(run(outcome, file, work, wanted[outcome.original]))), flush=True)
        for leftover in work.iterdir():
            leftover.unlink()
    return 0


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
