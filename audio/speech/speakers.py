"""Starting the speaking processes of one preparation and ending them with it, whatever happens."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from audio.child import environment
from audio.speech.specs import PiperSpec, ServiceSpec, told

Apart = PiperSpec | ServiceSpec
"""Engines that need a process of their own."""


@contextmanager
def speakers(specs: Mapping[str, Apart], cwd: Path, seconds: float, cpu_seconds: int) -> Iterator[dict[str, list[int]]]:
    """For each name the two descriptors by which it is asked: to hear from, to say into.

    None of them lives longer than `seconds`: a voice that is slow but never silent must not use up the whole time of
    a preparation, which goes on with another voice.
    """
    with ExitStack() as running:
        yield {name: running.enter_context(_speaker(spec, cwd, seconds, cpu_seconds)) for name, spec in specs.items()}


@contextmanager
def _speaker(spec: Apart, cwd: Path, seconds: float, cpu_seconds: int) -> Iterator[list[int]]:
    with (cwd / "speaker-errors.txt").open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "audio.speech.speaker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(),
            cwd=cwd,
        )
    timer = threading.Timer(seconds, child.kill)
    timer.start()
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        limits = {"address_space_bytes": spec.address_space_bytes, "cpu_seconds": cpu_seconds}
        child.stdin.write(json.dumps({"spec": told(spec), "limits": limits}).encode() + b"\n")
        child.stdin.flush()
        yield [child.stdout.fileno(), child.stdin.fileno()]
    finally:
        timer.cancel()
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()
