"""Runs the real agent on a machine whose time a second thread moves: `python -m tests.rig.time_machine CONFIG STATE`.

STATE is a JSON file: the machine as it was left, and what shall happen: {"true_ns", "mono_ns", "system_ns", "boot",
"ntp", "stretches": [[until_true_ns, step_ns], …], "signal"}. It is brought up to date just before the signal. Nothing
of the agent is replaced: its threads wait and sleep by edge_agent/machine.py, and time goes on when all of them wait.
"""

import json
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from edge_agent.machine import NOT_KEPT, KernelTime
from edge_agent.settings import load
from edge_agent.startup import Agent

MS = 1_000_000
THREADS = {"conductor", "fetcher", "reporter", "sink"}
_REAL_LIMIT_S = 60.0
_DECODING_S = 0.001
"""Real time that a small step takes at least, so that the decoder, which knows no time, keeps ahead of the sound."""


@dataclass(eq=False)
class _Waiter:
    thread: threading.Thread
    due_ns: int | None
    condition: threading.Condition | None = None
    awake: bool = False


class _Condition(threading.Condition):
    """Waiting with a limit ends by the machine's time."""

    def __init__(self, machine: "TimeMachine") -> None:
        super().__init__()
        self._machine = machine

    def wait(self, timeout: float | None = None) -> bool:
        waiter = self._machine.begins(self, timeout)
        try:
            return super().wait(_REAL_LIMIT_S)
        finally:
            self._machine.ends(waiter)

    def notify(self, n: int = 1) -> None:
        self._machine.wakes(self)
        super().notify(1_000)


class TimeMachine:
    def __init__(self, state: Path) -> None:
        self._state = state
        left = json.loads(state.read_text())
        self.true_ns: int = left["true_ns"]
        self.mono_ns: int = left["mono_ns"]
        self._system_ahead_ns: int = left["system_ns"] - self.mono_ns
        self._boot, self._ntp = left["boot"], left["ntp"]
        self._stretches, self._signal = left["stretches"], left["signal"]
        self._changed = threading.Condition()
        self._waiters: list[_Waiter] = []

    # What the agent asks for

    def system_ns(self) -> int:
        return self.mono_ns + self._system_ahead_ns

    def monotonic_ns(self) -> int:
        return self.mono_ns

    def boot_id(self) -> str:
        return str(self._boot)

    def kernel(self) -> KernelTime:
        return KernelTime(synced=True, error_ns=MS) if self._ntp else NOT_KEPT

    def battery_ns(self) -> int | None:
        return None

    def condition(self) -> threading.Condition:
        return _Condition(self)

    def sleep_until_ns(self, instant: int) -> None:
        with self._changed:
            if instant <= self.mono_ns:
                return
            waiter = _Waiter(threading.current_thread(), instant)
            self._waiters.append(waiter)
            self._changed.notify_all()
            self._changed.wait_for(lambda: waiter.awake, _REAL_LIMIT_S)
            self._waiters.remove(waiter)

    # What its conditions tell

    def begins(self, condition: threading.Condition, timeout: float | None) -> _Waiter:
        with self._changed:
            due = None if timeout is None else self.mono_ns + round(timeout * 1e9)
            waiter = _Waiter(threading.current_thread(), due, condition)
            self._waiters.append(waiter)
            self._changed.notify_all()
            return waiter

    def ends(self, waiter: _Waiter) -> None:
        with self._changed:
            self._waiters.remove(waiter)

    def wakes(self, condition: threading.Condition) -> None:
        with self._changed:
            for waiter in self._waiters:
                waiter.awake = waiter.awake or waiter.condition is condition

    # The driver

    def _all_wait(self) -> bool:
        asleep = {waiter.thread.name for waiter in self._waiters if not waiter.awake}
        return asleep >= THREADS

    def _advance(self, until_true_ns: int, step_ns: int) -> None:
        with self._changed:
            if not self._changed.wait_for(self._all_wait, _REAL_LIMIT_S):
                raise SystemExit(f"not everybody waits: {[waiter.thread.name for waiter in self._waiters]}")
            due = min((w.due_ns for w in self._waiters if w.due_ns is not None), default=self.mono_ns)
            step = min(max(due - self.mono_ns, step_ns), until_true_ns - self.true_ns)
            self.mono_ns += step
            self.true_ns += step
            woken = [w for w in self._waiters if w.due_ns is not None and w.due_ns <= self.mono_ns]
            for waiter in woken:
                waiter.awake = True
            self._changed.notify_all()
        for condition in {waiter.condition for waiter in woken if waiter.condition is not None}:
            with condition:
                threading.Condition.notify(condition, 1_000)

    def drive(self) -> None:
        """Through the stretches, then the signal; after one that can be obeyed, time goes on in small steps."""
        for until, step in self._stretches:
            while self.true_ns < until:
                self._advance(until, step)
                if step < MS:
                    time.sleep(_DECODING_S)
        self._leave()
        while True:
            try:
                self._advance(self.true_ns + MS, 1)
            except SystemExit:
                return

    def _leave(self) -> None:
        left = json.loads(self._state.read_text())
        left |= {"true_ns": self.true_ns, "mono_ns": self.mono_ns, "system_ns": self.system_ns()}
        self._state.write_text(json.dumps(left))
        os.kill(os.getpid(), self._signal)


def main(config: str, state: str) -> int:
    machine = TimeMachine(Path(state))
    threading.Thread(target=machine.drive, name="time", daemon=True).start()
    return Agent(load(Path(config)), machine).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
