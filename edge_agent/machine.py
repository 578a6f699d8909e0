"""This machine's own clocks as they are: the system's, monotonic, the battery's, and the kernel's word on NTP."""

import ctypes
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_RTC = Path("/sys/class/rtc/rtc0/since_epoch")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STA_UNSYNC = 0x40
_TIME_ERROR = 5


@dataclass(frozen=True, slots=True)
class KernelTime:
    """Whether a time service keeps the operating system's clock, and how far off that may be."""

    synced: bool
    error_ns: int


NOT_KEPT = KernelTime(synced=False, error_ns=0)


class Machine(Protocol):
    """What edge_agent/clock.py is made from; any of it may be called from any thread."""

    def system_ns(self) -> int:
        """What the operating system takes for UTC; may be wrong by decades, and step."""
        ...

    def monotonic_ns(self) -> int:
        """Never steps and never stands while the machine has power, asleep or not."""
        ...

    def boot_id(self) -> str:
        """Another one after every start of the machine."""
        ...

    def kernel(self) -> KernelTime: ...

    def battery_ns(self) -> int | None:
        """What the battery clock says, to the second; None when the kernel knows none."""
        ...

    def sleep_until_ns(self, instant: int) -> None:
        """Return at the monotonic `instant` or shortly after."""
        ...

    def condition(self) -> threading.Condition:
        """A condition whose waiting ends by this machine's seconds."""
        ...


class _Timex(ctypes.Structure):
    """The head of `struct timex` of adjtimex(2); the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


class LinuxMachine:
    """The real one."""

    def __init__(self) -> None:
        self._adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
        try:
            self._boot_id = _BOOT_ID.read_text(encoding="ascii").strip()
        except OSError:
            self._boot_id = secrets.token_hex(16)

    def system_ns(self) -> int:
        return time.time_ns()

    def monotonic_ns(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        return self._boot_id

    def kernel(self) -> KernelTime:
        """Reading (modes 0) needs no privilege. Setting the clock by hand clears the kernel's word by itself."""
        if self._adjtimex is None:
            return NOT_KEPT
        timex = _Timex()
        verdict = self._adjtimex(ctypes.byref(timex))
        if verdict in (-1, _TIME_ERROR) or timex.status & _STA_UNSYNC:
            return NOT_KEPT
        return KernelTime(synced=True, error_ns=timex.maxerror * 1_000)

    def battery_ns(self) -> int | None:
        try:
            return int(_RTC.read_text(encoding="ascii")) * 1_000_000_000
        except (OSError, ValueError):
            return None

    def sleep_until_ns(self, instant: int) -> None:
        rest = instant - self.monotonic_ns()
        if rest > 0:
            time.sleep(rest / 1e9)

    def condition(self) -> threading.Condition:
        return threading.Condition()
