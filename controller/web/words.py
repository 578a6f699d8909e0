"""The Vietnamese words that pages use for states, reasons, priorities and kinds of time."""

from collections.abc import Mapping

from controller.desk.values import BroadcastPhase, PlaybackView, WhenKind
from controller.language import n_
from schedules.model import BulletinState, Priority
from schedules.states import PlaybackState, Reason

_S = PlaybackState

STATES: Mapping[PlaybackState, str] = {
    _S.PENDING: n_("Chờ nhận"),
    _S.ACCEPTED: n_("Đã nhận"),
    _S.READY: n_("Sẵn sàng"),
    _S.PLAYING: n_("Đang phát"),
    _S.SUSPENDED: n_("Tạm nhường"),
    _S.PLAYED: n_("Đã phát"),
    _S.INTERRUPTED: n_("Phát dở"),
    _S.MISSED: n_("Lỡ giờ phát"),
    _S.FAILED: n_("Lỗi phát"),
    _S.REFUSED: n_("Loa từ chối"),
    _S.CANCELLED: n_("Đã hủy"),
    _S.UNREPORTED: n_("Chưa có báo cáo"),
}

TONES: Mapping[PlaybackState, str] = {
    _S.PENDING: "wait",
    _S.ACCEPTED: "move",
    _S.READY: "ready",
    _S.PLAYING: "on",
    _S.SUSPENDED: "warn",
    _S.PLAYED: "done",
    _S.INTERRUPTED: "warn",
    _S.MISSED: "warn",
    _S.FAILED: "bad",
    _S.REFUSED: "bad",
    _S.CANCELLED: "off",
    _S.UNREPORTED: "warn",
}
"""The colour family (a CSS class `tone-…`) of a state; never the only carrier of meaning."""

REASONS: Mapping[Reason, str] = {
    Reason.NONE: "",
    Reason.STOPPED: n_("được dừng theo lệnh"),
    Reason.WITHDRAWN: n_("lượt phát đã được hủy"),
    Reason.HARD_END: n_("hết khung giờ phát"),
    Reason.LATE: n_("loa nhận lệnh hoặc bật lại sau hạn bắt đầu"),
    Reason.NO_MEDIA: n_("loa chưa tải xong âm thanh khi đến giờ"),
    Reason.CLOCK: n_("đồng hồ của loa chưa tin được"),
    Reason.PREEMPTED: n_("nhường cho chương trình ưu tiên hơn"),
    Reason.DEVICE: n_("thiết bị âm thanh của loa không phát được"),
    Reason.SILENT: n_("loa chạy nhưng không ra tiếng"),
    Reason.MUTED: n_("âm lượng nhỏ đến mức không nghe được gì"),
    Reason.DECODE: n_("tệp âm thanh trên loa bị hỏng"),
    Reason.QUIET_HOURS: n_("đang trong giờ yên tĩnh"),
    Reason.WEEKDAY: n_("hôm đó không được phát ở nơi này"),
    Reason.SESSION_CAP: n_("phiên phát sẽ dài quá mức cho phép"),
    Reason.DAILY_CAP: n_("đã đủ thời lượng cho phép trong ngày"),
    Reason.VOLUME: n_("âm lượng vượt mức cho phép"),
    Reason.RESTART: n_("loa khởi động lại giữa chừng"),
    Reason.DISK: n_("bộ nhớ của loa đã đầy hoặc bị lỗi"),
    Reason.KEY: n_("khóa ký lượt phát đã bị thu hồi"),
}

MICROPHONE: Mapping[str, str] = {
    "heard": n_("Nghe thấy ở loa"),
    "unheard": n_("Micrô không nghe thấy loa"),
    "unclear": n_("Micrô không nghe rõ"),
}
"""What the box's own microphone says; see edge_agent."""

PRIORITIES: Mapping[Priority, str] = {
    Priority.EMERGENCY: n_("Khẩn cấp"),
    Priority.PRIORITY: n_("Ưu tiên"),
    Priority.NORMAL: n_("Thông thường"),
}

PRIORITY_HINTS: Mapping[Priority, str] = {
    Priority.NORMAL: n_("Phát theo lịch, nhường cho bản tin ưu tiên hơn."),
    Priority.PRIORITY: n_("Phát trước bản tin thông thường khi trùng giờ."),
    Priority.EMERGENCY: n_("Ngắt mọi chương trình và phát cả trong giờ yên tĩnh."),
}

WHENS: Mapping[WhenKind, str] = {
    WhenKind.NOW: n_("Phát ngay"),
    WhenKind.ONCE: n_("Một lần"),
    WhenKind.DAILY: n_("Hàng ngày"),
    WhenKind.WEEKLY: n_("Hàng tuần"),
    WhenKind.MONTHLY: n_("Hàng tháng"),
    WhenKind.WORDS: n_("Bằng lời"),
    WhenKind.RULE: n_("RRULE"),
}

ORDERS: Mapping[int, str] = {
    0: n_("Theo thứ tự đã lên lịch"),
    -1: n_("Phát trước bản tin kia"),
    1: n_("Phát sau bản tin kia"),
}
"""Among equal priority and start."""

SCOPES: Mapping[str, str] = {
    "this": n_("Chỉ lượt này"),
    "following": n_("Từ lượt này về sau"),
    "all": n_("Cả loạt"),
}
"""How far an edit of a series goes."""

PHASES: Mapping[BroadcastPhase, str] = {
    BroadcastPhase.COMING: n_("Sắp phát"),
    BroadcastPhase.PLAYING: n_("Đang phát"),
    BroadcastPhase.OVER: n_("Đã kết thúc"),
    BroadcastPhase.CANCELLED: n_("Đã hủy"),
}

BULLETIN_STATES: Mapping[BulletinState, str] = {
    BulletinState.DRAFT: n_("Bản nháp"),
    BulletinState.PENDING: n_("Chờ duyệt"),
    BulletinState.APPROVED: n_("Đã duyệt"),
    BulletinState.REJECTED: n_("Từ chối"),
    BulletinState.WITHDRAWN: n_("Thu hồi"),
}

BULLETIN_TONES: Mapping[BulletinState, str] = {
    BulletinState.DRAFT: "wait",
    BulletinState.PENDING: "on",
    BulletinState.APPROVED: "done",
    BulletinState.REJECTED: "bad",
    BulletinState.WITHDRAWN: "off",
}

WEEKDAYS: tuple[str, ...] = (
    n_("Thứ Hai"),
    n_("Thứ Ba"),
    n_("Thứ Tư"),
    n_("Thứ Năm"),
    n_("Thứ Sáu"),
    n_("Thứ Bảy"),
    n_("Chủ nhật"),
)

CLOCKS: Mapping[str, str] = {
    "synced": n_("đúng giờ"),
    "held": n_("tự giữ giờ"),
    "unknown": n_("chưa tin được"),
}

ALARMS: Mapping[str, str] = {
    "disk_full": n_(
        "Thẻ nhớ của hộp loa đã đầy. Bài đã tải vẫn phát; bài mới không nhận được. Cần dọn hoặc thay thẻ nhớ."
    ),
    "disk_read_only": n_(
        "Thẻ nhớ của hộp loa không ghi được. Bài đã tải vẫn phát; bài mới không nhận được. Cần thay thẻ nhớ."
    ),
    "disk_error": n_("Thẻ nhớ của hộp loa bị lỗi. Bài đã tải vẫn phát khi còn đọc được. Cần thay thẻ nhớ."),
    "clips_full": n_(
        "Chỗ chứa âm thanh trên hộp loa đã hết vì các bài sắp phát. Bài mới tải sau khi bài cũ phát xong."
    ),
    "no_sound": n_("Hộp loa không đưa được âm thanh ra. Cần kiểm tra dây và bộ phát tiếng."),
}
"""By the words of protocol/forms.AlarmWord."""


def downloading(playback: PlaybackView) -> bool:
    """Whether the speaker has the order but not yet all of the sound."""
    return playback.state is _S.ACCEPTED and playback.total > 0 and playback.have < playback.total


def download_percent(playback: PlaybackView) -> int:
    """Whole percent of the chunks that are on the speaker's disk; 0 when the total is not known."""
    return playback.have * 100 // playback.total if playback.total else 0


CHANGES: Mapping[str, str] = {
    "pending": n_("Chờ duyệt"),
    "approved": n_("Đã duyệt"),
    "rejected": n_("Từ chối"),
    "withdrawn": n_("Đã rút"),
    "superseded": n_("Đã sửa, chờ gửi lại"),
}
"""What became of a change."""

CHANGE_TONES: Mapping[str, str] = {
    "pending": "warn",
    "approved": "done",
    "rejected": "bad",
    "withdrawn": "off",
    "superseded": "off",
}

ITEMS: Mapping[str, str] = {
    "new": n_("Lịch mới"),
    "changed": n_("Lịch thay đổi"),
    "kept": n_("Lịch giữ nguyên, nội dung mới"),
    "less": n_("Bỏ bớt lượt phát"),
    "ended": n_("Kết thúc lịch"),
}
"""What a change does to a schedule."""
