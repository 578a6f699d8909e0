"""Vietnamese sentences of the desk: what was understood, which places, how long."""

from collections.abc import Iterable
from datetime import datetime

from schedules.model import Priority
from schedules.units import DurationMs
from schedules.words import date_words, time_words, weekday_words

PRIORITY_WORDS = {Priority.EMERGENCY: "khẩn cấp", Priority.PRIORITY: "ưu tiên", Priority.NORMAL: "thông thường"}


def duration_words(duration: DurationMs) -> str:
    """65,400 ms → "1 phút 05 giây"; less than a minute in seconds only."""
    seconds = max(1, round(duration / 1000))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} giờ {minutes:02} phút {rest:02} giây"
    return f"{minutes} phút {rest:02} giây" if minutes else f"{rest} giây"


def instant_words(local: datetime) -> str:
    """ "17:00 thứ 2, ngày 30/08/2026"."""
    return f"{time_words(local.time())} {weekday_words(local.weekday())}, ngày {date_words(local.date())}"


def places_words(areas: Iterable[str], speakers: Iterable[str]) -> str:
    """The places, then single speakers by name."""
    return ", ".join([*areas, *speakers])


def understood_words(
    title: str, places: str, speakers: int, when: str, volume: int, duration: DurationMs, priority: Priority
) -> str:
    """One sentence: what, where, when, how loud, how long."""
    return (
        f"Bản tin {PRIORITY_WORDS[priority]} “{title}” dài {duration_words(duration)} sẽ phát {when} "
        f"tại {places} ({speakers} cụm loa), âm lượng {volume} %."
    )
