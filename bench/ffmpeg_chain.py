"""The peer of audio/: the same steps, filters and number of passes, by Debian's ffmpeg command line."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_PCM = ("-f", "s16le", "-ar", "48000", "-ac", "1")
_QUIET = ("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-y")
_LOUDNESS = re.compile(r"I:\s+(-?[0-9.]+) LUFS")
_PEAK = re.compile(r"max_volume:\s+(-?[0-9.]+) dB")
_LIMITER = "alimiter=limit=0.74989:level=0:attack=5:release=60"


def prepare_by_ffmpeg(source: Path, folder: Path, settles: int, rounds: int, encoder: Mapping[str, str]) -> Path:
    """Make clip.opus from `source`; `folder` holds opening.pcm and closing.pcm. `encoder` are options of libopus.

    `settles` passes of limiter and loudness, then `rounds` of limiter, encoding, decoding and measuring.
    """
    raw, body, clip = folder / "raw.pcm", folder / "body.pcm", folder / "clip.opus"
    peak = _found(_PEAK, _run("-i", str(source), "-vn", "-af", "volumedetect", *_PCM, str(raw)))
    condition = (
        f"highpass=f=80,volume={-3 - peak:.2f}dB,"
        "acompressor=threshold=0.063:ratio=2.5:attack=8:release=180:knee=4,"
        "aformat=sample_fmts=s16:channel_layouts=mono,ebur128=framelog=verbose"
    )
    measured = _found(_LOUDNESS, _run(*_PCM, "-i", str(raw), "-af", condition, *_PCM, str(body)))
    level = f"volume={-16 - measured:.3f}dB,{_LIMITER},aformat=sample_fmts=s16:channel_layouts=mono"
    for _ in range(settles):
        _run(*_PCM, "-i", str(body), "-af", f"{level},ebur128=framelog=verbose", "-f", "null", "-")
    for _ in range(rounds):
        _encode(folder, body, level, clip, encoder)
        _run("-c:a", "libopus", "-i", str(clip), "-af", "ebur128=framelog=verbose:peak=true", "-f", "null", "-")
    return clip


def _encode(folder: Path, body: Path, level: str, clip: Path, encoder: Mapping[str, str]) -> None:
    parts = [word for name in ("opening.pcm", body.name, "closing.pcm") for word in (*_PCM, "-i", str(folder / name))]
    options = [word for name, value in encoder.items() for word in (f"-{name}", value)]
    _run(
        *parts, "-filter_complex", f"[1]{level}[b];[0][b][2]concat=n=3:v=0:a=1",
        "-c:a", "libopus", *options, str(clip),
    )  # fmt: skip


def _run(*options: str) -> str:
    done = subprocess.run((*_QUIET, *options), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ffmpeg ended with {done.returncode}: {done.stderr[-1000:]}")
    return done.stderr


def _found(pattern: re.Pattern[str], told: str) -> float:
    found = pattern.findall(told)
    if not found:
        raise RuntimeError(f"ffmpeg did not tell {pattern.pattern}: {told[-1000:]}")
    return float(found[-1])
