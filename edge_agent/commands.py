"""Orders for now: test tone, diagnostics, restart, volume. Believed and new when they come here."""

import logging
from collections.abc import Callable

from audio.levels import volume_gain
from edge_agent.clock import Clock
from edge_agent.conductor import Conductor
from edge_agent.player import Player, PlayerEvent
from edge_agent.tone import SECONDS, Tone
from edge_agent.voice import Order
from protocol.messages import Command
from schedules.units import BroadcastId, DurationMs

_log = logging.getLogger(__name__)

RESTART_EXIT = 75
"""EX_TEMPFAIL of sysexits(3): the supervisor starts the agent again."""

TONE = BroadcastId("test-tone")
_SOON_NS = 200_000_000


class Commands:
    def __init__(
        self,
        clock: Clock,
        conductor: Conductor,
        player: Player,
        diagnostics: Callable[[], None],
        restart: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._conductor = conductor
        self._player = player
        self._diagnostics = diagnostics
        self._restart = restart

    def obey(self, command: Command) -> None:
        """Carry out one command; an unknown name is only logged (a newer controller may know more)."""
        _log.info("command %s: %s %d", command.command_id, command.name, command.value)
        match command.name:
            case "test_tone":
                self._sound_tone()
            case "diagnostics":
                self._diagnostics()
            case "restart":
                self._restart()
            case "volume" if 0 <= command.value <= 100:
                self._conductor.set_volume_limit(command.value)
            case _:
                _log.warning("command %s is not known here", command.name)

    @staticmethod
    def is_tone(event: PlayerEvent) -> bool:
        return event.broadcast == TONE

    def _sound_tone(self) -> None:
        """Only into silence: a programme is not disturbed by a test."""
        if self._conductor.busy:
            _log.info("no test tone: a programme is on or about to begin")
            return
        now = self._clock.utc_ms()
        volume = self._conductor.volume_limit
        order = Order(
            broadcast=TONE,
            planned=now,
            due_ns=self._conductor.awake_ns() + _SOON_NS,
            offset=DurationMs(0),
            content_ms=DurationMs(SECONDS * 1000),
            volume_percent=volume,
            gain=volume_gain(volume),
            limits=self._conductor.limits_now(),
            join=False,
        )
        self._player.arm(order, Tone())
