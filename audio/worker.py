"""The child process that decodes, speaks and encodes, under limits of its own: `python -m audio.worker`.

One JSON line on standard input asks; standard output answers in JSON lines: {"step", "percent"}, and at the end one
of {"samples", "loudness_cdb", "true_peak_cdb"}, {"refused", "detail", "parameters"} or {"fault"}. The clip is then
`clip.opus` in the work folder. When standard input closes, the parent is gone and so is this process.
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
from audio.sources import Step, VoiceChoice

_SHARES = {
    Step.SPEAK: (0, 35),
    Step.DECODE: (0, 35),
    Step.LEVEL: (35, 60),
    Step.ENCODE: (60, 85),
    Step.CHECK: (85, 99),
}
"""From and to in per cent of the whole, about as long as they take."""


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
        return _prepare(order)
    except BadSound as refusal:
        return {"refused": refusal.code, "detail": refusal.detail, "parameters": refusal.parameters}
    except MemoryError:
        return {"refused": "too-heavy", "detail": "out of memory", "parameters": {}}
    except (OSError, VoiceFailed) as error:
        return {"fault": f"{type(error).__name__}: {error}"}


def _prepare(order: dict[str, Any]) -> dict[str, Any]:
    from audio.compose import compose
    from audio.intake import take_file, take_text
    from audio.speech.aloud import Cast

    tell = _Teller()
    work = Path(order["work"])
    if "spoken" in order:
        choice, cast = VoiceChoice(**order["voice"]), Cast(order["seats"], work)
        raw = take_text(order["spoken"], choice, cast, work, order["limits"]["seconds"], tell)
    else:
        raw = take_file(Path(order["file"]), work, order["limits"]["seconds"], tell)
    made = compose(raw.file, raw.peak_cdb, work, tell)
    return {
        "samples": made.samples,
        "loudness_cdb": round(made.loudness.lufs * 100),
        "true_peak_cdb": round(made.loudness.true_peak_db * 100),
        "fallbacks": [[each.voice, each.code, each.detail] for each in raw.fallbacks],
        "peak_resident_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


class _Teller:
    """Writes progress lines: only upwards, one per per cent."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, step: Step, share: int) -> None:
        start, end = _SHARES[step]
        percent = start + (end - start) * share // 100
        if percent > self._last:
            self._last = percent
            print(json.dumps({"step": step, "percent": percent}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
