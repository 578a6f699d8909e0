"""The summary bar: counts by state as segments of 0 … 1000, in the order of the playback's life."""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.web.words import TONES
from schedules.states import PlaybackState


@dataclass(frozen=True, slots=True)
class Segment:
    """One coloured piece of the bar; `x` and `width` in thousandths of it."""

    state: PlaybackState
    tone: str
    count: int
    x: int
    width: int


def states_bar(counts: Iterable[tuple[PlaybackState, int]]) -> tuple[Segment, ...]:
    """Add up equal states, drop empty ones, and lay the rest side by side without gaps."""
    summed = dict.fromkeys(PlaybackState, 0)
    for state, count in counts:
        summed[state] += count
    total = sum(summed.values())
    segments: list[Segment] = []
    before = 0
    for state, count in summed.items():
        if count:
            x = before * 1000 // total
            before += count
            segments.append(Segment(state, TONES[state], count, x, before * 1000 // total - x))
    return tuple(segments)
