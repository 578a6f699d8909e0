"""Conflicts and broken guard rails as sentences for people, with the ways out of them."""

from datetime import datetime, timedelta

from controller.desk.checks import Checks, FirstSound, PlaceBreach
from controller.desk.refusal import Refusal
from controller.desk.sentences import (
    PRIORITY_WORDS,
    date_words,
    duration_words,
    instant_words,
    time_words,
    weekday_words,
)
from controller.desk.values import Choice, Clash
from controller.language import _, n_
from controller.locality import Locality
from schedules.conflicts import Conflict, Outcome, Party
from schedules.model import Schedule
from schedules.rails import Breach, Rail
from schedules.recurrence import times_of
from schedules.units import DurationMs
from schedules.wall import from_utc_ms

MOST_SHOWN = 8
MOST_REPLACED = 400
"""Occurrences that one change takes out of another schedule."""

FATES = {
    Outcome.AS_PLANNED: n_("phát như đã định"),
    Outcome.AFTER: n_("phát sau, từ %(begins)s"),
    Outcome.RESUMED: n_("bị ngắt lúc %(stops)s rồi phát tiếp từ %(resumes)s"),
    Outcome.SHORT: n_("chỉ phát được %(heard)s"),
    Outcome.CUT: n_("bị cắt lúc %(ends)s"),
    Outcome.MISSED: n_("không phát được"),
}

BREACHES = {
    Rail.QUIET_HOURS: n_("Lượt phát lúc %(at)s rơi vào giờ yên tĩnh của %(area)s (%(hours)s). Hãy chọn giờ khác."),
    Rail.WEEKDAY: n_("%(area)s không cho phát vào %(weekday)s (%(at)s). Hãy chọn ngày khác."),
    Rail.SESSION_CAP: n_(
        "Buổi phát lúc %(at)s dài %(found)s, quá mức %(limit)s một buổi của %(area)s. "
        "Hãy rút ngắn, bớt lần phát, hoặc để cách nhau ít nhất 5 phút."
    ),
    Rail.DAILY_CAP: n_(
        "Ngày %(day)s sẽ phát tổng cộng %(found)s, quá mức %(limit)s một ngày của %(area)s. "
        "Hãy chọn ngày khác hoặc bớt lượt phát."
    ),
}
CODES = {
    Rail.QUIET_HOURS: ("quiet-hours", "at"),
    Rail.WEEKDAY: ("weekday-forbidden", "day"),
    Rail.SESSION_CAP: ("session-too-long", "at"),
    Rail.DAILY_CAP: ("day-too-full", "day"),
}


def clashes_of(checks: Checks, schedule: Schedule, zone: str) -> tuple[Clash, ...]:
    """The conflicts of `schedule`, the first ones in full."""
    mine = [each for each in checks.conflicts if each.new.schedule == schedule.id]
    return tuple(_clash(each, checks, schedule, zone) for each in mine[:MOST_SHOWN])


def _clash(conflict: Conflict, checks: Checks, schedule: Schedule, zone: str) -> Clash:
    new, other = (f"“{checks.titles.get(each.bulletin, '')}”" for each in (conflict.new, conflict.other))
    winner, loser = (other, new) if conflict.new_loses else (new, other)
    met = _("%(new)s (%(new_at)s) trùng giờ với %(other)s (%(other_at)s) ở %(speakers)s cụm loa.") % {
        "new": new,
        "new_at": time_words(from_utc_ms(conflict.new.start, zone).time()),
        "other": other,
        "other_at": instant_words(from_utc_ms(conflict.other.start, zone)),
        "speakers": len(conflict.speakers),
    }
    often = _("Việc này xảy ra %(times)s lần.") % {"times": conflict.times} if conflict.times > 1 else ""
    rule = _("Theo quy định, %(winner)s phát trước (%(why)s); %(loser)s %(fate)s.") % {
        "winner": winner,
        "why": _why(conflict),
        "loser": loser,
        "fate": _fate(conflict, zone),
    }
    return Clash(
        " ".join(each for each in (met, often, rule) if each), tuple(_choices(conflict, schedule, zone, new, other))
    )


def _why(conflict: Conflict) -> str:
    new, other = conflict.new, conflict.other
    if new.priority != other.priority:
        return _("mức %(higher)s trên mức %(lower)s") % {
            "higher": _(PRIORITY_WORDS[min(new.priority, other.priority)]),
            "lower": _(PRIORITY_WORDS[max(new.priority, other.priority)]),
        }
    if conflict.tied:
        return _("cùng mức, cùng giờ, bạn chưa chọn thứ tự")
    return _("cùng mức, theo thứ tự đã chọn") if new.start == other.start else _("cùng mức, bắt đầu trước")


def _fate(conflict: Conflict, zone: str) -> str:
    fate = conflict.fate
    at = {
        name: time_words(from_utc_ms(getattr(fate, name), zone).time())
        for name in ("begins", "stops", "resumes", "ends")
    }
    return _(FATES[fate.outcome]) % {**at, "heard": duration_words(fate.heard)}


def _choices(conflict: Conflict, schedule: Schedule, zone: str, new: str, other: str) -> list[Choice]:
    if conflict.other.schedule == schedule.id:
        return []
    found = []
    later, was = after(conflict.other, zone), from_utc_ms(conflict.new.start, zone)
    if later is not None and (schedule.time_zone == "UTC" or was.time() in times_of(schedule)):
        label = _("Chuyển %(new)s sang %(at)s, sau %(other)s") % {
            "new": new,
            "at": time_words(later.time()),
            "other": other,
        }
        found.append(Choice("after", label, f"{was:%H:%M:%S}>{later:%H:%M}"))
    if conflict.new.start < conflict.other.start < conflict.new.end:
        until = from_utc_ms(conflict.other.start, zone).time()
        label = _("Cắt %(new)s lúc %(at)s, khi %(other)s bắt đầu") % {
            "new": new,
            "at": time_words(until),
            "other": other,
        }
        found.append(Choice("at_most", label, str(conflict.other.start - conflict.new.start)))
    if conflict.equal:
        label = _("%(first)s phát trước") % {"first": new if conflict.new_loses else other}
        found.append(Choice("order", label, "-1" if conflict.new_loses else "1"))
    if conflict.times <= MOST_REPLACED:
        label = _("Phát %(new)s thay cho %(other)s") % {"new": new, "other": other}
        found.append(Choice("instead", label, conflict.other.schedule))
    return found


def after(party: Party, zone: str) -> datetime | None:
    """The first whole minute after it; None where that is another day."""
    begin, end = from_utc_ms(party.start, zone), from_utc_ms(party.end, zone)
    minute = end.replace(second=0, microsecond=0)
    later = minute if minute == end else minute + timedelta(minutes=1)
    return later if later.date() == begin.date() else None


def refuse_breaches(checks: Checks, places: Locality) -> None:
    """Raise Refusal for the first guard rail that would be broken."""
    for each in sorted(checks.breaches, key=lambda place: (place.breach.at, place.area)):
        code, field = CODES[each.breach.rail]
        raise Refusal(code, BREACHES[each.breach.rail], field=field, params=_told(each, places))


def breach_sentences(checks: Checks, places: Locality) -> tuple[str, ...]:
    """What each broken guard rail says."""
    return tuple(_(BREACHES[each.breach.rail]) % _told(each, places) for each in checks.breaches)


def _told(place: PlaceBreach, places: Locality) -> dict[str, object]:
    breach: Breach = place.breach
    at = from_utc_ms(breach.at, place.zone)
    hours = places.settings(place.area).quiet_hours or ()
    return {
        "at": f"{at:%H:%M %d/%m/%Y}",
        "area": places.tree.area(place.area).full_name,
        "hours": ", ".join(f"{each.begin:%H:%M}–{each.end:%H:%M}" for each in hours),
        "weekday": weekday_words(breach.day.weekday()),
        "day": date_words(breach.day),
        "limit": duration_words(DurationMs(breach.limit)) if breach.limit else "",
        "found": duration_words(DurationMs(breach.found)) if breach.found else "",
    }


def tonight_words(first: FirstSound | None) -> str:
    """The first sound of the evening and night in plain words."""
    if first is None:
        return _("Từ 18:00 tối nay đến 06:00 sáng mai ở nơi này không phát gì.")
    told = {"at": instant_words(first.at), "title": first.title}
    if first.new:
        return _("Tiếng đầu tiên tối nay ở nơi này là chính bản tin này: %(at)s.") % told
    return _("Tiếng đầu tiên tối nay ở nơi này: %(at)s, “%(title)s”.") % told
