"""Tells the service manager how the agent is: ready, a sentence, alive, stopping (sd_notify(3)). No library needed."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence

_log = logging.getLogger(__name__)

_LOOKS = 4
"""Looks per watchdog period: one missed turn of a busy machine is not yet a stuck agent."""
_STATUS_S = 5.0

Turns = Callable[[], int]
"""A number that a living thread makes grow, again and again, whether or not there is anything to do."""


class Notifier:
    """Datagrams to the socket that the service manager named; without one, nothing is sent."""

    def __init__(self, address: str, watchdog_us: int) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_s = watchdog_us / 1e6
        """The manager acts when it hears WATCHDOG=1 less often than this; 0: it does not watch."""

    @property
    def heard(self) -> bool:
        """Somebody asked to be told."""
        return bool(self._address)

    def send(self, *fields: str) -> None:
        """Each field is NAME=value on one line. A manager that does not listen is no reason to stop."""
        if not self.heard:
            return
        text = "\n".join(field.replace("\n", " ") for field in fields)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.sendto(text.encode(), self._address)
        except OSError as error:
            _log.debug("the service manager does not listen: %s", error)


def notifier(environment: Mapping[str, str], pid: int) -> Notifier:
    """As the environment says. A watchdog that is meant for another process (WATCHDOG_PID) is not ours."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    ours = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
    return Notifier(environment.get("NOTIFY_SOCKET", ""), int(microseconds) if ours and microseconds.isdigit() else 0)


class Supervisor:
    """One thread that vouches for others: it says WATCHDOG=1 only when each of them has taken a turn since."""

    def __init__(self, notify: Notifier, turns: Sequence[Turns], sentence: Callable[[], str]) -> None:
        self._notify = notify
        self._turns = turns
        self._sentence = sentence
        self._said = ""
        self._seen: list[int] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Everything is up."""
        if self._notify.heard:
            self._notify.send("READY=1", *self._status())
            self._seen = [turns() for turns in self._turns]
            self._thread.start()

    def stop(self) -> None:
        """The orderly end begins; from here on the manager's own time limit for stopping counts."""
        self._notify.send("STOPPING=1")
        self._stopped.set()
        if self._notify.heard:
            self._thread.join(1.0)

    def _run(self) -> None:
        pause = self._notify.watchdog_s / _LOOKS or _STATUS_S
        while not self._stopped.wait(pause):
            fields = self._status()
            if self._notify.watchdog_s and self._all_moved():
                fields.append("WATCHDOG=1")
            if fields:
                self._notify.send(*fields)

    def _all_moved(self) -> bool:
        now = [turns() for turns in self._turns]
        moved = all(new != old for new, old in zip(now, self._seen, strict=True))
        if moved:
            self._seen = now
        return moved

    def _status(self) -> list[str]:
        sentence = self._sentence()
        if sentence == self._said:
            return []
        self._said = sentence
        return [f"STATUS={sentence}"]


def of_this_process() -> Notifier:
    return notifier(os.environ, os.getpid())
