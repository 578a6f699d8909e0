"""The words for what people and the system did: actions, things and the names of what was changed."""

from collections.abc import Mapping
from urllib.parse import quote

from controller.language import _, n_
from controller.web.shown import duration

THINGS: Mapping[str, str] = {
    "bulletin": n_("Bản tin"),
    "clip": n_("Âm thanh"),
    "recording": n_("Bản ghi"),
    "template": n_("Mẫu chương trình"),
    "schedule": n_("Lịch phát"),
    "broadcast": n_("Lượt phát"),
    "change": n_("Đề nghị duyệt"),
    "speaker": n_("Cụm loa"),
    "enrolment": n_("Hộp loa mới"),
    "group": n_("Nhóm loa"),
    "area": n_("Địa bàn"),
    "holiday": n_("Ngày lễ"),
    "reading": n_("Cách đọc"),
    "person": n_("Người dùng"),
    "session": n_("Phiên làm việc"),
    "monitor": n_("Tài khoản giám sát"),
    "audit": n_("Nhật ký"),
    "keys": n_("Khóa ký"),
    "site": n_("Hệ thống"),
}
"""What an action is about: the part before its dot."""

ACTIONS: Mapping[str, str] = {
    "bulletin.make": n_("soạn"),
    "bulletin.edit": n_("sửa"),
    "bulletin.cut": n_("cắt bản ghi"),
    "bulletin.withdraw": n_("thu hồi"),
    "clip.listen": n_("đã nghe"),
    "recording.take": n_("tải lên"),
    "recording.change": n_("sửa"),
    "recording.clear": n_("dọn bản ghi và âm thanh không còn dùng"),
    "template.keep": n_("lưu"),
    "template.retire": n_("bỏ"),
    "schedule.end": n_("kết thúc"),
    "broadcast.cancel": n_("hủy"),
    "broadcast.stop": n_("dừng"),
    "change.propose": n_("gửi duyệt"),
    "change.approve": n_("duyệt"),
    "change.reject": n_("từ chối"),
    "change.withdraw": n_("rút lại"),
    "change.confirm_night": n_("xác nhận phát ban đêm"),
    "speaker.add": n_("thêm"),
    "speaker.rename": n_("đổi tên"),
    "speaker.move": n_("chuyển địa bàn"),
    "speaker.retire": n_("ngừng dùng"),
    "speaker.test": n_("phát tiếng thử"),
    "speaker.enrol": n_("nhận hộp loa mới"),
    "speaker.replace": n_("thay hộp loa"),
    "speaker.revoke": n_("thu hồi hộp loa"),
    "enrolment.reject": n_("từ chối"),
    "group.make": n_("lập"),
    "group.change": n_("sửa"),
    "group.retire": n_("ngừng dùng"),
    "area.seed": n_("lập địa bàn mẫu"),
    "area.make": n_("lập"),
    "area.rename": n_("đổi tên"),
    "area.move": n_("chuyển lên địa bàn khác"),
    "area.limit": n_("đổi quy định phát"),
    "area.voice": n_("chọn giọng đọc"),
    "area.merge": n_("gộp"),
    "area.split": n_("tách"),
    "area.end": n_("kết thúc"),
    "area.import": n_("nhập từ tệp"),
    "holiday.name": n_("thêm"),
    "holiday.forget": n_("bỏ"),
    "reading.remember": n_("nhớ"),
    "reading.forget": n_("bỏ"),
    "person.invite": n_("mời"),
    "person.uninvite": n_("rút lời mời"),
    "person.join": n_("nhận lời mời"),
    "person.rename": n_("đổi tên"),
    "person.grants": n_("đổi quyền"),
    "person.disable": n_("khóa"),
    "person.enable": n_("mở khóa"),
    "person.reset": n_("cấp lại mật khẩu"),
    "person.sign-out": n_("kết thúc phiên"),
    "person.language": n_("đổi ngôn ngữ"),
    "person.password": n_("đổi mật khẩu"),
    "person.second-factor": n_("bật hoặc tắt mã hai bước"),
    "person.recovery-codes": n_("lập mã khôi phục mới"),
    "session.open": n_("đăng nhập"),
    "session.refuse": n_("đăng nhập không được"),
    "session.close": n_("đăng xuất"),
    "session.end": n_("kết thúc một phiên"),
    "session.end-others": n_("kết thúc mọi phiên khác"),
    "monitor.add": n_("thêm"),
    "audit.export": n_("xuất"),
    "keys.take": n_("đổi danh sách khóa ký"),
    "site.restore": n_("khôi phục từ bản sao lưu"),
}
"""What was done. A test finds the actions that the program records and asks for words for each."""

NAMES: Mapping[str, str] = {
    "epoch": n_("đợt"),
    "cancelled": n_("đã hủy"),
    "version": n_("số danh sách"),
    "come": n_("khóa mới"),
    "gone": n_("khóa bỏ"),
    "title": n_("tiêu đề"),
    "language": n_("ngôn ngữ"),
    "form": n_("kiểu tệp"),
    "device": n_("trình duyệt"),
    "demo": n_("để xem thử"),
    "name": n_("tên"),
    "area": n_("địa bàn"),
    "areas": n_("địa bàn"),
    "speakers": n_("cụm loa"),
    "groups": n_("nhóm loa"),
    "state": n_("trạng thái"),
    "text": n_("văn bản"),
    "summary": n_("tóm tắt"),
    "author": n_("tác giả"),
    "source": n_("nguồn tin"),
    "field": n_("lĩnh vực"),
    "priority": n_("mức ưu tiên"),
    "volume": n_("âm lượng"),
    "clips": n_("âm thanh"),
    "reason": n_("lý do"),
    "local_start": n_("lần đầu"),
    "rrule": n_("quy tắc lặp"),
    "times": n_("giờ phát thêm"),
    "exceptions": n_("ngày không phát"),
    "repeats": n_("số lần phát liên tiếp"),
    "gap": n_("khoảng nghỉ"),
    "moved": n_("lượt đã dời"),
    "replaced": n_("lượt đã thay"),
    "skip_holidays": n_("nghỉ ngày lễ"),
    "order": n_("thứ tự"),
    "at_most": n_("cắt sau"),
    "time_zone": n_("múi giờ"),
    "targets": n_("nơi phát"),
    "items": n_("lịch"),
    "content": n_("nội dung"),
    "before": n_("trước"),
    "after": n_("sau"),
    "one_person": n_("một người vừa soạn vừa duyệt"),
    "listened": n_("người soạn đã nghe hết"),
    "night": n_("phát đêm"),
    "day": n_("ngày"),
    "grants": n_("quyền"),
    "on": n_("đang bật"),
    "retired": n_("ngừng dùng"),
    "percent": n_("phần trăm đã nghe"),
    "bulletin": n_("bản tin"),
    "schedule": n_("lịch"),
    "key": n_("khóa của hộp loa"),
    "hostname": n_("tên máy"),
    "titles": n_("tiêu đề"),
    "digest": n_("mã nội dung"),
    "series": n_("chuỗi"),
    "at_once": n_("phát ngay"),
    "grace_ms": n_("bắt đầu trễ nhất"),
    "rule": n_("cách bắt đầu"),
    "periods": n_("thời kỳ"),
    "from": n_("từ ngày"),
    "until": n_("đến trước ngày"),
    "parent": n_("nằm trong"),
    "kind": n_("loại"),
    "code": n_("mã"),
    "settings": n_("giới hạn phát"),
    "quiet_hours": n_("giờ yên tĩnh"),
    "display_name": n_("họ tên"),
    "confirmed_by": n_("người xác nhận"),
    "filename": n_("tên tệp"),
    "part": n_("phần"),
    "cuts": n_("các đoạn được phát"),
    "bytes": n_("số byte"),
    "parts": n_("các phần"),
    "recordings": n_("bản ghi"),
    "tags": n_("nhãn"),
    "expires": n_("hạn dùng"),
    "bed": n_("nhạc nền"),
    "how": n_("cách nghe"),
    "volume_max_percent": n_("âm lượng lớn nhất"),
    "volume_hours": n_("giờ giảm âm lượng"),
    "session_cap": n_("một buổi dài nhất"),
    "daily_cap": n_("một ngày nhiều nhất"),
    "weekdays": n_("ngày được phát trong tuần"),
    "night_allowed": n_("phát đêm không cần người thứ hai"),
    "one_person_station": n_("đài một người"),
    "voice": n_("giọng đọc"),
    "second_voice": n_("giọng thứ hai"),
    "rate": n_("tốc độ đọc, phần trăm"),
    "pitch": n_("độ cao của giọng, phần trăm"),
}
"""What was changed: the parts of its path."""

LENGTHS = frozenset({"gap", "at_most", "grace_ms", "session_cap", "daily_cap"})
"""What is kept in milliseconds."""

PAGES: Mapping[str, str] = {
    "bulletin": "/ban-tin/",
    "schedule": "/lich/",
    "broadcast": "/luot-phat/",
    "change": "/duyet/",
    "speaker": "/dong-thoi-gian/",
    "area": "/dia-ban/",
}
"""Where a thing has a page of its own."""


def action_words(action: str) -> str:
    """ "đổi ngôn ngữ"; an action without words as it is."""
    return _(ACTIONS[action]) if action in ACTIONS else action


def thing_words(action: str) -> str:
    """ "Người dùng" of "person.language"."""
    thing = action.partition(".")[0]
    return _(THINGS[thing]) if thing in THINGS else thing


def name_words(path: str) -> str:
    """ "content.title" → "nội dung · tiêu đề"."""
    return " · ".join(_(NAMES[part]) if part in NAMES else part for part in path.split("."))


def value_words(path: str, value: str) -> str:
    """Yes, no and lengths in words, everything else as it is."""
    if value in ("true", "false"):
        return _("có") if value == "true" else _("không")
    is_length = path.rpartition(".")[2] in LENGTHS and value.isascii() and value.isdigit()
    return duration(int(value)) if is_length else value


def page_of(subject: str) -> str:
    """The address of the subject's own page, "" when it has none."""
    thing, _sep, name = subject.partition(":")
    return PAGES[thing] + quote(name, safe="") if thing in PAGES and name else ""
