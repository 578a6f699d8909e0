"""The level of a playback second by second, as a drawing and as a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.language import _
from controller.web.shown import duration

HEIGHT = 60
"""One unit for each decibel from FLOOR_DB up to full scale."""
FLOOR_DB = -60
"""Nobody near the horn hears less; the box calls it silence too."""
MOST_COLUMNS = 120


@dataclass(frozen=True, slots=True)
class Drawing:
    """`points`: of an SVG polygon in a box of `width` × HEIGHT. `sentence` says the same to who cannot see it."""

    width: int
    points: str
    sentence: str


def drawing_of(levels: Sequence[int], step_s: int) -> Drawing:
    """`levels` in whole dB to full scale, each over `step_s` seconds; at least one."""
    columns = _columns(levels)
    tops = (f"{x},{-level} {x + 1},{-level}" for x, level in enumerate(columns))
    return Drawing(len(columns), f"0,{HEIGHT} {' '.join(tops)} {len(columns)},{HEIGHT}", _sentence(levels, step_s))


def _columns(levels: Sequence[int]) -> list[int]:
    """At most MOST_COLUMNS, each the loudest of what falls into it."""
    each = -(-len(levels) // MOST_COLUMNS)
    return [max(FLOOR_DB, *levels[at : at + each]) for at in range(0, len(levels), each)]


def _sentence(levels: Sequence[int], step_s: int) -> str:
    silent = sum(level <= FLOOR_DB for level in levels) * step_s
    if silent >= len(levels) * step_s:
        return _("Không có tiếng từ đầu đến cuối.")
    loudest, quietest = max(levels), min(level for level in levels if level > FLOOR_DB)
    if not silent:
        return _("Mức âm từ %(low)s đến %(high)s dBFS, không lúc nào im tiếng.") % {"low": quietest, "high": loudest}
    return _("Mức âm từ %(low)s đến %(high)s dBFS, im tiếng %(silent)s.") % {
        "low": quietest, "high": loudest, "silent": duration(silent * 1000),
    }  # fmt: skip
