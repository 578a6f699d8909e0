"""Ctrl-C and SIGTERM end the demonstration between two steps, never in the middle of starting a program."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked the demonstration to end."""


class _Interruption:
    """What the handler knows; there is one for the process, as there is one handler."""

    def __init__(self) -> None:
        self.held = False
        self.pending = ""

    def arrive(self, number: int, _frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        self.pending = signal.Signals(number).name
        if not self.held:
            self.deliver()

    def deliver(self) -> None:
        if self.pending:
            name, self.pending = self.pending, ""
            raise Stopped(name)


_interruption = _Interruption()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into Stopped; further ones do not disturb the tidying up."""
    before = {each: signal.signal(each, _interruption.arrive) for each in _SIGNALS}
    try:
        yield
    finally:
        _interruption.pending = ""
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold Stopped back until the block has ended.

    Inside subprocess.Popen an exception would leave behind a program that nobody knows.
    """
    before, _interruption.held = _interruption.held, True
    try:
        yield
    finally:
        _interruption.held = before
    if not before:
        _interruption.deliver()
