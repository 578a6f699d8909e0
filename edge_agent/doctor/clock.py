"""The box's time: whether it can be believed now, and whether it will be after a power cut."""

from datetime import UTC, datetime
from pathlib import Path

from edge_agent.clock import Clock
from edge_agent.database import DiskTrouble
from edge_agent.doctor.findings import Finding, Part, bad, doubt, well
from edge_agent.glance import glance
from edge_agent.machine import Machine
from edge_agent.words import Sentence
from schedules.playhead import ClockTrust


def check(clock: Clock, machine: Machine, data: Path) -> list[Finding]:
    """`data`: where the agent notes the time that it goes by."""
    time = datetime.fromtimestamp(clock.utc_ms() / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    kernel = machine.kernel()
    if clock.trust() is ClockTrust.UNKNOWN:
        system = bad(Part.CLOCK, "unknown", _UNKNOWN, _MEND, time=time)
    elif not kernel.synced:
        system = doubt(Part.CLOCK, "not_synced", _NOT_SYNCED, _SYNC, time=time)
    else:
        system = well(Part.CLOCK, "synced", _SYNCED, time=time, error_ms=kernel.error_ns // 1_000_000)
    return [system, *_own_time(machine, data), _battery(machine)]


def _own_time(machine: Machine, data: Path) -> list[Finding]:
    """The agent's own time beside the system's, if it was noted in this run of the machine."""
    try:
        held = glance(data)
    except DiskTrouble:
        return []  # the disk's finding says why
    kept = held.time if held else None
    if kept is None or kept.boot_id != machine.boot_id():
        return []
    now = machine.monotonic_ns()
    ahead_ns = now + kept.estimate.offset_at(now) - machine.system_ns()
    values = {"source": kept.estimate.source.name.lower(), "ahead_ms": round(ahead_ns / 1e6)}
    return [well(Part.CLOCK, "own_time", _OWN_TIME, **values)]


def _battery(machine: Machine) -> Finding:
    if machine.battery_ns() is not None:
        return well(Part.CLOCK, "rtc", _BATTERY)
    return doubt(Part.CLOCK, "no_rtc", _NO_BATTERY, _ADD_BATTERY)


_SYNCED = Sentence(
    "Giờ được máy chủ giờ (NTP) giữ đúng, sai không quá {error_ms} ms: {time}.",
    "The time is kept by NTP, at most {error_ms} ms off: {time}.",
)
_NOT_SYNCED = Sentence("Giờ chưa được NTP giữ: {time}.", "The time is not kept by NTP: {time}.")
_SYNC = Sentence(
    "Khi có mạng, loa tự hỏi giờ của trung tâm, vẫn phát đúng. Nên bật NTP: `sudo timedatectl set-ntp true`.",
    "With a network the agent asks the controller for the time and plays right. Better switch NTP on: "
    "`sudo timedatectl set-ntp true`.",
)
_OWN_TIME = Sentence(
    "Giờ mà chương trình dùng (nguồn: {source}) hơn giờ hệ thống {ahead_ms} ms.",
    "The time that the agent goes by (from: {source}) is {ahead_ms} ms ahead of the system's.",
)
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
