"""Prepares an upload from a fresh small process, so that what its worker took can be read off.

The kernel keeps one peak for all ended children of a process and counts a fork's first moment in it, so a large test
process cannot measure its own.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHILD = """
import json, resource, sys
from pathlib import Path
from audio.clips import ClipStore
from audio.prepare import BadSound, FileSource, Limits, prepare
root = Path(sys.argv[1])
limits = Limits(**json.loads(sys.argv[3]))
code = ""
try:
    prepare(FileSource(Path(sys.argv[2]), "x"), ClipStore(root / "c"), root / "w", limits, lambda step, share: None)
except BadSound as bad:
    code = bad.code
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, spent.ru_maxrss, spent.ru_utime]))
"""


@dataclass(frozen=True)
class Spent:
    refusal: str
    """The code, "" when a clip was made."""
    peak_kib: int
    cpu_s: float


def prepared(
    upload: Path, folder: Path, environment: dict[str, str] | None = None, limits: dict[str, int] | None = None
) -> Spent:
    """Prepare `upload` into `folder`/c; what the worker process took at most."""
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD, str(folder), str(upload), json.dumps(limits or {})],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return Spent(*json.loads(ended.stdout))
