"""Whether a device takes sound as time passes: one that takes it faster plays nothing of it (ALSA's null device)."""

from edge_agent.sinks.port import RATE

_MOST_AHEAD_S = 1.0
"""No card has a buffer as long as this: ours asks for a tenth of a second."""
_PROVEN_S = 1.0
_FASTEST = 1.02
"""No card's clock is off by two in a hundred; what it gains by less adds up to nothing."""


class Pace:
    """Of one stream, from its first block on."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._passed = 0.0
        self.ahead_s = 0.0
        """How much more sound was taken than could have been played."""

    def took(self, frames: int, monotonic_s: float) -> bool:
        """Count a block taken at that second; false when the device cannot be playing what it takes."""
        passed = 0.0 if self._last is None else monotonic_s - self._last
        self._last = monotonic_s
        self._passed += passed
        self.ahead_s = max(0.0, self.ahead_s + frames / RATE - passed * _FASTEST)
        return self.ahead_s <= _MOST_AHEAD_S

    @property
    def proven(self) -> bool:
        """It has been watched for long enough to be given sound."""
        return self._passed >= _PROVEN_S
