"""What nine speakers did, as a table for people and as JSON for scripts; and whether that is enough."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schedules.states import FINAL, PlaybackState

AFTERWARDS_MS = 10_000
"""How long after the end a speaker's last word may take to arrive."""

_FINAL = frozenset(state.value for state in FINAL)


@dataclass(frozen=True, slots=True)
class Row:
    """One speaker's part. None where the speaker has said nothing: silence is never shown as a number."""

    speaker: str
    name: str
    area: str
    state: str
    reason: str
    start_error_ms: float | None
    seconds_heard: float | None
    level_dbfs: float | None
    online: bool = True

    @property
    def final(self) -> bool:
        return self.state in _FINAL

    @property
    def played(self) -> bool:
        return self.state == PlaybackState.PLAYED.value


def rows_of(broadcast: Mapping[str, Any]) -> tuple[Row, ...]:
    """The playbacks of a broadcast as the API answers it."""
    return tuple(
        Row(
            speaker=playback["speaker"],
            name=playback["speaker_name"],
            area=playback["area_name"],
            state=playback["state"],
            reason=playback["reason"],
            start_error_ms=playback["start_error_ms"],
            seconds_heard=None if playback["start_error_ms"] is None else playback["heard_ms"] / 1000,
            level_dbfs=playback["level_dbfs"],
            online=playback["online"],
        )
        for playback in broadcast["playbacks"]
    )


def awaited(row: Row, broadcast: Mapping[str, Any], now_ms: float) -> bool:
    """Whether this speaker's last word is still to be waited for.

    One that is connected may begin until the latest start and then plays to the end; one that is not is given the
    length of the broadcast. A demonstration does not wait for a box that comes back tomorrow.
    """
    if row.final:
        return False
    begins_ms = broadcast["latest_start_ms"] if row.online else broadcast["start_ms"]
    return now_ms < float(begins_ms + broadcast["duration_ms"]) + AFTERWARDS_MS


def all_played(rows: Sequence[Row], expected: int) -> bool:
    return len(rows) == expected and all(row.played for row in rows)


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def table(rows: Sequence[Row]) -> str:
    """Speaker, start error in ms, seconds heard, output level in dBFS, result."""
    head = ("speaker", "start error ms", "seconds heard", "level dBFS", "result")
    lines = [
        (
            row.name,
            _figure(row.start_error_ms, "+.2f"),
            _figure(row.seconds_heard, ".2f"),
            _figure(row.level_dbfs, ".1f"),
            f"{row.state} ({row.reason})" if row.reason else row.state,
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in (head, *lines)) for column in range(len(head))]
    return "\n".join(_line(line, widths) for line in (head, tuple("-" * width for width in widths), *lines))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *middle, last = cells
    figures = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
    return "  ".join([first.ljust(widths[0]), *figures, last]).rstrip()


def document(rows: Sequence[Row], status: int, error: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form. `exit` is the demonstration's exit status, `error` a sentence when something went wrong."""
    return {
        "exit": status,
        "error": error,
        **about,
        "speakers": [
            {
                "speaker": row.speaker,
                "name": row.name,
                "area": row.area,
                "state": row.state,
                "reason": row.reason,
                "start_error_ms": row.start_error_ms,
                "seconds_heard": row.seconds_heard,
                "level_dbfs": row.level_dbfs,
            }
            for row in rows
        ],
    }


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
