"""What a speaker tells about its clock, in a technician's words."""

from collections.abc import Mapping

from controller.language import _, n_
from controller.web.shown import duration, tenths

_SOURCES: Mapping[str, str] = {
    "answer": n_("theo giờ máy chủ"),
    "ntp": n_("theo dịch vụ giờ trên mạng (NTP)"),
    "battery": n_("theo đồng hồ chạy pin của máy"),
}
_WORTH_TELLING_MS = 1_000
"""A system clock that is less wrong is none of a technician's business: the box makes up for it anyway."""


def clock_lines(trust: str, source: str, error_ms: int, system_ms: int) -> tuple[str, ...]:
    """Beyond the one word of trust: where the time is from, how exact it is, and what the machine itself shows."""
    if trust == "unknown":
        return (_("Loa chưa biết giờ đúng nên chưa phát theo lịch; đang hỏi giờ máy chủ."),)
    lines = []
    if source in _SOURCES:
        lines.append(
            _("%(source)s, lệch nhiều nhất %(error)s giây")
            % {"source": _(_SOURCES[source]), "error": tenths(max(error_ms, 100) / 1000)}
        )
    if system_ms >= _WORTH_TELLING_MS:
        lines.append(_("Đồng hồ của máy nhanh %(time)s; loa tự bù, vẫn phát đúng giờ.") % {"time": duration(system_ms)})
    elif system_ms <= -_WORTH_TELLING_MS:
        lines.append(_("Đồng hồ của máy chậm %(time)s; loa tự bù, vẫn phát đúng giờ.") % {"time": duration(-system_ms)})
    return tuple(lines)
