"""What keeps broadcasts from beginning at their time: remembered for the reason of those that are missed."""

from collections.abc import Callable, Iterable

from edge_agent.blind import Blind
from edge_agent.clock import Clock
from edge_agent.store import Holding, Store
from schedules.model import Broadcast
from schedules.playhead import ClockTrust
from schedules.states import BEGUN, Reason
from schedules.units import BroadcastId, UtcMs

_BLIND = "blind"


class Hindrances:
    """For the conductor's thread."""

    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock = clock
        self._store = store
        self._known: dict[BroadcastId, Reason] = {}
        self._blind = Blind.load(store.noted(_BLIND, ""), clock.boot_id())

    def look(self, trust: ClockTrust, now: UtcMs, failure: str, despite: Callable[[Callable[[], None]], bool]) -> None:
        """Before each decision: how clock and sound (`failure`) stand. `despite` writes unless the disk refuses."""
        if self._blind.look(trust, now, self._clock.monotonic_ns()):
            despite(lambda: self._store.note(_BLIND, self._blind.dump()))
        if trust is ClockTrust.UNKNOWN or not failure:
            return
        for holding in _waiting(self._store.live()):
            if now >= holding.order.broadcast.start:
                self.note(holding.order.broadcast.id, Reason.DEVICE)

    def note(self, broadcast: BroadcastId, reason: Reason) -> None:
        """It could not begin for this reason."""
        self._known[broadcast] = reason

    def reason(self, broadcast: Broadcast) -> Reason:
        """Why it would be missed now, NONE when nothing is known of it."""
        return self._known.get(broadcast.id) or self._blind.reason(broadcast)


def _waiting(live: Iterable[Holding]) -> Iterable[Holding]:
    return (holding for holding in live if holding.playback.state not in BEGUN)
