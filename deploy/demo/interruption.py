"""Ctrl-C and SIGTERM end the demonstration between two steps, never in the middle of starting a program."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked the demonstration to end. No Exception: code that forgives any error must not forgive this."""


class _Interruption:
    """What the handler knows; there is one for the process, as there is one handler."""

    def __init__(self) -> None:
        self.held = False
        self.asked = ""

    def arrive(self, number: int, _frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        self.asked = signal.Signals(number).name
        self.deliver()

    def deliver(self) -> None:
        """Raise Stopped if it was asked for, at every occasion again.

        Where the interpreter runs a finaliser an exception is only printed: the first may get lost.
        """
        if self.asked and not self.held:
            raise Stopped(self.asked)


_interruption = _Interruption()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into Stopped; further ones do not disturb the tidying up."""
    before = {each: signal.signal(each, _interruption.arrive) for each in _SIGNALS}
    try:
        yield
    finally:
        _interruption.asked = ""
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
    _interruption.deliver()


def end_if_asked() -> None:
    """Raise Stopped if somebody asked for the end; for loops that wait."""
    _interruption.deliver()
