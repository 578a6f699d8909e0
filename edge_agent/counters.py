"""Numbers that only grow while the agent runs, for telemetry; safe from any thread."""

import threading
from collections.abc import Mapping


class Counters:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}

    def add(self, name: str, by: int = 1) -> None:
        with self._lock:
            self._numbers[name] = self._numbers.get(name, 0) + by

    def snapshot(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._numbers)
