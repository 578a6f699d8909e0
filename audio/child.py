"""What every child process of the preparation gets: an empty environment, and limits that it sets itself."""

import os
import resource
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """No programs, no proxies, no credentials: the child needs only to find our own code. pydub insists on a PATH."""
    return {"PATH": "", "PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "HOME": os.sep}


def limit(*, cpu_seconds: int, address_space_bytes: int, written_bytes: int) -> None:
    """Of this process from now on. The kernel ends it (CPU time) or refuses it (memory, size of a file)."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (address_space_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (written_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
