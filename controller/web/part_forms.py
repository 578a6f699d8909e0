"""From the fields of a form to a part of a programme, and back. Pure; a wrong field is a Refusal that names it."""

import re
from collections.abc import Mapping
from dataclasses import replace

from audio.parts import BED_CDB, RECORDED, Bed, Part, PartKind, Programme
from controller.desk.refusal import Refusal
from controller.language import n_
from schedules.units import RecordingId

LEVELS = {-400: n_("lớn"), -800: n_("vừa"), -1200: n_("nhỏ"), -1600: n_("rất nhỏ")}
"""How loud the music is while nobody speaks, in hundredths of a dB below speech."""
_AT = r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?"
_CUT = re.compile(rf"\s*{_AT}\s*[-–]\s*{_AT}\s*")
_SECONDS = re.compile(r"\d{1,4}([.,]\d{1,3})?")


def new_part(kind: str) -> Part:
    """An empty part of that kind, to be filled in."""
    try:
        chosen = PartKind(kind)
    except ValueError:
        raise Refusal("bad-part", n_("Không có loại phần này. Hãy tải lại trang."), field="kind") from None
    return Part(chosen, pause_ms=2_000 if chosen is PartKind.PAUSE else 0)


def place_of(programme: Programme) -> int:
    """Where a new part goes: before the closing chime."""
    parts = programme.parts
    return len(parts) - 1 if parts and parts[-1].kind is PartKind.CLOSING else len(parts)


def read_part(form: Mapping[str, str], before: Part) -> Part:
    """The part as the form says it; its kind stays."""
    part = replace(before, bed=form.get("bed") == "1")
    if part.kind is PartKind.PAUSE:
        return replace(part, pause_ms=read_seconds(form.get("seconds", "")))
    if part.kind is PartKind.TEXT:
        return replace(
            part,
            text=form.get("text", ""),
            voice=form.get("voice", ""),
            second_voice=form.get("second_voice", ""),
            language=form.get("language", ""),
        )
    if part.kind in RECORDED:
        recording = form.get("recording", "")
        return replace(
            part,
            recording=RecordingId(recording) if recording else None,
            cuts=read_cuts(form.get("cuts", "")) if recording else (),
            denoise=form.get("denoise") == "1",
            language=form.get("language", ""),
        )
    return part


def read_seconds(text: str) -> int:
    """Milliseconds of "2" or "1,5"."""
    if not _SECONDS.fullmatch(text.strip()):
        raise Refusal("bad-pause", n_("Khoảng lặng chưa đúng. Hãy ghi số giây, ví dụ 2 hoặc 1,5."), field="seconds")
    return round(float(text.strip().replace(",", ".")) * 1000)


def read_cuts(text: str) -> tuple[tuple[int, int], ...]:
    """Ranges in ms of "0:05-1:20, 2:00-3:00"; "" for the whole."""
    found = []
    for each in re.split(r"[;\n]|,(?=\s*\d+:)", text):
        if not each.strip():
            continue
        told = _CUT.fullmatch(each)
        if told is None:
            raise Refusal(
                "bad-cuts",
                n_("Đoạn giữ lại chưa đúng. Hãy ghi phút và giây, ví dụ 0:05-1:20, 2:00-3:00."),
                field="cuts",
            )
        found.append((_ms(told.groups()[:4]), _ms(told.groups()[4:])))
    return tuple(found)


def _ms(told: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, parts = told
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + int((parts or "0").ljust(3, "0"))


def cut_words(cuts: tuple[tuple[int, int], ...]) -> str:
    """As `read_cuts` reads it."""
    return ", ".join(f"{_at(start)}-{_at(until)}" for start, until in cuts)


def _at(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    told = f"{seconds // 60}:{seconds % 60:02}"
    return f"{told}.{rest:03}" if rest else told


def read_bed(form: Mapping[str, str]) -> Bed | None:
    """The music as the form says it; None: none."""
    recording, level = form.get("recording", ""), form.get("level", str(BED_CDB))
    if not recording:
        return None
    if level not in {str(each) for each in LEVELS}:
        raise Refusal("bad-level", n_("Mức nhạc nền không có trong danh sách. Hãy chọn lại."), field="level")
    return Bed(RecordingId(recording), int(level))
