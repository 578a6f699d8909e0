"""From the fields of the forms about places to wishes for the desk. Pure; a wrong field is a Refusal that names it."""

from collections.abc import Sequence
from datetime import date, time
from typing import Protocol

from controller.desk.reforms import End, Limit, Make, Merge, Move, Named, Piece, Rename, Split, Wish
from controller.desk.refusal import Refusal
from controller.ids import new_id
from controller.language import n_
from schedules.model import AreaSettings, QuietHours, VolumeHours
from schedules.units import AreaId, DurationMs, Percent, SpeakerId

MINUTE_MS = 60_000
MOST_PIECES = 6
HOURS, MOST_HOURS = 3, 20
"""How many intervals of quiet hours the form offers, and how many it takes."""
ROOT = "-"
"""What a form says for: in no area, at the top."""


class Fields(Protocol):
    """A submitted form, as Starlette gives it."""

    def get(self, key: str, default: str, /) -> object: ...
    def getlist(self, key: str) -> Sequence[object]: ...


def text(form: Fields, name: str) -> str:
    return str(form.get(name, "")).strip()


def texts(form: Fields, name: str) -> tuple[str, ...]:
    return tuple(str(value) for value in form.getlist(name) if str(value))


def read_day(written: str, name: str = "day") -> date:
    """YYYY-MM-DD, as a date field sends it."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refusal("bad-day", n_("Ngày chưa đúng. Hãy chọn ngày trên lịch."), field=name) from None


def read_make(form: Fields) -> Make:
    return Make(AreaId(new_id("a")), _named(form), _parent(form), read_day(text(form, "day")))


def read_merge(form: Fields) -> Merge:
    """Into an area that is there, or into a new one of the given name."""
    day, parts, into = read_day(text(form, "day")), texts(form, "parts"), text(form, "into")
    areas = tuple(AreaId(part) for part in parts)
    if not areas:
        raise Refusal("no-parts", n_("Chưa chọn địa bàn nào để gộp. Hãy chọn ít nhất hai."), field="parts")
    if into:
        return Merge(areas, AreaId(into), day)
    return Merge(areas, AreaId(new_id("a")), day, _named(form), _parent(form))


def read_wish(deed: str, area: AreaId, form: Fields) -> Wish:
    """What is to be done with one area; `deed` as the page's address names it."""
    day = read_day(text(form, "day"))
    match deed:
        case "doi-ten":
            return Rename(area, _named(form), day)
        case "chuyen":
            return Move(area, _parent(form), day, text(form, "keep_limits") == "1")
        case "gioi-han":
            return Limit(area, read_settings(form), day)
        case "tach":
            return _split(area, form, day)
        case "ket-thuc":
            return End(area, day)
    raise Refusal("unknown-deed", n_("Không có trang này. Hãy quay lại trang địa bàn."), status=404)


def _named(form: Fields) -> Named:
    return Named(text(form, "name"), text(form, "kind"), text(form, "code"))


def _parent(form: Fields) -> AreaId | None:
    chosen = text(form, "parent")
    if not chosen:
        raise Refusal("no-parent", n_("Chưa chọn địa bàn cấp trên. Hãy chọn."), field="parent")
    return None if chosen == ROOT else AreaId(chosen)


def _split(area: AreaId, form: Fields, day: date) -> Split:
    pieces = []
    for index in range(1, MOST_PIECES + 1):
        name = text(form, f"name-{index}")
        if name:
            key = str(index)
            children = tuple(AreaId(each) for each in _going(form, "child", key))
            speakers = tuple(SpeakerId(each) for each in _going(form, "speaker", key))
            named = Named(name, text(form, f"kind-{index}"), text(form, f"code-{index}"))
            pieces.append(Piece(AreaId(new_id("a")), named, children, speakers))
    return Split(area, tuple(pieces), day)


def _going(form: Fields, what: str, piece: str) -> tuple[str, ...]:
    """The ids in the fields `child-…`, `speaker-…` that say `piece`."""
    ids = (str(each) for each in form.getlist(what))
    return tuple(each for each in ids if text(form, f"{what}-{each}") == piece)


def read_settings(form: Fields) -> AreaSettings:
    """What is filled in is the area's own; what is left empty is as above."""
    return AreaSettings(
        time_zone=text(form, "time_zone") or None,
        quiet_hours=_quiet_hours(form),
        volume_max_percent=Percent(_whole(form, "volume_max_percent")) if text(form, "volume_max_percent") else None,
        volume_hours=_volume_hours(form),
        session_cap=_minutes(form, "session_cap"),
        daily_cap=_minutes(form, "daily_cap"),
        weekdays=_weekdays(form) or None,
        night_allowed=_choice(form, "night_allowed"),
        one_person_station=_choice(form, "one_person_station"),
    )


def _choice(form: Fields, name: str) -> bool | None:
    chosen = text(form, name)
    return chosen == "1" if chosen else None


def _quiet_hours(form: Fields) -> tuple[QuietHours, ...] | None:
    """As many intervals as are filled in; none of its own, none at all only where the form says so."""
    found = []
    for index in range(1, MOST_HOURS + 1):
        begin, end = text(form, f"quiet-begin-{index}"), text(form, f"quiet-end-{index}")
        if begin or end:
            found.append(QuietHours(_time(begin), _time(end)))
    if text(form, "quiet_none") == "1":
        if found:
            sentence = n_("Vừa ghi giờ yên tĩnh vừa chọn không có giờ yên tĩnh. Hãy bỏ một trong hai.")
            raise Refusal("bad-quiet-hours", sentence, field="quiet_hours")
        return ()
    return tuple(found) or None


def _volume_hours(form: Fields) -> tuple[VolumeHours, ...] | None:
    """As with the quiet hours; each with the most it allows."""
    found = []
    for index in range(1, MOST_HOURS + 1):
        begin, end, most = (text(form, f"volume-{part}-{index}") for part in ("begin", "end", "most"))
        if begin or end or most:
            try:
                found.append(VolumeHours(_read_time(begin), _read_time(end), Percent(int(most))))
            except ValueError:
                sentence = n_("Giờ giảm âm lượng cần đủ giờ bắt đầu, giờ kết thúc và âm lượng, ví dụ 20:00, 06:00, 40.")
                raise Refusal("bad-volume-hours", sentence, field="volume_hours") from None
    if text(form, "volume_none") == "1":
        if found:
            sentence = n_("Vừa ghi giờ giảm âm lượng vừa chọn không có. Hãy bỏ một trong hai.")
            raise Refusal("bad-volume-hours", sentence, field="volume_hours")
        return ()
    return tuple(found) or None


def _read_time(written: str) -> time:
    return time.fromisoformat(written).replace(second=0, microsecond=0, tzinfo=None)


def _time(written: str) -> time:
    try:
        return _read_time(written)
    except ValueError:
        raise Refusal(
            "bad-quiet-hours",
            n_("Giờ yên tĩnh cần đủ giờ bắt đầu và giờ kết thúc, ví dụ 21:00 đến 05:00."),
            field="quiet_hours",
        ) from None


def _whole(form: Fields, name: str) -> int:
    written = text(form, name)
    if not (written.isascii() and written.isdigit()) or len(written) > 6:
        raise Refusal("bad-number", n_("Hãy nhập một số nguyên."), field=name)
    return int(written)


def _minutes(form: Fields, name: str) -> DurationMs | None:
    return DurationMs(_whole(form, name) * MINUTE_MS) if text(form, name) else None


def _weekdays(form: Fields) -> tuple[int, ...]:
    return tuple(sorted({int(day) for day in texts(form, "weekdays") if day in "0123456" and len(day) == 1}))
