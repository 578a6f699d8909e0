"""What a NewSchedule means: the schedule it becomes, whom it reaches and when, or a Refusal saying why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from controller.desk.checks import holidays_of
from controller.desk.next_starts import SHOWN_STARTS, next_starts
from controller.desk.refusal import Refusal
from controller.desk.sentences import places_words, schedule_words, understood_words
from controller.desk.values import NewSchedule, PreparationState, Understanding, WhenKind
from controller.desk.whens import BAD_TIME, NOW_LEAD_MS, YEARS, timing_of
from controller.ids import new_id
from controller.language import _, n_
from controller.locality import Locality, locality
from controller.store.unit import Unit
from controller.store.values import Bulletin
from schedules.expansion import Placed, placed_of
from schedules.model import ClipRef, Priority, Schedule, StartRule, Targets
from schedules.recurrence import TooManyOccurrences
from schedules.units import AreaId, BulletinId, DurationMs, ScheduleId, SpeakerId, UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms

__all__ = ["NOW_LEAD_MS", "YEARS", "Order", "read_order"]

FROM_START_GRACE = DurationMs(10 * 60_000)
JOIN_GRACE = DurationMs(10 * 60_000)
"""A speaker that comes late joins its neighbours; the programme itself ends no later for that."""
SEARCH_DAYS = (400, 3_000, 16_500)
"""So far ahead a first occurrence is looked for, the nearest first; the last is 45 years."""
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Order:
    """A checked order: what it becomes and what is shown of it."""

    schedule: Schedule
    bulletin: Bulletin
    places: Locality
    speakers: frozenset[SpeakerId]
    coming: tuple[Placed, ...]
    understanding: Understanding


def read_order(unit: Unit, new: NewSchedule, now: UtcMs, default_zone: str) -> Order:
    """Check `new` in every way in which it can be refused for itself; raises Refusal."""
    bulletin = content_of(unit, new.bulletin)
    places = locality(unit, now, default_zone)
    speakers = speakers_of(places, new.targets)
    zone = zone_of_targets(places, new.targets, speakers)
    schedule = schedule_of(new, now, zone)
    coming = coming_of(unit, schedule, places, now)
    refuse_loud(places, speakers, new.volume)
    starts = next_starts(unit, places, schedule, zone, now)
    told = _understanding(new, bulletin, places, speakers, schedule, coming[0].broadcast.duration, starts, zone)
    return Order(schedule, bulletin, places, speakers, coming, told)


def content_of(unit: Unit, asked: BulletinId) -> Bulletin:
    """The bulletin; Refusal when there is nothing to be heard of it."""
    bulletin = unit.bulletins.get(asked)
    if bulletin is None:
        raise Refusal("unknown-bulletin", n_("Không có bản tin này. Hãy chọn lại trong danh sách bản tin."), status=404)
    job = unit.bulletins.job(asked)
    if job is not None and job.state == PreparationState.FAILED:
        raise Refusal(
            "bulletin-failed", n_("Bản tin chưa có âm thanh: %(error)s"), status=409, params={"error": job.error}
        )
    if job is not None and job.state == PreparationState.EDITED:
        raise Refusal(
            "bulletin-edited",
            n_("Chương trình đã sửa mà chưa tạo âm thanh. Hãy mở chương trình, bấm “Tạo âm thanh” rồi nghe thử."),
            status=409,
        )
    if not clips_of(unit, asked):
        raise Refusal(
            "bulletin-not-ready", n_("Bản tin đang được chuẩn bị âm thanh. Hãy đợi đến khi nghe thử được."), status=409
        )
    return bulletin


def refuse_nowhere(targets: Targets) -> None:
    """Refusal while no place is chosen; asked before rights, which nobody has nowhere but who has them everywhere."""
    if not targets.areas and not targets.speakers and not targets.groups:
        raise Refusal("no-target", n_("Chưa chọn nơi phát. Hãy chọn ít nhất một địa bàn."), field="areas")


def speakers_of(places: Locality, targets: Targets) -> frozenset[SpeakerId]:
    """Whom they address; Refusal when a place is not there or nobody is."""
    refuse_nowhere(targets)
    for area in targets.areas:
        if area not in places.tree.areas:
            raise _no_area(places, area)
    for speaker in targets.speakers:
        if speaker not in places.speakers:
            raise Refusal(
                "unknown-speaker",
                n_("Không có cụm loa “%(speaker)s”. Hãy tải lại trang và chọn lại cụm loa."),
                field="speakers",
                params={"speaker": speaker},
            )
    for group in targets.groups:
        if group not in places.groups or places.groups[group].retired:
            raise Refusal(
                "unknown-group",
                n_("Không có nhóm loa “%(group)s”. Hãy tải lại trang và chọn lại nhóm loa."),
                field="groups",
                params={"group": group},
            )
    speakers = places.addressed(targets)
    if not speakers:
        raise Refusal(
            "no-speaker", n_("Nơi đã chọn chưa có cụm loa nào. Hãy chọn địa bàn khác hoặc thêm cụm loa."), field="areas"
        )
    return speakers


def _no_area(places: Locality, area: AreaId) -> Refusal:
    if places.last_in(area):
        return Refusal(
            "ended-area",
            n_("Địa bàn “%(area)s” đã sáp nhập hoặc kết thúc. Hãy tải lại trang và chọn địa bàn hiện nay."),
            field="areas",
            params={"area": area},
        )
    return Refusal(
        "unknown-area",
        n_("Không có địa bàn “%(area)s”. Hãy tải lại trang và chọn lại địa bàn."),
        field="areas",
        params={"area": area},
    )


def areas_heard(places: Locality, targets: Targets) -> frozenset[AreaId]:
    """Every area in which something of it is heard: where a person must have the right."""
    named = frozenset(area for area in targets.areas if area in places.tree.areas)
    return named | {places.where[speaker] for speaker in places.addressed(targets)}


def zone_of_targets(places: Locality, targets: Targets, speakers: frozenset[SpeakerId]) -> str:
    """The clock that people read there: that of the first area, or of the first speaker's."""
    return places.zone(targets.areas[0] if targets.areas else places.where[min(speakers)])


def schedule_of(new: NewSchedule, now: UtcMs, zone: str) -> Schedule:
    """The schedule that `new` becomes, with an id of its own; raises Refusal."""
    timing = timing_of(new, now, zone)
    from_start = new.when.kind is WhenKind.NOW or new.priority is Priority.EMERGENCY
    rule = new.rule or (StartRule.FROM_START if from_start else StartRule.JOIN)
    return Schedule(
        id=ScheduleId(new_id("sc")),
        bulletin=new.bulletin,
        local_start=timing.local_start,
        time_zone=timing.zone,
        targets=new.targets,
        priority=new.priority,
        rrule=timing.rrule,
        exceptions=timing.exceptions,
        volume=new.volume,
        rule=rule,
        grace=FROM_START_GRACE if rule is StartRule.FROM_START else JOIN_GRACE,
        times=timing.times,
        repeats=timing.repeats,
        gap=timing.gap,
        moved=timing.moved,
        skip_holidays=timing.skip_holidays,
        order=new.order,
        at_most=new.at_most,
    )


def coming_of(unit: Unit, schedule: Schedule, places: Locality, now: UtcMs) -> tuple[Placed, ...]:
    """What it brings forth from now on: of a year, or as far ahead as the first lies; Refusal when that is nothing."""
    try:
        start = utc_ms(localise(schedule.local_start, schedule.time_zone))
        coming: tuple[Placed, ...] = ()
        for days in SEARCH_DAYS if schedule.rrule else (2,):
            until = UtcMs(max(start, now) + days * DAY_MS)
            holidays = holidays_of(unit, places, schedule, now, until)
            coming = placed_of(schedule, clips_of(unit, schedule.bulletin), now, until, holidays=holidays)
            if coming:
                break
    except TooManyOccurrences as error:
        raise Refusal(
            "too-many",
            n_("Lịch này có quá nhiều lượt phát. Hãy bớt giờ phát trong ngày hoặc chọn ngày bắt đầu gần hơn."),
            field="day",
        ) from error
    except (ValueError, OverflowError) as error:
        raise Refusal("bad-time", BAD_TIME, field="day") from error
    if not coming:
        raise Refusal(
            "no-occurrence",
            n_("Lịch này không có lượt phát nào. Hãy kiểm tra lại ngày, giờ và ngày kết thúc."),
            field="day",
        )
    return coming


def clips_of(unit: Unit, bulletin: BulletinId) -> tuple[ClipRef, ...]:
    """What is heard of it."""
    return tuple(clip.ref for clip in unit.bulletins.clips(bulletin))


def refuse_loud(places: Locality, speakers: frozenset[SpeakerId], volume: int) -> None:
    """Refusal when it is louder than some place allows."""
    areas = {places.where[speaker] for speaker in speakers}
    limits = [places.settings(area).volume_max_percent for area in areas]
    limit = min((100 if each is None else each for each in limits), default=100)
    if not 0 <= volume <= limit:
        raise Refusal(
            "too-loud",
            n_("Âm lượng %(volume)s %% không được phép ở nơi đã chọn. Hãy chọn từ 0 đến %(limit)s %%."),
            field="volume",
            params={"volume": volume, "limit": limit},
        )


def places_named(places: Locality, targets: Targets) -> str:
    """The places as people call them."""
    groups = [places.groups[each].name for each in targets.groups if each in places.groups]
    speakers = [places.speakers[each].name for each in targets.speakers if each in places.speakers]
    areas = [area for area in targets.areas if area in places.tree.areas]
    return places_words(places.tree.name_places(areas), [*groups, *speakers])


def _understanding(
    new: NewSchedule,
    bulletin: Bulletin,
    places: Locality,
    speakers: frozenset[SpeakerId],
    schedule: Schedule,
    duration: DurationMs,
    starts: tuple[datetime, ...],
    zone: str,
) -> Understanding:
    named = places_named(places, new.targets)
    when = _("ngay bây giờ") if new.when.kind is WhenKind.NOW else schedule_words(schedule)
    return Understanding(
        sentence=understood_words(bulletin.title, named, len(speakers), when, new.volume, duration, new.priority),
        places_sentence=named,
        speakers=len(speakers),
        time_zone=zone,
        starts=starts,
        needs_confirmation=new.priority is Priority.EMERGENCY,
        rrule=schedule.rrule,
    )


def starts_of(coming: Iterable[Placed], zone: str) -> tuple[datetime, ...]:
    """The next local starts, at most ten; repeats do not count."""
    starts = (from_utc_ms(each.broadcast.start, zone) for each in coming if each.repeat == 0)
    return tuple(islice(starts, SHOWN_STARTS))
