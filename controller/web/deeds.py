"""The words for what people and the system did: actions, things and the names of what was changed."""

from collections.abc import Mapping

from controller.language import _, n_

THINGS: Mapping[str, str] = {
    "bulletin": n_("Bản tin"),
    "schedule": n_("Lịch phát"),
    "broadcast": n_("Lượt phát"),
    "change": n_("Đề nghị duyệt"),
    "speaker": n_("Cụm loa"),
    "group": n_("Nhóm loa"),
    "area": n_("Địa bàn"),
    "person": n_("Người dùng"),
    "session": n_("Đăng nhập"),
    "audit": n_("Nhật ký"),
    "site": n_("Hệ thống"),
}
"""What an action is about: the part before its dot."""

ACTIONS: Mapping[str, str] = {
    "person.language": n_("đổi ngôn ngữ"),
    "audit.export": n_("xuất nhật ký"),
}
"""What was done. A test finds the actions that the program records and asks for words for each."""

NAMES: Mapping[str, str] = {
    "title": n_("tiêu đề"),
    "language": n_("ngôn ngữ"),
    "form": n_("kiểu tệp"),
}
"""What was changed: the last part of its path."""


def action_words(action: str) -> str:
    """ "đổi ngôn ngữ"; an action without words as it is."""
    return _(ACTIONS[action]) if action in ACTIONS else action


def thing_words(action: str) -> str:
    """ "Người dùng" of "person.language"."""
    thing = action.partition(".")[0]
    return _(THINGS[thing]) if thing in THINGS else thing


def name_words(path: str) -> str:
    """ "items.1.after.title" → "items.1.after.tiêu đề"."""
    parts = (_(NAMES[part]) if part in NAMES else part for part in path.split("."))
    return " · ".join(parts)
