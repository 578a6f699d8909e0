"""The fleet's process seen from the bench: begin it, ask when the last receiver had a topic."""

import base64
import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from deploy.demo.processes import python


@dataclass(frozen=True, slots=True)
class Arrival:
    """A topic that every receiver holds; when the first and the last got it (monotonic clock), and its bytes."""

    topic: str
    first_ns: int
    last_ns: int
    payload: bytes


class Receivers:
    """Reads what the fleet tells, on a thread of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        self._out = process.stdout
        threading.Thread(target=self._read, name="fleet", daemon=True).start()

    def _read(self) -> None:
        for line in self._out:
            self._lines.put(line)
        self._lines.put("")

    def wait_ready(self, seconds: float) -> None:
        """Until all are subscribed; `queue.Empty` when they are not in time."""
        if "ready" not in json.loads(self._line(seconds)):
            raise RuntimeError("the fleet told of a topic before it was ready")

    def arrival(self, prefix: str, seconds: float, not_before_ns: int = 0) -> Arrival:
        """The next topic beginning with `prefix` that all hold; others are kept aside."""
        while True:
            line = json.loads(self._line(seconds))
            arrival = Arrival(line["topic"], line["first_ns"], line["last_ns"], base64.b64decode(line["payload"]))
            if arrival.topic.startswith(prefix) and arrival.last_ns >= not_before_ns:
                return arrival

    def _line(self, seconds: float) -> str:
        line = self._lines.get(timeout=seconds)
        if not line:
            raise RuntimeError("the fleet ended by itself")
        return line


@contextmanager
def receivers(port: int, count: int, filters: Sequence[str]) -> Iterator[Receivers]:
    """A running, subscribed fleet; it ends with the context."""
    options = [word for name in filters for word in ("--filter", name)]
    process = subprocess.Popen(
        python("bench.fleet", "--port", str(port), "--count", str(count), *options),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        fleet = Receivers(process)
        fleet.wait_ready(60.0)
        yield fleet
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
