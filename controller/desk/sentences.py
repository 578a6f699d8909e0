"""Sentences of the desk in the language of the answer: what was understood, which places, how long, when."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import cache

from audio.refusals import REFUSALS
from audio.sources import BED
from controller.language import _, language, n_
from schedules import words, words_en
from schedules.model import Priority, Schedule
from schedules.units import DurationMs

PRIORITY_WORDS: Mapping[Priority, str] = {
    Priority.EMERGENCY: n_("khẩn cấp"),
    Priority.PRIORITY: n_("ưu tiên"),
    Priority.NORMAL: n_("thông thường"),
}


def schedule_words(schedule: Schedule) -> str:
    """When a schedule is heard, without a full stop; raises BadRule and UnknownZone."""
    told = words_en.schedule_words(schedule) if language() == "en" else words.schedule_words(schedule)
    if not schedule.at_most:
        return told
    return _("%(when)s, mỗi lần cắt sau %(length)s") % {"when": told, "length": duration_words(schedule.at_most)}


def weekday_words(weekday: int) -> str:
    """0 (Monday) … 6: "thứ 2" · "Monday"."""
    return words_en.weekday_words(weekday) if language() == "en" else words.weekday_words(weekday)


def date_words(day: date) -> str:
    """ "31/12/2026" · "31 December 2026"."""
    return words_en.date_words(day) if language() == "en" else words.date_words(day)


def time_words(reading: time) -> str:
    """ "05:00", the same in both languages."""
    return words.time_words(reading)


def duration_words(duration: DurationMs) -> str:
    """65,400 ms → "1 phút 05 giây"; less than a minute in seconds only."""
    seconds = max(1, round(duration / 1000))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        told = {"hours": hours, "minutes": f"{minutes:02}", "seconds": f"{rest:02}"}
        return _("%(hours)s giờ %(minutes)s phút %(seconds)s giây") % told
    if minutes:
        return _("%(minutes)s phút %(seconds)s giây") % {"minutes": minutes, "seconds": f"{rest:02}"}
    return _("%(seconds)s giây") % {"seconds": rest}


def instant_words(local: datetime) -> str:
    """ "17:00 thứ 2, ngày 30/08/2026"."""
    told = {"at": time_words(local.time()), "weekday": weekday_words(local.weekday()), "day": date_words(local.date())}
    return _("%(at)s %(weekday)s, ngày %(day)s") % told


def places_words(areas: Iterable[str], speakers: Iterable[str]) -> str:
    """The places, then single speakers by name."""
    return ", ".join([*areas, *speakers])


def understood_words(
    title: str, places: str, speakers: int, when: str, volume: int, duration: DurationMs, priority: Priority
) -> str:
    """One sentence: what, where, when, how loud, how long."""
    sentence = _(
        "Bản tin %(priority)s “%(title)s” dài %(duration)s sẽ phát %(when)s tại %(places)s (%(speakers)s cụm loa), "
        "âm lượng %(volume)s %%."
    )
    return sentence % {
        "priority": _(PRIORITY_WORDS[priority]),
        "title": title,
        "duration": duration_words(duration),
        "when": when,
        "places": places,
        "speakers": speakers,
        "volume": volume,
    }


@cache
def _told_by_audio(code: str) -> re.Pattern[str] | None:
    """What `audio` told of `code`, with its numbers to be found again."""
    if code not in REFUSALS:
        return None
    parts = re.split(r"\{(\w+)\}", " ".join(REFUSALS[code]))
    return re.compile("".join(f"(?P<{part}>\\d+)" if n % 2 else re.escape(part) for n, part in enumerate(parts)))


def preparation_error(code: str, kept: str) -> str:
    """Why a sound could not be made: the Vietnamese sentence that was `kept`, in the language of the answer."""
    known = _told_by_audio(code)
    found = known.fullmatch(kept) if known and language() != "vi" else None
    return " ".join(_(part) for part in REFUSALS[code]).format(**found.groupdict()) if found else _(kept)


def of_part(part: int, words: str) -> str:
    """`words` about one part of a programme, from 1, BED the music; 0: about all of it."""
    if not part or not words:
        return words
    about = _("Nhạc nền") if part == BED else _("Phần %(number)s") % {"number": part}
    return f"{about}: {words}"
