"""What a worker and a speaking process say to each other: a line that asks, a line that answers, then the bytes.

The worker believes nothing: every length is bounded, every wait ends.
"""

import json
import os
import select
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from audio.sources import Manner
from audio.speech.voice import FAILURES, VoiceFailed

PCM, FILE, FAILED = "pcm", "file", "failed"
_LONGEST_LINE: Final = 4_096
_PIECE: Final = 65_536
MOST_BYTES: Final = 64 * 1024**2
"""Of one answer: ten minutes of 48 kHz."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`kind` pcm: `data` is s16 mono at `rate`; file: `data` is a sound file of whatever kind; failed: see `code`."""

    kind: str
    rate: int = 0
    data: bytes = b""
    code: str = ""
    detail: str = ""


def ask(text: str, manner: Manner) -> bytes:
    """The line that asks for one utterance."""
    return json.dumps({"text": text, "rate": manner.rate, "pitch": manner.pitch}).encode() + b"\n"


def asked(line: bytes) -> tuple[str, Manner]:
    fields = json.loads(line)
    return fields["text"], Manner(fields["rate"], fields["pitch"])


def write_answer(out: BinaryIO, answer: Answer) -> None:
    head = {
        "kind": answer.kind,
        "rate": answer.rate,
        "bytes": len(answer.data),
        "code": answer.code,
        "detail": answer.detail[:1_000],
    }
    out.write(json.dumps(head).encode() + b"\n" + answer.data)
    out.flush()


class Line:
    """The worker's end of the two pipes. Every method raises VoiceFailed when the other side is gone or too slow."""

    def __init__(self, hear: int, say: int, seconds: float) -> None:
        self._hear, self._say, self._seconds = hear, say, seconds

    def ask(self, text: str, manner: Manner) -> Answer:
        """Wait for at most `seconds` without a sign of life, then for each piece."""
        try:
            os.write(self._say, ask(text, manner))
        except BrokenPipeError as error:
            raise VoiceFailed("engine-failed", "the speaking process is gone") from error
        head = self._head()
        answer = Answer(head["kind"], head["rate"], self._exactly(head["bytes"]), head["code"], head["detail"])
        if answer.kind == FAILED:
            code = answer.code if answer.code in FAILURES else "engine-failed"
            raise VoiceFailed(code, answer.detail)
        return answer

    def _head(self) -> Mapping[str, Any]:
        line = bytearray()
        while not line.endswith(b"\n"):
            if len(line) > _LONGEST_LINE:
                raise VoiceFailed("engine-failed", "an answer without an end of line")
            line += self._piece(1)
        head = json.loads(line)
        if not 0 <= head["bytes"] <= MOST_BYTES:
            raise VoiceFailed("engine-failed", f"an answer of {head['bytes']} bytes")
        return dict(head)

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            data += self._piece(min(_PIECE, count - len(data)))
        return bytes(data)

    def _piece(self, most: int) -> bytes:
        if not select.select([self._hear], [], [], self._seconds)[0]:
            raise VoiceFailed("too-slow", f"no answer in {self._seconds} s")
        piece = os.read(self._hear, most)
        if not piece:
            raise VoiceFailed("engine-failed", "the speaking process ended")
        return piece
