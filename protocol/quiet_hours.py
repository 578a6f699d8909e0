"""Quiet hours as belief asks about them: the schedule's own rule, and a stretch without length touches nothing."""

from collections.abc import Iterable

from schedules.model import QuietHours
from schedules.quiet import overlaps_quiet_hours
from schedules.units import UtcMs


def overlaps(begin: UtcMs, end: UtcMs, quiet_hours: Iterable[QuietHours], time_zone: str) -> bool:
    """Whether [begin, end) touches quiet hours, told in the local time of `time_zone` (an IANA name).

    The rule is `schedules.quiet`'s, which the controller's form asks too: both must answer alike.
    """
    return end > begin and overlaps_quiet_hours(begin, end, time_zone, tuple(quiet_hours))
