"""What was found in a recording, as data: a code, how grave it is, what was measured, and the words for it.

A verdict is kept as JSON and put into words when it is shown. What is measured are whole numbers whose names end in
their unit: `_ms`, `_at` (a place in the recording, milliseconds), `_cdb` (hundredths of a decibel), `_hz`, `_ppm`
(millionths, shown as per cent); others are plain counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Severity(StrEnum):
    """REFUSE: no clip can be made. WARN: it will not sound well. NOTE: worth knowing. DONE: what we did about it."""

    REFUSE = "refuse"
    WARN = "warn"
    NOTE = "note"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Words:
    """How grave a code is, its sentence and what to do; `{name}` is filled from what was measured."""

    severity: Severity
    sentence: str
    what_to_do: str = ""


_AGAIN = "Nếu nghe không rõ, hãy ghi lại hoặc xuất lại tệp từ máy gốc."

VERDICTS: Final[dict[str, Words]] = {
    "damaged-in-places": Words(
        Severity.WARN,
        "Tệp bị hỏng ở {places} chỗ, mất khoảng {lost_ms} giây; chỗ đầu tiên ở {first_at}.",
        "Hãy nghe lại các chỗ đó; nếu mất lời, hãy xuất hoặc chép lại tệp.",
    ),
    "damaged-a-little": Words(
        Severity.NOTE,
        "Tệp có {places} lỗi nhỏ khi giải mã, mất không quá {lost_ms} giây, ở {first_at}.",
        "Thường không nghe thấy; hãy nghe thử chỗ đó.",
    ),
    "shorter-than-said": Words(
        Severity.WARN,
        "Tệp tự ghi là dài {claimed_ms} giây nhưng chỉ giải mã được {decoded_ms} giây.",
        "Hãy nghe phần cuối; nếu thiếu lời, hãy chép lại tệp.",
    ),
    "longer-than-said": Words(
        Severity.NOTE,
        "Tệp tự ghi là dài {claimed_ms} giây nhưng giải mã được {decoded_ms} giây.",
        "Toàn bộ phần giải mã được đã dùng; hãy nghe phần cuối.",
    ),
    "more-than-said": Words(
        Severity.NOTE,
        "Tệp còn {rest} byte nằm ngoài phần tự ghi là âm thanh; phần đó không dùng được.",
        "Hãy nghe hết bài; nếu thiếu hoặc lẫn tiếng lạ, hãy xuất lại tệp.",
    ),
    "clipped": Words(
        Severity.WARN,
        "Tiếng bị vỡ vì ghi quá to: {runs} chỗ, {clipped_ppm} % số mẫu bị cắt đỉnh.",
        "Lọc không sửa được chỗ vỡ: nếu nghe rè, hãy ghi lại, để micrô xa miệng hơn hoặc giảm mức ghi.",
    ),
    "clipped-a-little": Words(Severity.NOTE, "Có {runs} chỗ bị cắt đỉnh rất ngắn.", "Thường không nghe thấy."),
    "silence-at-start": Words(
        Severity.NOTE, "Đầu tệp im lặng {length_ms} giây.", "Lần sau hãy nói ngay sau khi bấm ghi."
    ),
    "silence-at-end": Words(
        Severity.NOTE, "Cuối tệp im lặng {length_ms} giây.", "Lần sau hãy bấm dừng ngay khi nói xong."
    ),
    "silence-inside": Words(
        Severity.WARN,
        "Giữa tệp có {pauses} quãng im lặng, dài nhất {longest_ms} giây từ {longest_at}.",
        "Người nghe dễ tưởng loa hỏng; hãy nghe chỗ đó và cắt bớt nếu không cố ý.",
    ),
    "quiet": Words(
        Severity.WARN,
        "Tiếng ghi rất nhỏ ({speech_cdb} dB); đã tăng to lên nên tiếng ồn nền cũng to theo.",
        "Nếu nghe xì xào, hãy ghi lại gần micrô hơn.",
    ),
    "noisy": Words(
        Severity.WARN,
        "Tiếng ồn nền to: lời chỉ hơn tiếng ồn {over_noise_cdb} dB.",
        "Hãy nghe thử như ngoài loa; nếu khó nghe, hãy ghi lại ở nơi yên tĩnh hơn.",
    ),
    "telephone": Words(
        Severity.WARN,
        "Tiếng chỉ có tới khoảng {bandwidth_hz} Hz, như qua điện thoại, dù tệp ghi là {rate_hz} Hz.",
        "Ở xa loa, các âm s, x, t, ch sẽ khó phân biệt; nếu được, hãy ghi trực tiếp bằng máy, không qua cuộc gọi.",
    ),
    "low-rate": Words(
        Severity.NOTE,
        "Tệp có tần số lấy mẫu thấp ({rate_hz} Hz).",
        "Hãy ghi ở 44.100 hoặc 48.000 Hz nếu máy cho chọn.",
    ),
    "odd-rate": Words(
        Severity.WARN,
        "Tệp ghi tần số lấy mẫu khác thường ({rate_hz} Hz); tiếng có thể bị nhanh hoặc chậm.",
        "Hãy nghe thử; nếu giọng bị cao hoặc trầm khác thường, hãy xuất lại tệp.",
    ),
    "left-dead": Words(
        Severity.NOTE, "Kênh trái không có tiếng; đã chỉ dùng kênh phải.", "Hãy kiểm tra dây micrô trước lần ghi sau."
    ),
    "right-dead": Words(
        Severity.NOTE, "Kênh phải không có tiếng; đã chỉ dùng kênh trái.", "Hãy kiểm tra dây micrô trước lần ghi sau."
    ),
    "inverted": Words(
        Severity.NOTE,
        "Hai kênh ngược pha, trộn lại sẽ triệt tiêu nhau; đã đảo lại một kênh.",
        "Hãy kiểm tra dây micrô hoặc cáp nối trước lần ghi sau.",
    ),
    "channel-drops": Words(
        Severity.WARN,
        "Một trong hai kênh mất tiếng trong khoảng {length_ms} giây; ở đó tiếng nhỏ đi.",
        "Hãy nghe lại cả bài; nếu khó nghe, hãy ghi lại với dây micrô khác.",
    ),
    "hum": Words(
        Severity.NOTE,
        "Có tiếng ù điện {hum_hz} Hz, mức {hum_cdb} dB.",
        "Hãy kiểm tra nguồn điện, dây nối đất trước lần ghi sau.",
    ),
    "not-speech": Words(
        Severity.NOTE,
        "Có vẻ không phải tiếng nói, hoặc lời bị chìm trong nhạc hay tiếng ồn.",
        "Nếu đây là nhạc hay nhạc hiệu thì không sao; nếu là bản tin, hãy nghe lại.",
    ),
    "trimmed-start": Words(Severity.DONE, "Đã cắt {length_ms} giây im lặng ở đầu."),
    "trimmed-end": Words(Severity.DONE, "Đã cắt {length_ms} giây im lặng ở cuối."),
    "hum-filtered": Words(Severity.DONE, "Đã lọc tiếng ù điện {hum_hz} Hz."),
    "noise-reduced": Words(Severity.DONE, "Đã lọc ồn nền."),
}
"""Code → words. The codes are stable: they are kept with recordings. What is refused is in `audio.refusals`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One finding. The words come from VERDICTS, or from REFUSALS for what is refused."""

    code: str
    severity: Severity
    measured: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "severity": self.severity.value, "measured": dict(self.measured)}

    def sentence(self, translate: Callable[[str], str] = str, comma: str = ",") -> str:
        """What was found, in words; `translate` turns the Vietnamese pattern into another language's."""
        return translate(self._words().sentence).format(**_shown(self.measured, comma))

    def what_to_do(self, translate: Callable[[str], str] = str) -> str:
        """What a person can do about it; "" where nothing is to be done."""
        words = self._words().what_to_do
        return translate(words).format(**self.measured) if words else ""

    def _words(self) -> Words:
        from audio.refusals import REFUSALS

        if self.code in VERDICTS:
            return VERDICTS[self.code]
        return Words(Severity.REFUSE, *REFUSALS[self.code])


def verdict(code: str, **measured: int) -> Verdict:
    """A finding of VERDICTS; KeyError names a code that we have no words for."""
    return Verdict(code, VERDICTS[code].severity, measured)


def refusal(code: str, **measured: int) -> Verdict:
    """A refusal of REFUSALS as a verdict, to be kept beside the others."""
    return Verdict(code, Severity.REFUSE, measured)


def from_json(kept: Mapping[str, Any]) -> Verdict:
    """The verdict that `as_json` gave; KeyError or ValueError for anything else."""
    return Verdict(kept["code"], Severity(kept["severity"]), {k: int(v) for k, v in kept["measured"].items()})


def _shown(measured: Mapping[str, int], comma: str) -> dict[str, str]:
    return {name: _number(name, value, comma) for name, value in measured.items()}


def _number(name: str, value: int, comma: str) -> str:
    """3200 → 3,2 (`_ms`); 65000 → 1:05 (`_at`); -4130 → -41 (`_cdb`); 1234 → 0,12 (`_ppm`, in per cent)."""
    if name.endswith("_ms"):
        return f"{value / 1000:.{1 if value >= 100 else 2}f}".replace(".", comma)
    if name.endswith("_at"):
        return f"{value // 60_000}:{value // 1000 % 60:02d}"
    if name.endswith("_cdb"):
        return f"{value / 100:.0f}"
    if name.endswith("_ppm"):
        return f"{value / 10_000:.2g}".replace(".", comma)
    return str(value)
