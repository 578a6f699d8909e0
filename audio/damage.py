"""Keeps count of what a decoder stumbled over: where, how often, and how much sound was lost."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Damage:
    """Places are runs of damaged packets; all times in seconds."""

    packets: int = 0
    errors: int = 0
    """Packets that could not be decoded, or of which the decoder complained."""
    places: int = 0
    lost: float = 0.0
    first: float | None = None
    _within: bool = field(default=False)

    def good(self) -> None:
        self.packets += 1
        self._within = False

    def bad(self, at: float, lost: float) -> None:
        """A packet at `at` was damaged and `lost` seconds of sound with it."""
        self.packets += 1
        self.errors += 1
        self._note(at, lost)

    def gap(self, at: float, lost: float) -> None:
        """Between two packets `lost` seconds are missing."""
        self._note(at, lost)

    def _note(self, at: float, lost: float) -> None:
        if not self._within:
            self.places += 1
        self._within = True
        self.lost += lost
        if self.first is None:
            self.first = at
