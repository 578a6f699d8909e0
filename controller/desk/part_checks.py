"""What a programme may be made of: parts that can be kept, recordings that may be used, and whether all is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from audio.parts import (
    LOUDEST_BED_CDB,
    MOST_CUTS,
    MOST_PARTS,
    MOST_PAUSE_MS,
    QUIETEST_BED_CDB,
    RECORDED,
    Part,
    PartKind,
    Programme,
)
from audio.sources import Limits, Manner
from controller.desk.composing import check_characters
from controller.desk.refusal import Refusal
from controller.desk.scope import Scope
from controller.desk.values import Person
from controller.language import n_
from controller.store.unit import Unit
from controller.store.values import Recording
from schedules.units import RecordingId

MOST_NAME = 64


def check_programme(programme: Programme) -> None:
    """Raise a Refusal that names the first part (`part-N`, from 1) that cannot be kept as it is."""
    if len(programme.parts) > MOST_PARTS:
        raise Refusal(
            "too-many-parts",
            n_("Chương trình có nhiều hơn %(limit)s phần. Hãy chia thành nhiều bản tin."),
            params={"limit": MOST_PARTS},
        )
    for number, part in enumerate(programme.parts, 1):
        _check_part(number, part)
    letters = sum(len(part.text) for part in programme.parts)
    if letters > (limit := Limits().text_characters):
        raise Refusal(
            "text-too-long",
            n_(
                "Nội dung dài %(length)s ký tự, nhiều hơn mức cho phép là %(limit)s. "
                "Hãy rút gọn hoặc chia thành nhiều bản tin."
            ),
            field="parts",
            params={"length": letters, "limit": limit},
        )
    if programme.bed is not None and not QUIETEST_BED_CDB <= programme.bed.level_cdb <= LOUDEST_BED_CDB:
        raise Refusal("bad-level", n_("Mức nhạc nền không có trong danh sách. Hãy chọn lại."), field="level")


def _check_part(number: int, part: Part) -> None:
    field = f"part-{number}"
    check_characters(part.text, field)
    for name in (part.voice, part.second_voice, part.language):
        check_characters(name, field)
        if len(name) > MOST_NAME:
            raise Refusal("bad-name", n_("Tên giọng đọc hoặc ngôn ngữ quá dài. Hãy chọn lại."), field=field)
    try:
        Manner(part.rate, part.pitch)
    except ValueError:
        raise Refusal(
            "bad-manner", n_("Tốc độ hoặc cao độ giọng đọc không có trong danh sách. Hãy chọn lại."), field=field
        ) from None
    if part.kind is PartKind.PAUSE and not 0 < part.pause_ms <= MOST_PAUSE_MS:
        raise Refusal(
            "bad-pause",
            n_("Khoảng lặng phải dài từ 0,1 đến %(most)s giây. Hãy sửa lại."),
            field=field,
            params={"most": MOST_PAUSE_MS // 1000},
        )
    before = 0
    for start, until in part.cuts:
        if not before <= start < until:
            break
        before = until
    else:
        if len(part.cuts) <= MOST_CUTS:
            return
    raise Refusal(
        "bad-cuts",
        n_("Các đoạn giữ lại phải theo thứ tự và không chồng lên nhau, ví dụ 0:05-1:20, 2:00-3:00."),
        field=field,
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """The recordings that `by` may put into a programme on `today`."""

    unit: Unit
    scope: Scope
    by: Person
    today: date

    def may_use(self, recording: RecordingId) -> bool:
        """Handed in by the person, or for one of their places or for one above."""
        if self.scope.inside is None:
            return True
        return any(
            who == self.by.username or (area is not None and self.scope.hears([area], ()))
            for area, who in self.unit.recordings.holders(recording)
        )

    def check(self, programme: Programme, before: Programme) -> None:
        """Refusal for a recording that was not in it before and may not be used, or not any more."""
        fresh = programme.recordings - before.recordings
        found = self.unit.recordings.many(fresh)
        for each in sorted(fresh):
            if each not in found or not self.may_use(each):
                raise Refusal("unknown-recording", n_("Không có bản ghi này. Hãy chọn lại trong thư viện."), status=404)
            if is_expired(found[each], self.today):
                raise Refusal(
                    "recording-expired",
                    n_("Bản ghi “%(title)s” đã hết hạn dùng. Hãy chọn bản ghi khác."),
                    status=409,
                    params={"title": found[each].title},
                )


def is_expired(recording: Recording, today: date) -> bool:
    return recording.expires is not None and recording.expires < today


def missing(parts: Sequence[Part]) -> dict[int, str]:
    """Number of each part from 1 that is not finished yet → what it lacks: `text`, `recording`."""
    found = {}
    for number, part in enumerate(parts, 1):
        if part.kind is PartKind.TEXT and not part.text.strip():
            found[number] = "text"
        elif part.kind in RECORDED and part.recording is None:
            found[number] = "recording"
    return found


def require_complete(programme: Programme) -> None:
    """Refusal that names the first part that has nothing to be heard."""
    lacking = missing(programme.parts)
    if lacking:
        number, what = next(iter(lacking.items()))
        sentence = (
            n_("Phần %(number)s chưa có văn bản. Hãy nhập văn bản hoặc bỏ phần này.")
            if what == "text"
            else n_("Phần %(number)s chưa có bản ghi. Hãy chọn bản ghi hoặc bỏ phần này.")
        )
        raise Refusal("part-empty", sentence, field=f"part-{number}", params={"number": number})
    if not any(part.kind in RECORDED or part.kind is PartKind.TEXT for part in programme.parts):
        raise Refusal("no-parts", n_("Chương trình chưa có nội dung nào. Hãy thêm văn bản hoặc bản ghi."))
