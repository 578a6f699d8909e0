"""The box's time: whether it can be believed now, and whether it will be after a power cut."""

from datetime import UTC, datetime
from pathlib import Path

from edge_agent.clock import Clock
from edge_agent.doctor.findings import Finding, Part, bad, doubt, well
from edge_agent.words import Sentence
from schedules.playhead import ClockTrust

_RTC = Path("/sys/class/rtc/rtc0")


def check(clock: Clock) -> list[Finding]:
    time = datetime.fromtimestamp(clock.utc_ms() / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if clock.trust() is ClockTrust.UNKNOWN:
        believed = bad(Part.CLOCK, "unknown", _UNKNOWN, _MEND, time=time)
    else:
        believed = well(Part.CLOCK, "believed", _BELIEVED, time=time)
    return [believed, _battery()]


def _battery() -> Finding:
    if _RTC.exists():
        return well(Part.CLOCK, "rtc", _BATTERY)
    return doubt(Part.CLOCK, "no_rtc", _NO_BATTERY, _ADD_BATTERY)


_BELIEVED = Sentence("Giờ đáng tin: {time}.", "The time can be believed: {time}.")
_UNKNOWN = Sentence("Giờ không đáng tin: {time}.", "The time cannot be believed: {time}.")
_MEND = Sentence(
    "Nối mạng và xem `timedatectl` (NTP service: active). Chưa có giờ đúng thì không phát theo lịch.",
    "Connect the box and see `timedatectl` (NTP service: active). Without the right time nothing plays on schedule.",
)
_BATTERY = Sentence("Có đồng hồ chạy pin trên bo mạch.", "The board has a battery clock.")
_NO_BATTERY = Sentence("Không có đồng hồ chạy pin.", "The board has no battery clock.")
_ADD_BATTERY = Sentence(
    "Sau khi mất điện mà không có mạng, loa không phát theo lịch cho tới khi có giờ. Nơi hay mất mạng: gắn mô-đun RTC "
    "(DS3231).",
    "After a power cut without network the box plays nothing on schedule until it knows the time. Where the network is "
    "often away: add a clock module (DS3231).",
)
