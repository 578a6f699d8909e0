"""Quiet hours: whether an interval of UTC time touches one of the daily local intervals of a speaker."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schedules.model import QuietHours
from schedules.units import UtcMs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


def _readings(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """The UTC instants that a local time can mean: two where the clocks are turned (PEP 495)."""
    return [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]


def _spans(quiet: QuietHours, first: datetime, days: int, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The UTC spans of one daily interval, begun on `days` local days from `first`; the longer reading counts."""
    for n in range(days):
        day = first + n * _DAY
        begin = datetime.combine(day, quiet.begin)
        end = datetime.combine(day if quiet.begin < quiet.end else day + _DAY, quiet.end)
        yield min(_readings(begin, zone)), max(_readings(end, zone))


def overlaps(begin: UtcMs, end: UtcMs, quiet_hours: Iterable[QuietHours], time_zone: str) -> bool:
    """Whether [begin, end) touches quiet hours, told in the local time of `time_zone` (an IANA name).

    A programme that starts on the minute at which the quiet ends does not touch it. Where clocks are turned the
    quieter reading counts. An interval of a day or more touches any quiet hours.
    """
    daily = tuple(quiet_hours)
    if not daily or end <= begin:
        return False
    since, until = _EPOCH + begin * _MS, _EPOCH + min(end, begin + _DAY // _MS) * _MS
    zone = ZoneInfo(time_zone)
    # One day earlier for an interval that crosses midnight, one later for one that begins after it.
    first = datetime.combine(since.astimezone(zone).date() - _DAY, time())
    return any(
        since < quiet_end and quiet_begin < until
        for quiet in daily
        for quiet_begin, quiet_end in _spans(quiet, first, 4, zone)
    )
