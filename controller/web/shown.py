"""How values are written for people: times in the area's zone, durations, levels. Pure; Vietnamese order."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller.web.words import WEEKDAYS


def local(at_ms: int, zone: str) -> datetime:
    """The instant as an aware datetime in `zone` (an IANA name)."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))


def clock(at_ms: int, zone: str) -> str:
    """17:00, or 17:00:05 when the seconds are not zero."""
    at = local(at_ms, zone)
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def full_clock(at_ms: int, zone: str) -> str:
    """17:00:05, always with seconds."""
    return f"{local(at_ms, zone):%H:%M:%S}"


def day(at_ms: int, zone: str) -> str:
    """Thứ Hai, 23/11/2026."""
    at = local(at_ms, zone)
    return f"{WEEKDAYS[at.weekday()]}, {at:%d/%m/%Y}"


def moment(at: datetime) -> str:
    """17:00 Thứ Hai, 23/11/2026 of an aware local datetime; seconds only when there are any."""
    hours = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f"{hours} {WEEKDAYS[at.weekday()]}, {at:%d/%m/%Y}"


def when(at_ms: int, zone: str) -> str:
    """17:00 Thứ Hai, 23/11/2026 of an instant."""
    return moment(local(at_ms, zone))


def iso(at_ms: int, zone: str) -> str:
    """For the datetime attribute of <time>: with the zone's offset."""
    return local(at_ms, zone).isoformat(timespec="seconds")


def duration(ms: int) -> str:
    """45 giây · 3 phút 05 giây · 1 giờ 02 phút."""
    seconds = round(ms / 1000)
    if seconds < 60:
        return f"{seconds} giây"
    if seconds < 3600:
        return f"{seconds // 60} phút {seconds % 60:02d} giây"
    return f"{seconds // 3600} giờ {seconds % 3600 // 60:02d} phút"


def seconds(ms: int) -> str:
    """12,3 (comma as Vietnamese writes it)."""
    return f"{ms / 1000:.1f}".replace(".", ",")


def start_error(us: int) -> str:
    """+0,4 ms: actual minus planned start, signed."""
    tenths = round(us / 100)
    return f"{tenths / 10:+.1f} ms".replace(".", ",") if tenths else "0,0 ms"


def level(cdb: int) -> str:
    """-23,4 dBFS from hundredths of a decibel."""
    return f"{cdb / 100:.1f} dBFS".replace(".", ",")


def level_bar(cdb: int) -> int:
    """0 … 100 for a meter that spans -60 … 0 dBFS."""
    return max(0, min(100, round((cdb / 100 + 60) / 60 * 100)))


def size(octets: int) -> str:
    """1,2 MB or 45 kB from bytes (decimal)."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} kB"
    return f"{octets / 1_000_000:.1f} MB".replace(".", ",")
