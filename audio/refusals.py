"""What can be wrong with a sound or a text that a person hands in, and the words in which we say so."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "empty-text": ("Chưa có nội dung văn bản.", "Hãy nhập nội dung bản tin."),
    "nothing-to-say": (
        "Văn bản không có từ nào đọc được.",
        "Hãy nhập nội dung bằng chữ; biểu tượng cảm xúc và ký hiệu không đọc được.",
    ),
    "text-too-long": (
        "Văn bản dài {length} ký tự, nhiều hơn mức cho phép là {limit} ký tự.",
        "Hãy rút gọn hoặc chia thành nhiều bản tin.",
    ),
    "file-missing": ("Không đọc được tệp âm thanh.", "Hãy tải tệp lên lại."),
    "recording-gone": (
        "Bản ghi gốc không còn được lưu.",
        "Hãy tải tệp lên lại, rồi thay bản ghi của phần này.",
    ),
    "empty-file": ("Tệp tải lên không có dữ liệu.", "Hãy chọn lại tệp âm thanh rồi tải lên lại."),
    "file-too-big": (
        "Tệp lớn hơn mức cho phép là {limit} MB.",
        "Hãy xuất tệp dưới dạng MP3 hoặc chia thành nhiều bản tin.",
    ),
    "not-audio": ("Tệp này không phải là tệp âm thanh.", "Hãy chọn tệp WAV, MP3, M4A, OGG/Opus hoặc FLAC."),
    "unsupported-format": (
        "Định dạng của tệp này không được hỗ trợ.",
        "Hãy chuyển sang WAV, MP3, M4A, OGG/Opus hoặc FLAC rồi tải lên lại.",
    ),
    "no-sound-track": ("Tệp này không có phần âm thanh.", "Hãy chọn tệp có tiếng."),
    "damaged": ("Tệp âm thanh bị hỏng.", "Hãy mở thử tệp trên máy, xuất lại rồi tải lên lại."),
    "truncated": ("Tệp âm thanh bị thiếu phần cuối.", "Tệp có thể chưa được chép hết; hãy chép lại rồi tải lên lại."),
    "too-long": (
        "Âm thanh dài hơn mức cho phép là {limit} phút.",
        "Hãy cắt ngắn hoặc chia thành nhiều bản tin.",
    ),
    "silent": ("Tệp âm thanh không có tiếng.", "Hãy kiểm tra micrô khi ghi, hoặc chọn tệp khác."),
    "too-quiet": (
        "Tiếng ghi quá nhỏ, chìm trong tiếng ồn, không cứu được.",
        "Hãy ghi lại gần micrô hơn, hoặc tăng mức ghi.",
    ),
    "too-heavy": (
        "Tệp âm thanh cần quá nhiều thời gian hoặc bộ nhớ để xử lý.",
        "Hãy xuất lại tệp dưới dạng MP3 hoặc WAV rồi tải lên lại.",
    ),
}
"""Code → (sentence, what to do). The codes are stable; `{…}` is filled from the refusal's parameters."""


class PreparationFailed(Exception):
    """We could not do our part (disk full, no permission, the child was killed); the caller's sound may be good."""


class BadSound(Exception):
    """The caller's text or file cannot become a clip; nothing was stored.

    `code` is a stable kebab-case name of REFUSALS, `sentence` and `what_to_do` are Vietnamese, for the person;
    `detail` is English, for the log; `parameters` are what the sentence was filled with.
    """

    def __init__(
        self, code: str, sentence: str, what_to_do: str, detail: str = "", parameters: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(f"{code}: {sentence}")
        self.parameters = dict(parameters or {})
        self.code = code
        self.sentence = sentence
        self.what_to_do = what_to_do
        self.detail = detail
        self.part = 0
        """Which part of the programme it is about, from 1; 0: none of them."""


def bad_sound(code: str, detail: str = "", **parameters: int) -> BadSound:
    """The refusal `code` in words. An unknown code is our own mistake and raises KeyError."""
    sentence, what_to_do = REFUSALS[code]
    return BadSound(code, sentence.format(**parameters), what_to_do, detail, parameters)
