"""Waits that grow for those who guess, and never for whom somebody else's guesses are about.

Three kinds of counters, each of failures in a row: of an account as tried from one address, of one address whatever
the account, and of an account whatever the address (looser: a botnet is slowed, a typist is not). Who signed in
before in this browser shows its device mark and has a counter of their own, which strangers cannot move.
"""

import heapq
import threading
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from controller.desk.refusal import Refusal
from controller.language import n_
from schedules.units import UtcMs

LONGEST_WAIT_MS = 300_000
FORGOTTEN_MS = 86_400_000
"""A counter that did not move for so long begins anew."""
MOST_COUNTERS = 50_000

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures cost nothing; then the wait doubles from a second up to `longest`."""

    free: int
    longest_ms: int = LONGEST_WAIT_MS

    def wait_ms(self, failed: int) -> int:
        return 0 if failed < self.free else int(min(1000 * 2 ** min(failed - self.free, 20), self.longest_ms))


LIMITS = {
    "knock": Limit(20, 60_000),
    "pair": Limit(3),
    "source": Limit(20),
    "account": Limit(50, 60_000),
    "device": Limit(5),
    "code": Limit(5),
}


@dataclass(slots=True)
class Tries:
    failed: int = 0
    next_allowed: UtcMs = UtcMs(0)
    last: UtcMs = UtcMs(0)


def network_of(source: str) -> str:
    """Whom an address belongs to: one IPv4 address, but the whole /64 that an IPv6 subscriber is given."""
    try:
        address = ip_address(source)
    except ValueError:
        return source[:64]
    return str(IPv6Address(int(address) >> 64 << 64)) if isinstance(address, IPv6Address) else source


def keys_of(username: str, source: str, device: str) -> tuple[Key, ...]:
    """The counters that an attempt stands under; `device` is a mark that was proven to belong to the account."""
    name, network = username.casefold()[:64], network_of(source)
    if device:
        return (("device", name, device),)
    return ("pair", name, network), ("source", network), ("account", name)


class Throttle:
    """In memory, of bounded size. Safe for many threads."""

    def __init__(self) -> None:
        self._tries: dict[Key, Tries] = {}
        self._lock = threading.Lock()

    def left_ms(self, keys: tuple[Key, ...], now: UtcMs) -> int:
        """How long until an attempt under `keys` is looked at; 0: now."""
        with self._lock:
            return self._left(keys, now)

    def _left(self, keys: tuple[Key, ...], now: UtcMs) -> int:
        return max(0, *(self._tries[key].next_allowed - now for key in keys if key in self._tries), 0)

    def take(self, keys: tuple[Key, ...], now: UtcMs) -> int:
        """Ask for one attempt: 0 and it counts as a failure until `succeeded`, or how long to wait.

        It is counted before the password is looked at, so that many attempts at once are not one.
        """
        with self._lock:
            if (left := self._left(keys, now)) > 0:
                return left
            for key in keys:
                self._count(key, now)
            return 0

    def _count(self, key: Key, now: UtcMs) -> None:
        if key not in self._tries and len(self._tries) >= MOST_COUNTERS:
            self._forget(now)
        tries = self._tries.setdefault(key, Tries())
        tries.failed = 1 if now - tries.last > FORGOTTEN_MS else tries.failed + 1
        tries.next_allowed = UtcMs(now + LIMITS[key[0]].wait_ms(tries.failed))
        tries.last = now

    def _forget(self, now: UtcMs) -> None:
        """Make room: the half that failed least goes, so that no flood of names washes away who really guesses."""
        least = heapq.nsmallest(MOST_COUNTERS // 2, self._tries, key=lambda key: self._worth(self._tries[key], now))
        for key in least:
            del self._tries[key]

    @staticmethod
    def _worth(tries: Tries, now: UtcMs) -> tuple[int, int]:
        return (tries.failed if now - tries.last <= FORGOTTEN_MS else 0, tries.last)

    def succeeded(self, keys: tuple[Key, ...]) -> None:
        """It was the rightful person: what they had failed is forgotten, the address's other failures are not."""
        with self._lock:
            for key in keys:
                if key[0] in ("source", "account") and key in self._tries:
                    tries = self._tries[key]
                    tries.failed -= 1
                    if LIMITS[key[0]].wait_ms(tries.failed) == 0:
                        tries.next_allowed = UtcMs(0)
                else:
                    self._tries.pop(key, None)


def hold_off(throttle: Throttle, keys: tuple[Key, ...], now: UtcMs) -> None:
    """Take one attempt; Refusal 429 when it comes too early."""
    if (left := throttle.take(keys, now)) > 0:
        raise too_early(left)


def too_early(left_ms: int) -> Refusal:
    return Refusal(
        "too-many-tries",
        n_("Nhập sai nhiều lần. Hãy đợi %(seconds)s giây rồi thử lại."),
        status=429,
        params={"seconds": -(-left_ms // 1000)},
    )
