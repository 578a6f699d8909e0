"""The amplifier's power: on in time before a sound, off when nothing has sounded for a while."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from edge_agent.clock import Clock
from edge_agent.counters import Counters
from edge_agent.settings import AmplifierSettings
from edge_agent.store import Holding
from edge_agent.switches import Switch, SwitchTrouble, make_switch
from schedules.states import PlaybackState
from schedules.units import UtcMs

_log = logging.getLogger(__name__)

_EARLY_S = 1.5
"""Whoever says what is expected says it once a second; and a program takes its time."""
_AGAIN_S = 5.0
"""After a failure it is tried again so much later, for as long as it is wanted."""
_GOODBYE_S = 6.0
ALWAYS_ON = AmplifierSettings()


def wanted(settings: AmplifierSettings, now: UtcMs, expected: UtcMs | None, idle_s: float | None) -> bool:
    """Whether it should be on: something is `expected` soon, or sounded until `idle_s` seconds ago (None: never)."""
    if expected is not None and expected - (settings.warm_up_s + _EARLY_S) * 1000 <= now:
        return True
    return idle_s is not None and idle_s < settings.off_after_s


def next_start(holdings: Iterable[Holding], now: UtcMs) -> UtcMs | None:
    """When the next of them begins, of those that may; None when there is none."""
    may = (PlaybackState.ACCEPTED, PlaybackState.READY)
    starts = (held.order.broadcast.start for held in holdings if held.playback.state in may and not held.withdrawn)
    return min((start for start in starts if start > now), default=None)


class Amplifier:
    """One thread switches, so that nobody waits for it. What is asked of it may be asked from any thread."""

    def __init__(
        self,
        clock: Clock,
        settings: AmplifierSettings = ALWAYS_ON,
        counters: Counters | None = None,
        troubled: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._counters = counters or Counters()
        self._troubled = troubled
        self._switch: Switch | None = make_switch(settings)
        self._changed = clock.condition()
        self._expected: UtcMs | None = None
        self._busy = False
        self._used_at: float | None = None
        self._on: bool | None = None
        self._on_since = 0.0
        self._try_at = 0.0
        self._stopped = False
        self.trouble = ""
        """Why it could not be switched the last time, "" when all is well."""
        self._thread = threading.Thread(target=self._run, name="amplifier", daemon=True)

    def start(self) -> None:
        if self._switch is not None:
            self._thread.start()

    def stop(self) -> None:
        """Switch off and end."""
        if self._switch is None:
            return
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(_GOODBYE_S)

    def expect(self, start: UtcMs | None, *, busy: bool) -> None:
        """The next sound begins at `start` (None: none is known); `busy`: something sounds or is about to."""
        with self._changed:
            if busy or self._busy:
                self._used_at = self._clock.monotonic_s()
            self._expected, self._busy = start, busy
            self._changed.notify_all()

    def awake_ns(self) -> int:
        """A sound is wanted as soon as may be: the UTC instant from which on its first word is heard.

        Nobody waits for an amplifier that cannot be switched: the sound goes out anyway.
        """
        now = self._clock.utc_ns()
        if self._switch is None:
            return now
        with self._changed:
            monotonic = self._clock.monotonic_s()
            self._used_at = monotonic
            self._changed.notify_all()
            if self.trouble:
                return now
            rest = self._settings.warm_up_s - (monotonic - self._on_since if self._on else 0.0)
            return now + round(max(0.0, rest) * 1e9)

    def step(self) -> None:
        """Switch if that is due. Only for the amplifier's thread, or a test that has none."""
        with self._changed:
            now = self._clock.monotonic_s()
            idle = 0.0 if self._busy else None if self._used_at is None else now - self._used_at
            on = not self._stopped and wanted(self._settings, self._clock.utc_ms(), self._expected, idle)
            if on == self._on or now < self._try_at:
                return
        self._turn(on)

    def _turn(self, on: bool) -> None:
        assert self._switch is not None
        try:
            self._switch.turn(on)
        except SwitchTrouble as trouble:
            self._fail(str(trouble))
            return
        with self._changed:
            self._on, self.trouble, self._on_since = on, "", self._clock.monotonic_s()
        _log.info("the amplifier is %s", "on" if on else "off")

    def _fail(self, sentence: str) -> None:
        if sentence != self.trouble:
            _log.error("the amplifier could not be switched: %s", sentence)
        with self._changed:
            self.trouble = sentence
            self._on = None
            self._try_at = self._clock.monotonic_s() + _AGAIN_S
        self._counters.add("amplifier_faults")
        self._troubled()

    def _run(self) -> None:
        while not self._stopped:
            self.step()
            with self._changed:
                if not self._stopped:
                    self._changed.wait(1.0)
        assert self._switch is not None
        self._try_at = 0.0
        self.step()
        self._switch.close()


@contextmanager
def powered(settings: AmplifierSettings, clock: Clock) -> Iterator[str]:
    """On and warm within, off after; yields why not, "" when all is well."""
    switch, trouble = make_switch(settings), ""
    if switch is None:
        yield trouble
        return
    try:
        switch.turn(True)
        clock.sleep_until_ns(clock.monotonic_ns() + round(settings.warm_up_s * 1e9))
    except SwitchTrouble as error:
        trouble = str(error)
    try:
        yield trouble
    finally:
        try:
            switch.turn(False)
        except SwitchTrouble as error:
            _log.warning("the amplifier could not be switched off: %s", error)
        switch.close()
