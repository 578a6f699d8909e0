"""The port every speech engine fits."""

from typing import Final, Protocol


class Voice(Protocol):
    """One voice of one engine in one manner. Lives in a process of the preparation, so it may be native or slow."""

    rate: int
    """Samples per second of what `say` returns; of a service it is known when `say` has returned."""

    def say(self, text: str) -> bytes:
        """The normalised `text` (one utterance) as s16 mono PCM; VoiceFailed when the engine does not."""
        ...


FAILURES: Final[dict[str, str]] = {
    "engine-missing": "phần đọc chưa được cài trên máy chủ",
    "engine-failed": "phần đọc gặp lỗi",
    "voice-gone": "giọng này không còn trong cấu hình",
    "too-slow": "quá thời gian chờ",
    "service-unreachable": "không kết nối được tới dịch vụ giọng đọc",
    "service-refused": "dịch vụ giọng đọc báo lỗi",
    "not-sound": "dịch vụ giọng đọc không trả về âm thanh nghe được",
}
"""Why a voice did not read: stable code → the words a person sees."""


class VoiceFailed(Exception):
    """The speech engine is missing or gave no sound: not the text's fault. `code` is one of FAILURES, `detail` is
    English, for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
