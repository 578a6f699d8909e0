"""Between what a wall clock in a time zone reads and UTC. Standard library only."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schedules.units import UtcMs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class UnknownZone(ValueError):
    """A time zone name that this machine's tz database does not have; the fault of whoever set it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown time zone {name!r}")
        self.name = name


def zone_of(name: str) -> ZoneInfo:
    """Return the IANA zone called `name`; raise UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(name) from error


def utc_ms(aware: datetime) -> UtcMs:
    """Milliseconds since the epoch of an aware time, cut (not rounded) to the millisecond."""
    if aware.tzinfo is None:
        raise ValueError("a naive time has no place on the UTC line")
    return UtcMs((aware - _EPOCH) // _MS)


def from_utc_ms(instant: UtcMs, zone: str) -> datetime:
    """What the wall clock of `zone` reads at `instant`, aware."""
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(zone_of(zone))


def localise(wall: datetime, zone: str) -> datetime:
    """The aware time at which the wall clock of `zone` reads the naive `wall`.

    A reading that the clock skips (RFC 5545, 3.3.5) is moved forward by the gap; of one that comes twice
    the first is meant.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall-clock reading is naive")
    there = zone_of(zone)
    return wall.replace(tzinfo=there, fold=0).astimezone(UTC).astimezone(there)


def readings(wall: datetime, zone: str) -> tuple[UtcMs, UtcMs]:
    """The earlier and the later instant that the naive `wall` may mean (the same but at a clock change)."""
    there = zone_of(zone)
    instants = sorted(utc_ms(wall.replace(tzinfo=there, fold=fold)) for fold in (0, 1))
    return instants[0], instants[1]


def local_date(instant: UtcMs, zone: str) -> date:
    """The calendar day in `zone` at `instant`."""
    return from_utc_ms(instant, zone).date()
