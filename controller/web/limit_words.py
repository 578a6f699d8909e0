"""How the guard rails of an area are written for people."""

from collections.abc import Mapping

from controller.language import _, n_, ngettext
from controller.rights import Role
from schedules.model import AreaSettings

LIMITS: Mapping[str, str] = {
    "quiet_hours": n_("Giờ yên tĩnh"),
    "session_cap": n_("Một buổi phát dài nhất"),
    "daily_cap": n_("Tổng thời gian phát một ngày"),
    "weekdays": n_("Ngày được phát trong tuần"),
    "volume_max_percent": n_("Âm lượng lớn nhất"),
    "volume_hours": n_("Giờ giảm âm lượng"),
    "night_allowed": n_("Phát ban đêm (21:00–05:00) không cần người thứ hai"),
    "one_person_station": n_("Đài một người: người viết được tự duyệt"),
    "time_zone": n_("Múi giờ"),
}
DAYS = (n_("Thứ Hai"), n_("Thứ Ba"), n_("Thứ Tư"), n_("Thứ Năm"), n_("Thứ Sáu"), n_("Thứ Bảy"), n_("Chủ Nhật"))
UNSET: Mapping[str, str] = {
    "quiet_hours": n_("không có"),
    "session_cap": n_("không giới hạn"),
    "daily_cap": n_("không giới hạn"),
    "weekdays": n_("mọi ngày"),
    "volume_max_percent": n_("100 %"),
    "volume_hours": n_("không có"),
    "night_allowed": n_("không"),
    "one_person_station": n_("không"),
    "time_zone": n_("của máy chủ"),
}
ROLES: Mapping[Role, str] = {
    Role.EDITOR: n_("Biên tập viên"),
    Role.APPROVER: n_("Người duyệt"),
    Role.TECHNICIAN: n_("Cán bộ kỹ thuật"),
    Role.VIEWER: n_("Người theo dõi"),
    Role.ADMINISTRATOR: n_("Quản trị viên"),
}


def limit_words(settings: AreaSettings, name: str) -> str:
    """What the settings say of one limit: "21:00–05:00", "45 phút", "không giới hạn"."""
    value = getattr(settings, name)
    if not value:
        return "0 %" if value == 0 and name == "volume_max_percent" else _(UNSET[name])
    match name:
        case "quiet_hours":
            return ", ".join(f"{each.begin:%H:%M}–{each.end:%H:%M}" for each in value)
        case "volume_hours":
            return ", ".join(f"{each.begin:%H:%M}–{each.end:%H:%M}: {each.most} %" for each in value)
        case "session_cap" | "daily_cap":
            minutes = value // 60_000
            return ngettext("%(minutes)s phút", "%(minutes)s phút", minutes) % {"minutes": minutes}
        case "weekdays":
            return ", ".join(_(DAYS[day]) for day in value)
        case "volume_max_percent":
            return f"{value} %"
        case "time_zone":
            return str(value)
    return _("có")
