"""How values are written for people, in the language of the answer: local times, days, durations, levels.

Hours are always 00 to 23, in both languages: 17:00 leaves nothing to misread.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from controller.language import _, language, region

_DAYS = {"vi": "EEEE, dd/MM/yyyy", "en": "EEEE, d MMMM yyyy"}
_SHORT_DAYS = {"vi": "dd/MM/yyyy", "en": "d MMM yyyy"}


def local(at_ms: int, zone: str) -> datetime:
    """The instant as an aware datetime in `zone` (an IANA name)."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))


def clock(at_ms: int, zone: str) -> str:
    """17:00, or 17:00:05 when the seconds are not zero."""
    at = local(at_ms, zone)
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def until_minute(at_ms: int) -> int:
    """The instant, or the next full minute: an end is told in minutes and never too early."""
    return -(-at_ms // 60_000) * 60_000


def full_clock(at_ms: int, zone: str) -> str:
    """17:00:05, always with seconds."""
    return f"{local(at_ms, zone):%H:%M:%S}"


def long_date(of: date) -> str:
    """Thứ Hai, 23/11/2026 · Monday, 23 November 2026."""
    return format_date(of, _DAYS[language()], region())


def short_date(of: date) -> str:
    """23/11/2026 · 23 Nov 2026."""
    return format_date(of, _SHORT_DAYS[language()], region())


def weekday(of: date) -> str:
    """Thứ Hai · Monday."""
    return format_date(of, "EEEE", region())


def day(at_ms: int, zone: str) -> str:
    """The day of an instant: Thứ Hai, 23/11/2026."""
    return long_date(local(at_ms, zone))


def moment(at: datetime) -> str:
    """17:00 Thứ Hai, 23/11/2026 of an aware local datetime; seconds only when there are any."""
    hours = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f"{hours} {long_date(at)}"


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
        return _("%(seconds)s giây") % {"seconds": seconds}
    if seconds < 3600:
        return _("%(minutes)s phút %(seconds)s giây") % {"minutes": seconds // 60, "seconds": f"{seconds % 60:02}"}
    return _("%(hours)s giờ %(minutes)s phút") % {"hours": seconds // 3600, "minutes": f"{seconds % 3600 // 60:02}"}


def whole(number: int) -> str:
    """2.000 · 2,000."""
    return format_decimal(number, locale=region())


def tenths(number: float) -> str:
    """12,3 · 12.3, always with one digit after the comma; the thousands are not set apart."""
    return format_decimal(number, "0.0", region())


def seconds(ms: int) -> str:
    """12,3."""
    return tenths(ms / 1000)


def start_error(us: int) -> str:
    """+0,4 ms: actual minus planned start, signed."""
    rounded = round(us / 100)
    return f"{'+' if rounded > 0 else ''}{tenths(rounded / 10)} ms"


def level(cdb: int) -> str:
    """-23,4 dBFS from hundredths of a decibel."""
    return f"{tenths(cdb / 100)} dBFS"


def loudness(clu: int) -> str:
    """-17,2 LUFS from hundredths."""
    return f"{tenths(clu / 100)} LUFS"


def relative(cdb: int) -> str:
    """+3,0 dB or -12,5 dB: one level less another, from hundredths."""
    return f"{'+' if cdb > 0 else ''}{tenths(cdb / 100)} dB"


def level_bar(cdb: int) -> int:
    """0 … 100 for a meter that spans -60 … 0 dBFS."""
    return max(0, min(100, round((cdb / 100 + 60) / 60 * 100)))


def size(octets: int) -> str:
    """1,2 MB or 45 kB from bytes (decimal)."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} kB"
    return f"{tenths(octets / 1_000_000)} MB"
