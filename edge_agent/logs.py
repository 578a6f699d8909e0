"""How the agent logs: lines for people or one JSON object per event, with the levels that the journal understands."""

import json
import logging
import os
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

_log = logging.getLogger(__name__)

FORMS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")

_SYSLOG = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""Priorities of syslog(3); a line's prefix <n> sets its priority in the journal (sd-daemon(3))."""
_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One line per event, exceptions included. What was given as `extra` stands beside the message under its name."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name,
            "thread": record.threadName,
            "message": record.getMessage(),
        }
        told |= {name: value for name, value in vars(record).items() if name not in _ORDINARY}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


class Prefixed(logging.Formatter):
    """Another formatter's lines, each with its priority for the journal, which takes the prefix off again."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        prefix = f"<{_SYSLOG.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in self._inner.format(record).split("\n"))


def set_up(form: str, level: str) -> None:
    """Log to standard error from here on."""
    journal = goes_to_journal(os.environ, sys.stderr)
    time = "" if journal else "%(asctime)s %(levelname)s "
    formatter = JsonLines() if form == "json" else logging.Formatter(time + "%(name)s: %(message)s")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Prefixed(formatter) if journal else formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler])
    threading.excepthook = _thread_died


def _thread_died(died: threading.ExceptHookArgs) -> None:
    name = died.thread.name if died.thread else "?"
    error = died.exc_value or died.exc_type()
    _log.critical("the thread %s has died", name, exc_info=(died.exc_type, error, died.exc_traceback))


def goes_to_journal(environment: Mapping[str, str], stream: TextIO) -> bool:
    """Whether the stream is the one that systemd connected to the journal: JOURNAL_STREAM is its device:inode."""
    named = environment.get("JOURNAL_STREAM", "")
    try:
        at = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{at.st_dev}:{at.st_ino}"
