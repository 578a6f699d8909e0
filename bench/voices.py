"""From a text to sound: the first paragraph that can be heard, a 10-minute bulletin, and the memory of both.

The peer is the naive way: the raw text handed to the same speech engine at once and written as a WAV file, without
pauses, level, chimes or a measurement; nobody hears anything before the last word is made.
"""

import json
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, against, alone, span
from bench.workplace import Workplace
from deploy.demo.processes import python

REPEATS = 5
TEN_MINUTES = 600.0
FIRST_SECONDS = 1.0
SHARE_PERCENT = 5.0
MEMORY_MIB = 100.0
_PARAGRAPHS = (
    "Đài truyền thanh xã kính chào bà con. Hôm nay, ngày 22/11/2026, UBND xã thông báo lịch tiêm phòng cho trẻ em.",
    "Từ 7h30 đến 11h, bà con đưa trẻ đến trạm y tế xã, mang theo sổ tiêm chủng và thẻ BHYT. Trẻ đang sốt thì hoãn.",
    "Dự báo thời tiết: đêm nay có mưa rào và dông, lượng mưa từ 30 đến 50 mm, đề phòng lốc, sét và gió giật mạnh.",
    "HĐND xã mời bà con dự buổi tiếp xúc cử tri vào 14h ngày 25/11 tại nhà văn hóa thôn. Xin trân trọng cảm ơn!",
)


@dataclass(frozen=True, slots=True)
class _Told:
    seconds: float
    of_sound: float
    peak_kib: int

    @property
    def mib(self) -> float:
        return self.peak_kib / 1024

    @property
    def share_percent(self) -> float:
        return self.seconds / self.of_sound * 100


def run(place: Workplace) -> list[Figure]:
    """The first paragraph five times, the whole text by both in turns."""
    file = place.folder / "ten-minutes.txt"
    file.write_text(_text(), encoding="utf-8")
    first = [_once("first", file, place) for _ in range(REPEATS)]
    whole = [(_once("ours", file, place), _once("naive", file, place)) for _ in range(2)]
    ours, naive = [each for each, _ in whole], [each for _, each in whole]
    shares = [each.share_percent for each in ours]
    return [
        alone(
            "text to first playable paragraph", statistics.median(each.seconds for each in first), "s",
            spread=f"{span([each.seconds for each in first])}, n={REPEATS}, a new process each", at_most=FIRST_SECONDS,
        ),
        alone(
            "text of 10 minutes prepared, of its own length", statistics.median(shares), "%",
            spread=f"{span(shares)}, {ours[0].of_sound:.0f} s of sound", at_most=SHARE_PERCENT,
        ),
        against(
            "text of 10 minutes until anything is heard", [each.seconds for each in first],
            [each.seconds for each in naive], "s", peer_is="the whole text at once, as WAV",
        ),
        against(
            "text of 10 minutes, whole", [each.seconds for each in ours], [each.seconds for each in naive], "s",
            peer_is="the same, which has no pauses, level, chimes or check",
        ),
        against(
            "text of 10 minutes, peak memory", [each.mib for each in ours], [each.mib for each in naive], "MiB",
            peer_is="the same, which holds all of the sound",
        ),
        alone("text of 10 minutes, peak memory", max(each.mib for each in ours), "MiB", at_most=MEMORY_MIB),
    ]  # fmt: skip


def _text() -> str:
    """About ten minutes: 15 letters a second, and the pauses."""
    bulletin = "\n".join(_PARAGRAPHS)
    return "\n".join([bulletin] * 14)


def _once(who: str, text: Path, place: Workplace) -> _Told:
    done = subprocess.run(
        python("bench.speak_once", who, str(text), str(place.folder)),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True, timeout=place.seconds_left(),
    )  # fmt: skip
    told = _Told(**json.loads(done.stdout))
    place.say(f"{who}: {told.seconds:.2f} s for {told.of_sound:.0f} s of sound, {told.mib:.0f} MiB")
    return told
