"""Keeps what came out as one WAV file per broadcast, with the UTC at which each block was taken beside it.

While a recording grows, its stamps grow in a text file of lines `first_frame utc_ns`; when it is closed they become
`<broadcast>.json`: {"rate", "blocks": [[first_frame, utc_ns], ...]}. A recording that a power cut left open, or of a
broadcast that goes on after a pre-emption, is continued in the same file.
"""

import json
import logging
import os
import queue
import re
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from edge_agent.sinks.port import RATE

_log = logging.getLogger(__name__)

_HEADER_BYTES = 44
_STAMP = re.compile(r"\d+ \d{19}")
_DAY_NS = 86_400_000_000_000
_KEEP_NS = 30 * _DAY_NS
"""Recordings are for a month's checking; older ones are removed with the first new one of a day."""
_BEFORE_BLOCKS = 25
_AFTER_BLOCKS = 25
_HEADER_EVERY = 50
_QUEUE_BLOCKS = 500


def header(frames: int) -> bytes:
    """The RIFF/WAVE header of `frames` of mono 16 bit PCM at 48 kHz."""
    size = frames * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)


def whole_stamps(stamps: Path, frames: int) -> list[str]:
    """The lines of a stamp file that a power cut left whole and whose frames were written."""
    lines = stamps.read_text(encoding="ascii", errors="replace").splitlines()
    return [line for line in lines if _STAMP.fullmatch(line) and int(line.split()[0]) < frames]


@dataclass(frozen=True, slots=True)
class _Block:
    pcm: bytes
    utc_ns: int
    sounding: tuple[str, ...] = ()


def _silence(block: _Block) -> _Block:
    """The same time without the sound, which is of another programme or noted already."""
    return _Block(bytes(len(block.pcm)), block.utc_ns)


def _remove_old(folder: Path, now_ns: int) -> None:
    for path in folder.iterdir():
        if path.is_file() and path.stat().st_mtime_ns < now_ns - _KEEP_NS:
            path.unlink(missing_ok=True)


@dataclass(slots=True)
class _Recording:
    wav: IO[bytes]
    stamps: IO[str]
    path: Path
    frames: int
    silent_blocks: int = 0
    blocks_since_header: int = field(default=0)

    @classmethod
    def begin(cls, folder: Path, broadcast: str) -> "_Recording":
        path = folder / f"{broadcast}.wav"
        stamps = path.with_suffix(".blocks")
        mode = "r+b" if path.exists() and stamps.exists() else "w+b"
        wav = path.open(mode)
        size = wav.seek(0, 2)
        frames = max(0, size - _HEADER_BYTES) // 2
        if mode == "r+b":
            stamps.write_text("".join(f"{line}\n" for line in whole_stamps(stamps, frames)), encoding="ascii")
        recording = cls(wav, stamps.open("a" if mode == "r+b" else "w", encoding="ascii"), path, frames)
        recording._write_header()
        return recording

    def add(self, block: _Block) -> None:
        self.stamps.write(f"{self.frames} {block.utc_ns}\n")
        self.wav.write(block.pcm)
        self.frames += len(block.pcm) // 2
        self.blocks_since_header += 1
        if self.blocks_since_header >= _HEADER_EVERY:
            self._write_header()

    def _write_header(self) -> None:
        self.wav.seek(0)
        self.wav.write(header(self.frames))
        self.wav.seek(_HEADER_BYTES + self.frames * 2)
        self.wav.flush()
        self.stamps.flush()
        self.blocks_since_header = 0

    def close(self) -> None:
        self._write_header()
        self.wav.close()
        self.stamps.close()
        lines = whole_stamps(self.path.with_suffix(".blocks"), self.frames)
        blocks = [[int(word) for word in line.split()] for line in lines]
        sidecar = self.path.with_suffix(".json")
        partial = sidecar.with_suffix(".json.part")
        partial.write_text(json.dumps({"rate": RATE, "blocks": blocks}), encoding="ascii")
        partial.replace(sidecar)
        ended = int(lines[-1].split()[1]) if lines else 0
        for file in (self.path, self.path.with_suffix(".blocks"), sidecar):
            os.utime(file, ns=(ended, ended))  # the system's clock may be another, and they are kept by this one


class WavKeeper:
    """Writes on a thread of its own; when the disk cannot follow, recordings lose blocks and the sound goes on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._clean_ns = 0
        self._queue: queue.Queue[_Block | None] = queue.Queue(_QUEUE_BLOCKS)
        self._before: deque[_Block] = deque(maxlen=_BEFORE_BLOCKS)
        self._open: dict[str, _Recording] = {}
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    def keep(self, pcm: bytes, utc_ns: int, sounding: tuple[str, ...]) -> None:
        try:
            self._queue.put_nowait(_Block(pcm, utc_ns, sounding))
        except queue.Full:
            _log.warning("the disk is too slow for the recording")

    def close(self) -> None:
        try:
            self._queue.put(None, timeout=1.0)
        except queue.Full:
            return
        self._thread.join(1.5)

    def _work(self) -> None:
        while (block := self._queue.get()) is not None:
            try:
                self._write(block)
            except OSError as error:
                _log.warning("the recording cannot be written: %s", error)
                self._open.clear()
        for recording in self._open.values():
            recording.close()

    def _write(self, block: _Block) -> None:
        for broadcast in block.sounding:
            if broadcast not in self._open:
                self._clean(block.utc_ns)
                self._open[broadcast] = recording = _Recording.begin(self._folder, broadcast)
                for earlier in self._before:
                    recording.add(_silence(earlier))
            self._open[broadcast].silent_blocks = 0
        for broadcast, recording in tuple(self._open.items()):
            self._extend(broadcast, recording, block)
        self._before.append(block)

    def _clean(self, now_ns: int) -> None:
        """Now that something sounds the time is known."""
        if now_ns >= self._clean_ns:
            self._clean_ns = now_ns + _DAY_NS
            _remove_old(self._folder, now_ns)

    def _extend(self, broadcast: str, recording: _Recording, block: _Block) -> None:
        if broadcast not in block.sounding:
            # Another programme may sound here: this recording keeps silence instead of what is not its own.
            recording.silent_blocks += 1
            block = _silence(block)
        recording.add(block)
        if recording.silent_blocks >= _AFTER_BLOCKS:
            recording.close()
            del self._open[broadcast]
