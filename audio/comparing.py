"""Two sounds to compare a clip with: as from a horn some way off, and the recording as it came.

`python -m audio.comparing` is the child that decodes and encodes, under limits of its own, since a recording is
foreign bytes: one JSON line asks on standard input, one answers on standard output.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from audio.child import environment, limit
from audio.horn import MOST_SECONDS
from audio.sources import RATE, SAMPLE_BYTES

WALL_SECONDS = 120
_CPU_SECONDS = 60
_ADDRESS_SPACE_BYTES = 512 * 1024**2
_WRITTEN_BYTES = 64 * 1024**2


class Kind(StrEnum):
    HORN = "horn"
    """Of a clip."""
    BEFORE = "before"
    """Of a recording: its first MOST_SECONDS, decoded and nothing else."""


class ComparingFailed(Exception):
    """There is no sound: for the log."""


def render(kind: Kind, source: Path, into: Path) -> None:
    """Write the sound to `into`, Ogg/Opus, at most MOST_SECONDS of it. Blocks for some seconds. ComparingFailed."""
    order = {"kind": kind.value, "source": str(source.resolve()), "into": str(into.resolve())}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "audio.comparing"],
            input=json.dumps(order).encode() + b"\n", capture_output=True,
            env=environment(), cwd=into.parent, timeout=WALL_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ComparingFailed("out of time") from error
    if done.returncode or not done.stdout:
        raise ComparingFailed(
            f"the child ended with {done.returncode}: {done.stderr[-1_000:].decode(errors='replace')}"
        )
    told = json.loads(done.stdout)
    if "fault" in told:
        raise ComparingFailed(told["fault"])


def main() -> int:
    """The child."""
    order = json.loads(sys.stdin.buffer.readline())
    limit(cpu_seconds=_CPU_SECONDS, address_space_bytes=_ADDRESS_SPACE_BYTES, written_bytes=_WRITTEN_BYTES)
    from audio import horn
    from audio.encode import QUICK, encode
    from audio.refusals import BadSound

    source, into = Path(order["source"]), Path(order["into"])
    try:
        samples = horn.render(source, into) if order["kind"] == "horn" else encode(_as_it_came(source), into, QUICK)
    except (BadSound, OSError, MemoryError) as error:
        print(json.dumps({"fault": f"{type(error).__name__}: {error}"}))
        return 0
    print(json.dumps({"samples": samples}))
    return 0


def _as_it_came(source: Path) -> Iterator[bytes]:
    """The beginning of a recording, with its own level and its own faults; both channels, as a player mixes them."""
    from audio.decode import Decoder

    left = MOST_SECONDS * RATE * SAMPLE_BYTES
    for block in Decoder(source, sys.maxsize, lambda share: None):
        yield block[:left]
        left -= len(block)
        if left <= 0:
            return


if __name__ == "__main__":
    sys.exit(main())
