"""Ranges of a recording in milliseconds: what is cut out, what is kept, and how people write a place in it. Pure."""

import re
from collections.abc import Iterable, Sequence

Range = tuple[int, int]
"""From … until in ms, the second not in it."""

_SHAPE = re.compile(r"(?:(\d{1,2}):)?(?:(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?", re.ASCII)


def complement(ranges: Iterable[Range], length_ms: int) -> tuple[Range, ...]:
    """All of 0 … `length_ms` that is in none of `ranges`, rising. Of what is cut it gives what is kept, and back.

    `ranges` may overlap, be empty, or reach beyond the end.
    """
    found, at = [], 0
    for start, until in sorted((max(0, start), min(until, length_ms)) for start, until in ranges):
        if until <= start:
            continue
        if start > at:
            found.append((at, start))
        at = max(at, until)
    if at < length_ms:
        found.append((at, length_ms))
    return tuple(found)


def length_of(ranges: Sequence[Range]) -> int:
    """Of ranges that do not overlap, in ms."""
    return sum(until - start for start, until in ranges)


def read_place(text: str) -> int | None:
    """ "1:02,35", "62.35" or "1:00:05" in ms; None when it is no place."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        return None
    first, second, seconds, part = found.groups()
    if (first is not None and int(seconds) > 59) or (second is not None and int(second) > 59):
        return None
    minutes = int(first or 0) if second is None else int(first) * 60 + int(second)
    return (minutes * 60 + int(seconds)) * 1_000 + int((part or "").ljust(3, "0"))


def write_place(milliseconds: int) -> str:
    """62350 → "1:02,35"; hundredths of a second, and hours where there are any."""
    hundredths = (max(0, milliseconds) + 5) // 10
    minutes, rest = divmod(hundredths, 6_000)
    hours, minutes = divmod(minutes, 60)
    told = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{told}:{rest // 100:02d},{rest % 100:02d}"
