"""Who stands in the audit when it is no signed-in person but somebody who runs a command on the server."""

import getpass
from collections.abc import Mapping
from typing import Any

from controller.store.unit import Unit
from schedules.units import UtcMs

COMMAND_LINE = "command line"
"""Who runs a command on the server; the source is their name there."""


def record_command(unit: Unit, now: UtcMs, action: str, subject: str, after: Mapping[str, Any]) -> None:
    """Write a command into the audit, in the transaction of what it does."""
    unit.audit.add(now, COMMAND_LINE, _login(), action, subject, None, after)
    unit.changed("audit")


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # A container may have no name for its user.
        return ""
