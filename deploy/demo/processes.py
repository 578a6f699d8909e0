"""Starts programs in process groups of their own and ends them, whatever happens, in reverse order."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.demo.interruption import end_if_asked, undisturbed

STOP_SECONDS = 8.0
POLL_SECONDS = 0.05


class ProgramFailed(Exception):
    """A program of ours ended, or did not do its work in time; the message quotes its last words."""


def wait_until(condition: Callable[[], bool], seconds: float, what: str, every: float = POLL_SECONDS) -> None:
    """Return as soon as `condition()` holds; raise TimeoutError naming `what` after `seconds`."""
    limit = time.monotonic() + seconds
    while not condition():
        end_if_asked()
        if time.monotonic() > limit:
            raise TimeoutError(f"waited {seconds:g} s in vain for: {what}")
        time.sleep(every)


class Program:
    """One running program; what it prints goes to `log`."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.command = tuple(command)
        self.log = log
        self._env = dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self) -> None:
        """Start it (again), adding to the same log."""
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out, undisturbed():
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._env},
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ProgramFailed(f"{self.name} was never started")
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def said(self) -> str:
        """What it has printed since this start."""
        return self.log.read_bytes()[self._log_start :].decode(errors="replace")

    def wait_for_words(self, words: str, seconds: float) -> str:
        """Return the first whole line that contains `words`; raise ProgramFailed when it never comes."""
        limit = time.monotonic() + seconds
        while True:
            end_if_asked()
            alive = self.running()
            for line in self.said().splitlines(keepends=True):
                if words in line and line.endswith("\n"):
                    return line.strip()
            if not alive or time.monotonic() > limit:
                raise ProgramFailed(f"{self.name} never said {words!r}; its last words:\n{self.last_words()}")
            time.sleep(POLL_SECONDS)

    def last_words(self, lines: int = 12) -> str:
        return "\n".join(self.said().splitlines()[-lines:])

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; a group that is gone already is no error."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask it to end (SIGTERM) and insist after `seconds` (SIGKILL); its whole group is gone after."""
        if self._process is None:
            return
        if self.running():
            self.signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.signal(signal.SIGKILL)
        self._process.wait()


class Programs:
    """Programs by rank; leaving the context stops the highest rank first, those of one rank together."""

    def __init__(self) -> None:
        self._ranks: dict[int, list[Program]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, rank: int, program: Program) -> Program:
        """Start a program that needs those of lower rank."""
        self._ranks.setdefault(rank, []).append(program)
        program.start()
        return program

    def __iter__(self) -> Iterator[Program]:
        return (program for rank in sorted(self._ranks) for program in self._ranks[rank])

    def stop(self) -> None:
        with undisturbed():
            for rank in sorted(self._ranks, reverse=True):
                programs = self._ranks.pop(rank)
                for program in programs:
                    program.signal(signal.SIGTERM)
                limit = time.monotonic() + STOP_SECONDS
                for program in programs:
                    program.stop(max(0.0, limit - time.monotonic()))


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs one of our modules with this very Python."""
    return (sys.executable, "-m", module, *arguments)


def run(command: Sequence[str], env: Mapping[str, str] | None = None, seconds: float = 60.0) -> str:
    """Run a short program to its end and return what it printed; raise ProgramFailed when it fails."""
    process = None
    try:
        with undisturbed():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, **(env or {})},
            )
        out, err = process.communicate(timeout=seconds)
    except BaseException:
        if process is not None:
            process.kill()
            process.wait()
        raise
    if process.returncode != 0:
        raise ProgramFailed(
            f"{' '.join(command[2:6])} ended with {process.returncode}:\n{(err or out).strip()[-2000:]}"
        )
    return out
