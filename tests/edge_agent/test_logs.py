"""Log lines: one JSON object each, exceptions included; priorities only where the journal takes them off again."""

import json
import logging
import os
import sys
from pathlib import Path

from edge_agent.logs import JsonLines, Prefixed, goes_to_journal


def record(level: int, message: str, **more: object) -> logging.LogRecord:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        made = logging.LogRecord("edge_agent.x", level, __file__, 1, message, ("đúng",), sys.exc_info())
    vars(made).update(more)
    return made


def test_an_event_is_one_object_on_one_line() -> None:
    line = JsonLines().format(record(logging.WARNING, "giờ %s", broadcast="b-1", reason="late"))
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["part"], told["message"]) == ("warning", "edge_agent.x", "giờ đúng")
    assert (told["broadcast"], told["reason"]) == ("b-1", "late")
    assert told["time"].endswith("+00:00")
    assert told["exception"].endswith("ValueError: two\nlines")
    assert set(told) == {"time", "level", "part", "thread", "message", "broadcast", "reason", "exception"}


def test_every_line_for_the_journal_has_its_priority() -> None:
    lines = Prefixed(logging.Formatter("%(message)s")).format(record(logging.ERROR, "%s")).splitlines()
    assert len(lines) > 3
    assert all(line.startswith("<3>") for line in lines)


def test_only_the_stream_that_systemd_connected_is_the_journal(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as stream:
        at = os.fstat(stream.fileno())
        assert goes_to_journal({"JOURNAL_STREAM": f"{at.st_dev}:{at.st_ino}"}, stream)
        assert not goes_to_journal({"JOURNAL_STREAM": f"{at.st_dev}:{at.st_ino + 1}"}, stream)
        assert not goes_to_journal({}, stream)
