"""What a NewSchedule means: the schedule it becomes, whom it reaches and when, or a Refusal saying why not."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from controller.desk.refusal import Refusal
from controller.desk.sentences import places_words, understood_words
from controller.desk.values import NewSchedule, PreparationState, Understanding, When, WhenKind
from controller.ids import new_id
from controller.locality import Locality, locality
from controller.store.unit import Unit
from controller.store.values import Bulletin
from schedules.expansion import broadcasts_of
from schedules.model import Broadcast, ClipRef, Priority, Schedule, StartRule
from schedules.quiet import overlaps_quiet_hours
from schedules.recurrence import TooManyOccurrences
from schedules.units import DurationMs, ScheduleId, SpeakerId, UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms
from schedules.words import schedule_words

NOW_LEAD_MS = 5_000
"""Between "now" and the first sound: time for the signed document and the audio to reach the speakers."""
FROM_START_GRACE = DurationMs(10 * 60_000)
JOIN_GRACE = DurationMs(10 * 60_000)
"""A speaker that comes late joins its neighbours; the programme itself ends no later for that."""
SHOWN_STARTS = 10
SEARCH_DAYS = 400
YEARS = range(1970, 2301)
"""No other can be placed in every time zone."""
BAD_TIME = "Thời gian phát không hợp lệ. Hãy kiểm tra lại ngày và giờ."
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Order:
    """A checked order: what it becomes and what is shown of it."""

    schedule: Schedule
    bulletin: Bulletin
    speakers: frozenset[SpeakerId]
    understanding: Understanding


def read_order(unit: Unit, new: NewSchedule, now: UtcMs, default_zone: str) -> Order:
    """Check `new` in every way in which it can be refused before anything is stored; raises Refusal."""
    bulletin, clips = _content(unit, new)
    places = locality(unit, now, default_zone)
    speakers = _targets(places, new)
    zone = places.zone(new.targets.areas[0] if new.targets.areas else places.where[next(iter(speakers))])
    schedule = _schedule(new, now, zone)
    coming = _coming(schedule, clips, now)
    _refuse_loud(places, speakers, new.volume)
    if new.priority is not Priority.EMERGENCY:
        _refuse_quiet(places, speakers, coming)
    return Order(schedule, bulletin, speakers, _understanding(new, bulletin, places, speakers, schedule, coming, zone))


def _content(unit: Unit, new: NewSchedule) -> tuple[Bulletin, tuple[ClipRef, ...]]:
    bulletin = unit.bulletins.get(new.bulletin)
    if bulletin is None:
        raise Refusal("unknown-bulletin", "Không có bản tin này. Hãy chọn lại trong danh sách bản tin.", status=404)
    job = unit.bulletins.job(new.bulletin)
    clips = tuple(clip.ref for clip in unit.bulletins.clips(new.bulletin))
    if job is not None and job.state == PreparationState.FAILED:
        raise Refusal("bulletin-failed", "Bản tin chưa có âm thanh: %(error)s", status=409, params={"error": job.error})
    if not clips:
        raise Refusal(
            "bulletin-not-ready", "Bản tin đang được chuẩn bị âm thanh. Hãy đợi đến khi nghe thử được.", status=409
        )
    return bulletin, clips


def _targets(places: Locality, new: NewSchedule) -> frozenset[SpeakerId]:
    if not new.targets.areas and not new.targets.speakers:
        raise Refusal("no-target", "Chưa chọn nơi phát. Hãy chọn ít nhất một địa bàn.", field="areas")
    for area in new.targets.areas:
        if area not in places.tree.areas:
            raise Refusal(
                "unknown-area",
                "Không có địa bàn “%(area)s”. Hãy tải lại trang và chọn lại địa bàn.",
                field="areas",
                params={"area": area},
            )
    for speaker in new.targets.speakers:
        if speaker not in places.speakers:
            raise Refusal(
                "unknown-speaker",
                "Không có cụm loa “%(speaker)s”. Hãy tải lại trang và chọn lại cụm loa.",
                field="speakers",
                params={"speaker": speaker},
            )
    speakers = places.addressed(new.targets)
    if not speakers:
        raise Refusal(
            "no-speaker", "Nơi đã chọn chưa có cụm loa nào. Hãy chọn địa bàn khác hoặc thêm cụm loa.", field="areas"
        )
    return speakers


def _schedule(new: NewSchedule, now: UtcMs, zone: str) -> Schedule:
    immediate = new.when.kind is WhenKind.NOW
    from_start = immediate or new.priority is Priority.EMERGENCY
    rule = new.rule or (StartRule.FROM_START if from_start else StartRule.JOIN)
    local_start = _moment(now) if immediate else _typed_start(new.when, now, zone)
    return Schedule(
        id=ScheduleId(new_id("sc")),
        bulletin=new.bulletin,
        local_start=local_start,
        # An instant has no place on a wall clock that may be turned back in that very hour.
        time_zone="UTC" if immediate else zone,
        targets=new.targets,
        priority=new.priority,
        rrule=_rrule(new.when),
        volume=new.volume,
        rule=rule,
        grace=FROM_START_GRACE if rule is StartRule.FROM_START else JOIN_GRACE,
    )


def _moment(now: UtcMs) -> datetime:
    return from_utc_ms(UtcMs(now + NOW_LEAD_MS), "UTC").replace(tzinfo=None)


def _typed_start(when: When, now: UtcMs, zone: str) -> datetime:
    if when.at is None:
        raise Refusal("no-time", "Chưa có giờ phát. Hãy nhập giờ phát.", field="at")
    today = from_utc_ms(now, zone).date()
    if when.day is None and when.kind is WhenKind.ONCE:
        raise Refusal("no-day", "Chưa có ngày phát. Hãy chọn ngày phát.", field="day")
    start = datetime.combine(when.day or today, when.at.replace(tzinfo=None))
    if start.year not in YEARS:
        raise Refusal("bad-time", BAD_TIME, field="day")
    if when.kind is WhenKind.ONCE and utc_ms(localise(start, zone)) <= now:
        raise Refusal(
            "past-time",
            "Giờ phát %(at)s đã qua. Hãy chọn giờ sau %(now)s, hoặc chọn “Phát ngay”.",
            field="at",
            params={"at": f"{start:%H:%M %d/%m/%Y}", "now": f"{from_utc_ms(now, zone):%H:%M %d/%m/%Y}"},
        )
    if when.until is not None and when.until < start.date():
        raise Refusal("until-before-start", "Ngày kết thúc trước ngày bắt đầu. Hãy chọn lại ngày.", field="until")
    return start


def _rrule(when: When) -> str:
    if when.kind in (WhenKind.NOW, WhenKind.ONCE):
        return ""
    parts = ["FREQ=DAILY"]
    if when.kind is WhenKind.WEEKLY:
        if not when.weekdays or any(day not in range(7) for day in when.weekdays):
            raise Refusal("no-weekday", "Chưa chọn ngày trong tuần. Hãy chọn ít nhất một ngày.", field="weekdays")
        parts = ["FREQ=WEEKLY", "BYDAY=" + ",".join(WEEKDAYS[day] for day in sorted(set(when.weekdays)))]
    if when.until is not None:
        parts.append(f"UNTIL={datetime.combine(when.until, time(23, 59, 59)):%Y%m%dT%H%M%S}")
    return ";".join(parts)


def _coming(schedule: Schedule, clips: tuple[ClipRef, ...], now: UtcMs) -> tuple[Broadcast, ...]:
    try:
        if schedule.rrule:
            until = UtcMs(utc_ms(localise(schedule.local_start, schedule.time_zone)))
            until = UtcMs(max(until, now) + timedelta(days=SEARCH_DAYS) // timedelta(milliseconds=1))
        else:
            until = UtcMs(utc_ms(localise(schedule.local_start, schedule.time_zone)) + 1)
        coming = broadcasts_of(schedule, clips, now, until)
    except (TooManyOccurrences, ValueError, OverflowError) as error:
        raise Refusal("bad-time", BAD_TIME, field="day") from error
    if not coming:
        raise Refusal(
            "no-occurrence",
            "Lịch này không có lượt phát nào. Hãy kiểm tra lại ngày, giờ và ngày kết thúc.",
            field="day",
        )
    return coming


def _refuse_loud(places: Locality, speakers: frozenset[SpeakerId], volume: int) -> None:
    areas = {places.where[speaker] for speaker in speakers}
    limits = [places.settings(area).volume_max_percent for area in areas]
    limit = min((100 if each is None else each for each in limits), default=100)
    if not 0 <= volume <= limit:
        raise Refusal(
            "too-loud",
            "Âm lượng %(volume)s %% không được phép ở nơi đã chọn. Hãy chọn từ 0 đến %(limit)s %%.",
            field="volume",
            params={"volume": volume, "limit": limit},
        )


def _refuse_quiet(places: Locality, speakers: frozenset[SpeakerId], coming: tuple[Broadcast, ...]) -> None:
    areas = {places.where[speaker] for speaker in speakers}
    rules = {(places.zone(area), places.settings(area).quiet_hours or ()): area for area in sorted(areas)}
    for broadcast in coming[:SHOWN_STARTS]:
        end = UtcMs(broadcast.start + broadcast.duration)
        for (zone, hours), area in rules.items():
            if overlaps_quiet_hours(broadcast.start, end, zone, hours):
                raise Refusal(
                    "quiet-hours",
                    "Lượt phát lúc %(at)s rơi vào giờ yên tĩnh của %(area)s (%(hours)s). Hãy chọn giờ khác.",
                    field="at",
                    params={
                        "at": f"{from_utc_ms(broadcast.start, zone):%H:%M %d/%m/%Y}",
                        "area": places.tree.area(area).full_name,
                        "hours": ", ".join(f"{each.begin:%H:%M}–{each.end:%H:%M}" for each in hours),
                    },
                )


def _understanding(
    new: NewSchedule,
    bulletin: Bulletin,
    places: Locality,
    speakers: frozenset[SpeakerId],
    schedule: Schedule,
    coming: tuple[Broadcast, ...],
    zone: str,
) -> Understanding:
    named = places_words(
        places.tree.name_places(new.targets.areas), [places.speakers[each].name for each in new.targets.speakers]
    )
    when = "ngay bây giờ" if new.when.kind is WhenKind.NOW else schedule_words(schedule)
    sentence = understood_words(
        bulletin.title, named, len(speakers), when, new.volume, coming[0].duration, new.priority
    )
    starts = tuple(from_utc_ms(broadcast.start, zone) for broadcast in coming[:SHOWN_STARTS])
    return Understanding(sentence, named, len(speakers), zone, starts, new.priority is Priority.EMERGENCY)
