"""One preparation in a process of its own: `python -m bench.prepare_once ours|ffmpeg SOURCE FOLDER …`.

After these come, for ffmpeg, the number of settling passes, of rounds, and the encoder's options as JSON. Prints one
JSON line: {"seconds", "cpu_seconds", "peak_kib"} of the child processes, the peak being the largest's. (Linux counts
into a child's peak what its parent held when it began it, so this parent imports little.)
"""

import json
import resource
import sys
import time
from pathlib import Path


def main() -> int:
    who, source, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if who == "ours":
        seconds = _ours(source, folder)
    else:
        seconds = _ffmpeg(source, folder, int(sys.argv[4]), int(sys.argv[5]), json.loads(sys.argv[6]))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {"seconds": seconds, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_kib": used.ru_maxrss}
    print(json.dumps(told))
    return 0


def _ours(source: Path, folder: Path) -> float:
    from audio.clips import ClipStore
    from audio.prepare import FileSource, Limits, prepare

    store = ClipStore(folder / "clips")
    begun = time.monotonic()
    prepare(FileSource(source, source.name), store, folder / "work", Limits(), lambda step, percent: None)
    return time.monotonic() - begun


def _ffmpeg(source: Path, folder: Path, settles: int, rounds: int, encoder: dict[str, str]) -> float:
    from bench.ffmpeg_chain import prepare_by_ffmpeg

    begun = time.monotonic()
    prepare_by_ffmpeg(source, folder, settles, rounds, encoder)
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
