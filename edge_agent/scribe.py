"""Writes down one move of a playback, and says that something changed."""

import logging
from collections.abc import Callable

from edge_agent.ledger import Ledger
from protocol.messages import BroadcastOrder, Measured
from schedules.states import PlaybackState, Reason
from schedules.units import DurationMs, UtcMs

_log = logging.getLogger(__name__)


class Scribe:
    """`changed` is called after every move."""

    def __init__(self, ledger: Ledger, changed: Callable[[], None]) -> None:
        self._ledger = ledger
        self._changed = changed

    def move(
        self,
        order: BroadcastOrder,
        to: PlaybackState,
        reason: Reason,
        now: UtcMs,
        *,
        measured: Measured | None = None,
        position: DurationMs | None = None,
        detail: str = "",
    ) -> None:
        """Raises IllegalMove or DiskTrouble: nothing was changed."""
        playback = self._ledger.move(
            order.broadcast.id, order.version, to, reason, now, measured=measured, position=position, detail=detail
        )
        told = {"broadcast": playback.broadcast, "state": playback.state, "reason": playback.reason}
        _log.info("%s is %s %s", playback.broadcast, playback.state, playback.reason, extra=told)
        self._changed()
