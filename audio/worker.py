"""The child process that decodes, speaks and encodes, under limits of its own: `python -m audio.worker`.

One JSON line on standard input asks; standard output answers in JSON lines: {"step", "percent", "part"}, and at the end
one of {"samples", "loudness_cdb", "true_peak_cdb", "decoded_ms", "findings"}, {"refused", "detail", "parameters",
"part"} or {"fault"}. The clip is then `clip.opus` in the work folder. When standard input closes, the parent is gone
and so is this process.
"""

import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

from audio.child import limit
from audio.refusals import BadSound
from audio.sources import COPY, Step

_PART_SHARES = {Step.SPEAK: (0, 58), Step.DECODE: (0, 58), Step.LEVEL: (58, 100)}
"""From and to in per cent of making one part, about as long as they take."""
_PARTS = 60
"""Per cent of the whole that the parts take together."""
_SHARES = {Step.ENCODE: (_PARTS, 85), Step.CHECK: (85, 99)}
_SHORT = ("chime", "closing", "pause")
"""Parts that take no time."""


def main() -> int:
    """Do what the first line asks. Exit code 0 whenever an answer was given."""
    order = json.loads(sys.stdin.readline())
    limits = order["limits"]
    limit(**{name: limits[name] for name in ("cpu_seconds", "address_space_bytes", "written_bytes")})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(json.dumps(_answer(order)), flush=True)
    os._exit(0)  # the other thread sits in a read


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(3)


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    from audio.speech.voice import VoiceFailed

    try:
        return _look(order) if "look" in order else _prepare(order)
    except BadSound as refusal:
        about = {"detail": refusal.detail, "parameters": refusal.parameters, "part": refusal.part}
        return {"refused": refusal.code, **about}
    except MemoryError:
        return {"refused": "too-heavy", "detail": "out of memory", "parameters": {}, "part": 0}
    except (OSError, VoiceFailed) as error:
        return {"fault": f"{type(error).__name__}: {error}"}


def _prepare(order: dict[str, Any]) -> dict[str, Any]:
    from audio.making import Workshop
    from audio.speech.aloud import Cast

    work = Path(order["work"])
    tell = _Teller(sum(part["kind"] not in _SHORT for part in order["parts"]) + (order["bed"] is not None))
    shop = Workshop(work, Cast(order["seats"], work), order["limits"]["seconds"], tell, tell.begin)
    made = shop.clip(order["parts"], order["bed"])
    return {
        "samples": made.samples,
        "loudness_cdb": round(made.loudness.lufs * 100),
        "true_peak_cdb": round(made.loudness.true_peak_db * 100),
        "fallbacks": [[each.voice, each.code, each.detail] for each in shop.fallbacks],
        "decoded_ms": list(shop.decoded_ms.items()),
        "findings": [[number, [each.as_json() for each in found]] for number, found in shop.findings.items()],
        "peak_resident_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def _look(order: dict[str, Any]) -> dict[str, Any]:
    from audio.overview import look

    seen = look(Path(order["look"]), Path(order["work"], COPY), order["limits"]["seconds"])
    return {"peaks": seen.peaks, "each": seen.step, "samples": seen.samples}


class _Teller:
    """Writes progress lines: only upwards, one per per cent, or one more when another part begins."""

    def __init__(self, parts: int) -> None:
        self._last, self._parts, self._part, self._begun = -1, max(1, parts), 0, 0

    def begin(self, part: int) -> None:
        """The part with this number is made from now on; 0: all are."""
        self._begun += part != 0
        self._part = part

    def __call__(self, step: Step, share: int) -> None:
        if step in _PART_SHARES:
            start, end = _PART_SHARES[step]
            of_part = start + (end - start) * share // 100
            percent = _PARTS * ((self._begun - 1) * 100 + of_part) // (self._parts * 100)
        else:
            start, end = _SHARES[step]
            percent = start + (end - start) * share // 100
        if percent > self._last:
            self._last = percent
            print(json.dumps({"step": step, "percent": percent, "part": self._part}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
