"""Records a source of the sound server with the times at which its frames were taken: `python -m bench.capture FILE`.

The environment names the server and the source (PULSE_SERVER, PULSE_SOURCE). Writes FILE (s16 mono, 48 kHz) and, at
SIGTERM, FILE.json: a list of [frame, utc_ns], one per block, by the ADC time that PortAudio tells for it.
"""

import json
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import sounddevice

RATE = 48_000
_BLOCK = 960


def main() -> int:
    file = Path(sys.argv[1])
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    stamps: list[tuple[int, int]] = []
    frames_before = 0
    with file.open("wb") as out:

        def keep(data: Any, frames: int, times: Any, _status: sounddevice.CallbackFlags) -> None:
            nonlocal frames_before
            taken_ns = time.time_ns() + round((times.inputBufferAdcTime - times.currentTime) * 1e9)
            stamps.append((frames_before, taken_ns))
            out.write(bytes(data))
            frames_before += frames

        with sounddevice.RawInputStream(
            samplerate=RATE, blocksize=_BLOCK, channels=1, dtype="int16", latency=0.05, callback=keep
        ):
            print("capturing", flush=True)
            ended.wait()
    file.with_suffix(".json").write_text(json.dumps(stamps), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
