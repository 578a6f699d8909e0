"""One line of the outcome: ours, a peer's, their ratio; the statistics behind it, the table and build/bench.json."""

import json
import math
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `ratio` is ours / peer unless the bench says otherwise; None where nothing compares."""

    name: str
    ours: float
    unit: str
    peer: float | None = None
    peer_is: str = ""
    """What the peer is, in a few words."""
    ratio: float | None = None
    spread: str = ""
    """How much the single runs differed, in words."""
    aim: str = ""
    ok: bool | None = None
    """Whether the aim was met; None without an aim."""

    def as_json(self) -> dict[str, Any]:
        """The object of bench.json; numbers are rounded to four significant digits."""
        return {
            "name": self.name,
            "ours": _short(self.ours),
            "peer": _short(self.peer),
            "ratio": _short(self.ratio),
            "unit": self.unit,
            "peer_is": self.peer_is,
            "spread": self.spread,
            "aim": self.aim,
            "ok": self.ok,
        }


def against(
    name: str, ours: Sequence[float], peer: Sequence[float], unit: str, *, peer_is: str, at_most: float | None = None
) -> Figure:
    """Medians of repeats of ours and of the peer, interleaved in one run; the aim is a ratio of at most `at_most`."""
    ratio = statistics.median(ours) / statistics.median(peer)
    return Figure(
        name=name,
        ours=statistics.median(ours),
        unit=unit,
        peer=statistics.median(peer),
        peer_is=peer_is,
        ratio=ratio,
        spread=f"ours {span(ours)}, peer {span(peer)}, n={len(ours)}",
        aim="" if at_most is None else f"ratio ≤ {at_most:g}",
        ok=None if at_most is None else ratio <= at_most,
    )


def alone(name: str, value: float, unit: str, *, spread: str = "", at_most: float | None = None) -> Figure:
    """A value that nothing else is compared with; the aim is at most `at_most` of the same unit."""
    return Figure(
        name=name,
        ours=value,
        unit=unit,
        spread=spread,
        aim="" if at_most is None else f"≤ {at_most:g} {unit}",
        ok=None if at_most is None else value <= at_most,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 … 1) of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def span(values: Sequence[float]) -> str:
    """The lowest and the highest."""
    return f"{_plain(min(values))}…{_plain(max(values))}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as text in columns, each spread below its line."""
    rows = [("name", "ours", "peer", "ratio", "unit", "aim", "")]
    rows += [(f.name, _plain(f.ours), _plain(f.peer), _plain(f.ratio), f.unit, f.aim, _verdict(f.ok)) for f in figures]
    widths = [max(len(row[column] or "") for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row, figure in zip(rows, (None, *figures), strict=True):
        lines.append("  ".join((cell or "").ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        notes = [] if figure is None else [note for note in (figure.spread, _against(figure)) if note]
        if notes:
            lines.append("    " + "; ".join(notes))
    return "\n".join(lines)


def write(figures: Sequence[Figure], file: Path) -> None:
    """Write the list as JSON, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    with partial.open("w", encoding="utf-8") as out:
        json.dump([figure.as_json() for figure in figures], out, ensure_ascii=False, indent=1)
        out.write("\n")
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)


def _verdict(ok: bool | None) -> str:
    return "" if ok is None else "ok" if ok else "MISSED"


def _against(figure: Figure) -> str:
    return f"peer: {figure.peer_is}" if figure.peer_is else ""


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
