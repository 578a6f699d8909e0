"""How the amplifier's power is switched: by a program of the technician's, or by one line of a GPIO chip."""

import errno
import fcntl
import os
import struct
import subprocess
from collections.abc import Sequence
from typing import Protocol

from edge_agent.settings import AmplifierSettings

_COMMAND_S = 5.0
_SAYS = 200

# linux/gpio.h, version 2 of the character device: struct gpio_v2_line_request and the two calls on it.
_GET_LINE = 0xC250B407
_SET_VALUES = 0xC010B40F
_OUTPUT = 1 << 3
_ACTIVE_LOW = 1 << 1
_REQUEST = struct.Struct("=I252x32sQ264xI24xi")
"""The first of 64 offsets; consumer; flags of the config; how many lines; the descriptor that the kernel writes."""
_VALUES = struct.Struct("=QQ")
_CONSUMER = b"loaxa amplifier"


class SwitchTrouble(Exception):
    """The amplifier's power could not be switched; the text says why."""


class Switch(Protocol):
    def turn(self, on: bool) -> None:
        """Switch; may take seconds. Raises SwitchTrouble."""
        ...

    def close(self) -> None: ...


class CommandSwitch:
    """Runs a program with `on` or `off` as its last argument; no shell. It must end within 5 seconds, with 0."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    def turn(self, on: bool) -> None:
        words = [*self._command, "on" if on else "off"]
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise SwitchTrouble(f"{words[0]} did not end within {_COMMAND_S:.0f} seconds") from error
        except OSError as error:
            raise SwitchTrouble(f"{words[0]} cannot be run: {error.strerror or error}") from error
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()[-_SAYS:]
            raise SwitchTrouble(f"{words[0]} {words[-1]} ended with {done.returncode}: {said or 'it said nothing'}")

    def close(self) -> None:
        """Nothing is held."""


class GpioSwitch:
    """One output line of a GPIO chip, held for as long as the agent runs; the kernel lets go of it when it dies."""

    def __init__(self, chip: str, line: int, *, active_low: bool) -> None:
        self._chip = chip
        self._line = line
        self._flags = _OUTPUT | (_ACTIVE_LOW if active_low else 0)
        self._held: int | None = None

    def turn(self, on: bool) -> None:
        try:
            if self._held is None:
                self._held = self._take()
            fcntl.ioctl(self._held, _SET_VALUES, _VALUES.pack(int(on), 1))
        except OSError as error:
            busy = " (another program holds it)" if error.errno == errno.EBUSY else ""
            raise SwitchTrouble(f"line {self._line} of {self._chip}: {error.strerror}{busy}") from error

    def _take(self) -> int:
        chip = os.open(self._chip, os.O_RDWR | os.O_CLOEXEC)
        try:
            request = _REQUEST.pack(self._line, _CONSUMER, self._flags, 1, 0)
            answer = fcntl.ioctl(chip, _GET_LINE, request)
        finally:
            os.close(chip)
        return int(_REQUEST.unpack(answer)[-1])

    def close(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


def make_switch(settings: AmplifierSettings) -> Switch | None:
    """None where the amplifier is always on."""
    if settings.command:
        return CommandSwitch(settings.command)
    if settings.gpio_chip:
        return GpioSwitch(settings.gpio_chip, settings.gpio_line, active_low=settings.active_low)
    return None
