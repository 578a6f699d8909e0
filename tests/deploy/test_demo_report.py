"""The demonstration's verdict: only nine whole playbacks are a success, and silence is never shown as a number."""

from typing import Any

import pytest

from deploy.demo.report import all_played, awaited, document, rows_of, table


def playback(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "speaker": f"s-{number}",
        "speaker_name": f"Cụm loa {number}",
        "area_name": "xã Đại Bình",
        "state": "played",
        "reason": "",
        "start_error_ms": -0.25,
        "heard_ms": 12_340,
        "level_dbfs": -24.5,
        "online": True,
        **changes,
    }


def test_all_nine_must_have_played() -> None:
    nine = rows_of({"playbacks": [playback(number) for number in range(9)]})
    assert all_played(nine, 9)
    assert not all_played(nine[:8], 9)
    assert not all_played((), 9)


@pytest.mark.parametrize("state", ["pending", "ready", "playing", "interrupted", "missed", "failed", "unreported"])
def test_one_that_did_not_play_to_the_end_is_a_failure(state: str) -> None:
    rows = rows_of({"playbacks": [playback(0, state=state), *(playback(number) for number in range(1, 9))]})
    assert not all_played(rows, 9)


def test_a_speaker_that_said_nothing_has_no_figures() -> None:
    rows = rows_of({"playbacks": [playback(0, state="pending", start_error_ms=None, heard_ms=0, level_dbfs=None)]})
    assert rows[0].seconds_heard is None
    assert not rows[0].final
    told = document(rows, 1, "", {})["speakers"][0]
    assert (told["start_error_ms"], told["seconds_heard"], told["level_dbfs"]) == (None, None, None)
    assert "pending" in table(rows)


def test_the_table_shows_what_the_json_says() -> None:
    rows = rows_of({"playbacks": [playback(0), playback(1, state="missed", reason="no_media")]})
    lines = table(rows).splitlines()
    assert lines[0].split("  ")[0] == "speaker"
    assert "-0.25" in lines[2]
    assert "12.34" in lines[2]
    assert "-24.5" in lines[2]
    assert lines[3].endswith("missed (no_media)")
    assert document(rows, 1, "why", {"title": "x"})["error"] == "why"


@pytest.mark.parametrize(
    ("state", "online", "at_ms", "wait"),
    [
        ("playing", True, 89_000, True),
        ("played", True, 0, False),
        ("ready", True, 85_000, True),
        ("ready", True, 90_001, False),
        ("ready", False, 29_000, True),
        ("ready", False, 30_001, False),
    ],
)
def test_who_is_waited_for(state: str, online: bool, at_ms: int, wait: bool) -> None:
    """Start at 0, latest start 60 s, 20 s long: a box without connection is not waited for until the latest start."""
    broadcast = {"start_ms": 0, "latest_start_ms": 60_000, "duration_ms": 20_000}
    [row] = rows_of({"playbacks": [playback(0, state=state, online=online)]})
    assert awaited(row, broadcast, at_ms) is wait
