"""What keeps a decision about places from being made: wrong names, days, limits, trees and speakers left behind."""

from collections.abc import Mapping
from datetime import date

from controller.desk.reforms import (
    Decision,
    Limit,
    Make,
    Merge,
    Named,
    Rename,
    Split,
    Wish,
    decide,
    last_known,
    stranded,
)
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.locality import Atlas
from schedules.model import AreaSettings
from schedules.reform import BadReform, Trouble
from schedules.units import AreaId
from schedules.wall import UnknownZone, zone_of

MAX_NAME = 120
YEARS = range(1970, 2301)
TROUBLES: Mapping[Trouble, str] = {
    Trouble.UNKNOWN: n_("Ngày %(day)s không có địa bàn %(area)s. Hãy chọn ngày khác hoặc địa bàn khác."),
    Trouble.NO_PARENT: n_(
        "Ngày %(day)s, %(area)s nằm trong %(other)s, mà %(other)s không còn hoặc chưa có. "
        "Hãy chuyển hoặc gộp các địa bàn bên dưới trước."
    ),
    Trouble.CIRCLE: n_("%(area)s không thể nằm trong chính nó. Hãy chọn địa bàn cấp trên khác."),
    Trouble.TOO_EARLY: n_("%(area)s chỉ bắt đầu từ ngày %(day)s hoặc sau đó. Hãy chọn ngày muộn hơn."),
    Trouble.SAME_NAME: n_("Ngày %(day)s có hai địa bàn cùng tên %(area)s ở cùng một nơi. Hãy đặt tên khác."),
    Trouble.NOTHING: n_("Chưa đủ địa bàn. Hãy chọn ít nhất hai."),
}


def named_area(places: Atlas, area: AreaId) -> str:
    """Its full name as it is or was last; its id when there never was one."""
    found = last_known(places, area, date.max)
    return found.full_name if found else area


def checked_decision(wish: Wish, places: Atlas) -> Decision:
    """`decide`, with every reason against it as a Refusal."""
    try:
        decision = decide(wish, places)
    except BadReform as bad:
        raise Refusal("bad-reform", TROUBLES[bad.trouble], field="day", params=trouble_words(places, bad)) from bad
    left = stranded(after_of(places, decision), wish.day)
    if left:
        speaker, area = min(left.items())
        found = last_known(places, area, wish.day)
        raise Refusal(
            "speakers-left",
            n_(
                "%(count)s cụm loa (ví dụ %(speaker)s) vẫn ở %(area)s, mà địa bàn này không còn. "
                "Hãy chuyển cụm loa, hoặc gộp hay tách địa bàn, trước."
            ),
            field="day",
            params={
                "count": len(left),
                "speaker": places.speakers[speaker].name,
                "area": found.full_name if found else area,
            },
        )
    return decision


def after_of(places: Atlas, decision: Decision) -> Atlas:
    """The places as the decision makes them."""
    speakers, groups = places.speakers.values(), places.groups.values()
    return Atlas(decision.periods, speakers, decision.members, groups, places.zone)


def trouble_words(places: Atlas, bad: BadReform) -> dict[str, object]:
    """What the sentence of TROUBLES names."""

    def name(area: str) -> str:
        found = last_known(places, AreaId(area), bad.day)
        return found.full_name if found else area

    return {"area": name(bad.area), "other": name(bad.other), "day": f"{bad.day:%d/%m/%Y}"}


def checked_day(day: date) -> date:
    """The same day, if every time zone can place it."""
    if day.year not in YEARS:
        raise Refusal("bad-day", n_("Ngày không hợp lệ. Hãy chọn ngày từ năm 1970 đến năm 2300."), field="day")
    return day


def check(wish: Wish) -> None:
    """Refusal for what can be seen to be wrong without looking at the places."""
    checked_day(wish.day)
    match wish:
        case Make(_, named) | Rename(_, named):
            check_name(named)
        case Merge(named=named) if named is not None:
            check_name(named)
        case Split(pieces=pieces):
            for piece in pieces:
                check_name(piece.named)
        case Limit(settings=settings):
            check_settings(settings)


def check_name(named: Named) -> None:
    """Refusal for what no sign and no table can carry."""
    for text, field in ((named.name, "name"), (named.kind, "kind"), (named.code, "code")):
        if len(text) > MAX_NAME:
            raise Refusal(
                "name-too-long",
                n_("Tên dài hơn %(limit)s ký tự. Hãy rút gọn."),
                field=field,
                params={"limit": MAX_NAME},
            )
        if not text.isprintable() or (text[:1] in "=+-@" and text):
            raise Refusal(
                "bad-name",
                n_("Tên không được có ký tự lạ và không được bắt đầu bằng = + - @. Hãy gõ lại."),
                field=field,
            )
    if not named.name.strip():
        raise Refusal("no-name", n_("Chưa có tên. Hãy nhập tên."), field="name")


def check_settings(settings: AreaSettings) -> None:
    """Refusal for limits that mean nothing."""
    if settings.time_zone is not None:
        try:
            zone_of(settings.time_zone)
        except UnknownZone as bad:
            raise Refusal(
                "unknown-zone",
                n_("Không có múi giờ %(zone)s. Hãy ghi như Asia/Ho_Chi_Minh."),
                field="time_zone",
                params={"zone": bad.name},
            ) from bad
    if any(hours.begin == hours.end for hours in settings.quiet_hours or ()):
        raise Refusal("bad-quiet-hours", n_("Giờ yên tĩnh phải có lúc bắt đầu khác lúc kết thúc."), field="quiet_hours")
    if settings.volume_max_percent is not None and not 0 <= settings.volume_max_percent <= 100:
        raise Refusal("bad-volume", n_("Âm lượng lớn nhất là một số từ 0 đến 100."), field="volume_max_percent")
    for quieter in settings.volume_hours or ():
        if quieter.begin == quieter.end or not 0 <= quieter.most <= 100:
            sentence = n_("Giờ giảm âm lượng cần lúc bắt đầu khác lúc kết thúc và âm lượng từ 0 đến 100.")
            raise Refusal("bad-volume-hours", sentence, field="volume_hours")
    for name, longest in (("session_cap", 86_400_000), ("daily_cap", 86_400_000)):
        value = getattr(settings, name)
        if value is not None and not 0 < value <= longest:
            raise Refusal("bad-cap", n_("Số phút tối đa là một số từ 1 đến 1440."), field=name)
    if settings.weekdays is not None and (not settings.weekdays or not set(settings.weekdays) <= set(range(7))):
        raise Refusal("no-weekday", n_("Hãy chọn ít nhất một ngày trong tuần được phát."), field="weekdays")
