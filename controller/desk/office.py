"""The office: the Desk over the store. Each call is one unit of work; a Refusal changes nothing."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from audio.sources import Limits
from audio.speech.normalise import spoken
from controller.desk import views
from controller.desk.orders import YEARS, read_order
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.schedules import known_schedule, schedule_view
from controller.desk.values import (
    FIELDS,
    AreaNode,
    BroadcastLine,
    BroadcastView,
    BulletinView,
    NewBulletin,
    NewSchedule,
    Person,
    PreparationState,
    ScheduleView,
    SpeakerView,
    Understanding,
)
from controller.ids import new_id
from controller.locality import Locality, locality
from controller.preparation import JOBS
from controller.store.outbox import OUTBOX
from controller.store.unit import Unit
from controller.store.values import Bulletin, Job, Planned
from protocol.messages import Command
from protocol.topics import COMMANDS, SpeakerTopic, build
from schedules.model import BulletinState
from schedules.units import AreaId, BroadcastId, BulletinId, ClipId, ScheduleId, SpeakerId, UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms

MAX_TITLE = 200
MAX_NOTE = 2_000
TONE_MS = 10_000
"""A test tone not begun by then is not played at all."""


class Office:
    """What staff can do."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._store, self._planner, self._clips, self._uploads = room.store, room.planner, room.clips, room.uploads
        self._send, self._now, self._zone = room.send, room.now, room.zone

    def _places(self, unit: Unit) -> Locality:
        return locality(unit, self._now(), self._zone)

    def areas(self) -> tuple[AreaNode, ...]:
        with self._store.read() as unit:
            return views.area_nodes(self._places(unit))

    def home_time_zone(self) -> str:
        with self._store.read() as unit:
            return self._places(unit).zone(None)

    def speakers(self) -> tuple[SpeakerView, ...]:
        with self._store.read() as unit:
            places = self._places(unit)
            heard = {status.speaker: status for status in unit.places.statuses()}
        shown = [views.speaker_view(each, places, heard.get(each.id)) for each in places.speakers.values()]
        return tuple(sorted(shown, key=lambda view: (view.area_name, view.name, view.id)))

    def bulletin_from_text(self, new: NewBulletin, text: str, by: Person) -> BulletinId:
        _check_text(text)
        return self._new_bulletin(new, by, text=text)

    def bulletin_from_audio(self, new: NewBulletin, upload: Path, filename: str, by: Person) -> BulletinId:
        _check_new(new)
        if not upload.is_file() or upload.stat().st_size == 0:
            raise Refusal("empty-file", "Tệp tải lên không có dữ liệu. Hãy chọn lại tệp âm thanh.", field="file")
        kept = new_id("up")
        self._uploads.mkdir(parents=True, exist_ok=True)
        upload.replace(self._uploads / kept)
        return self._new_bulletin(new, by, filename=Path(filename).name[:200], upload=kept)

    def _new_bulletin(
        self, new: NewBulletin, by: Person, *, text: str = "", filename: str = "", upload: str = ""
    ) -> BulletinId:
        _check_new(new)
        now, bulletin_id = self._now(), BulletinId(new_id("bu"))
        bulletin = Bulletin(
            id=bulletin_id,
            title=new.title.strip(),
            field=new.field,
            summary=new.summary,
            author=new.author,
            source=new.source,
            language=new.language,
            priority=new.priority,
            state=BulletinState.DRAFT,
            text=text,
            spoken=spoken(text).text if text else "",
            filename=filename,
            approved_by="",
            one_person=False,
            made=now,
            made_by=by.username,
        )
        with self._store.write() as unit:
            unit.bulletins.add(bulletin)
            unit.bulletins.put_job(Job(bulletin_id, PreparationState.WAITING, "", 0, "", "", upload), now)
            unit.changed(f"bulletin:{bulletin_id}", JOBS)
        return bulletin_id

    def bulletin(self, bulletin: BulletinId) -> BulletinView:
        with self._store.read() as unit:
            found = unit.bulletins.get(bulletin)
            if found is None:
                raise Refusal(
                    "unknown-bulletin", "Không có bản tin này. Hãy chọn lại trong danh sách bản tin.", status=404
                )
            return self._bulletin_view(unit, found)

    def bulletins(self, limit: int = 50) -> tuple[BulletinView, ...]:
        with self._store.read() as unit:
            return tuple(self._bulletin_view(unit, found) for found in unit.bulletins.newest(limit))

    @staticmethod
    def _bulletin_view(unit: Unit, found: Bulletin) -> BulletinView:
        return views.bulletin_view(found, unit.bulletins.job(found.id), unit.bulletins.clips(found.id))

    def clip_file(self, clip: ClipId) -> Path:
        with self._store.read() as unit:
            known = unit.bulletins.clip(clip)
        if known is None or not self._clips.has(clip):
            raise Refusal("unknown-clip", "Không có âm thanh này. Hãy tải lại trang bản tin.", status=404)
        return self._clips.path(clip)

    def spoken(self, text: str) -> str:
        _check_length(text)
        return spoken(text).text

    def understand(self, new: NewSchedule) -> Understanding:
        with self._store.read() as unit:
            return read_order(unit, new, self._now(), self._zone).understanding

    def schedule(self, new: NewSchedule, by: Person) -> tuple[ScheduleId, tuple[BroadcastId, ...]]:
        with self._store.write() as unit:
            now = self._now()
            order = read_order(unit, new, now, self._zone)
            understood = order.understanding
            if understood.needs_confirmation and new.confirmed_places.strip() != understood.places_sentence:
                raise Refusal(
                    "not-confirmed",
                    "Bản tin khẩn cấp phải được xác nhận đúng nơi phát: “%(places)s”. Hãy xác nhận lại.",
                    field="confirmed_places",
                    params={"places": understood.places_sentence},
                )
            if order.bulletin.state is BulletinState.DRAFT:
                # One administrator: scheduling approves. That author and approver are one is kept on record.
                alone = order.bulletin.made_by == by.username
                unit.bulletins.approve(order.bulletin.id, by.username, now, one_person=alone)
            elif order.bulletin.state is not BulletinState.APPROVED:
                raise Refusal(
                    "not-approved", "Bản tin này không được phép phát. Hãy chọn bản tin đã duyệt.", status=409
                )
            broadcasts = self._planner.add_schedule(unit, order.schedule, by.username, now)
            return order.schedule.id, broadcasts

    def schedule_view(self, schedule: ScheduleId) -> ScheduleView:
        with self._store.read() as unit:
            return schedule_view(unit, known_schedule(unit, schedule), self._places(unit), self._now())

    def end_schedule(self, schedule: ScheduleId, by: Person) -> None:
        with self._store.write() as unit:
            known_schedule(unit, schedule)
            if unit.broadcasts.schedule_ended(schedule) is None:
                self._planner.end_schedule(unit, schedule, by.username, self._now())

    def broadcast(self, broadcast: BroadcastId) -> BroadcastView:
        with self._store.read() as unit:
            planned = _known(unit, broadcast)
            playbacks = unit.playbacks.of_broadcasts([broadcast])
            heard = {status.speaker: status for status in unit.places.statuses()}
            return views.broadcast_view(planned, playbacks, self._places(unit), heard, self._now())

    def day(self, day: date | None, area: AreaId | None = None) -> tuple[BroadcastLine, ...]:
        with self._store.read() as unit:
            now, places = self._now(), self._places(unit)
            zone = places.zone(area)
            day = day or from_utc_ms(now, zone).date()
            if day.year not in YEARS:
                return ()
            begin, end = _local_day(day, zone)
            found = [
                each for each in unit.broadcasts.starting(begin, end) if area is None or _heard_in(each, area, places)
            ]
            counts = unit.playbacks.counts([each.id for each in found])
            return tuple(views.broadcast_line(each, counts[each.id], places, now) for each in found)

    def cancel(self, broadcast: BroadcastId, by: Person) -> None:
        self._take_back(broadcast, by, stopped=False)

    def stop(self, broadcast: BroadcastId, by: Person) -> None:
        self._take_back(broadcast, by, stopped=True)

    def _take_back(self, broadcast: BroadcastId, by: Person, *, stopped: bool) -> None:
        with self._store.write() as unit:
            now = self._now()
            planned = _known(unit, broadcast)
            if planned.cancelled:
                return
            if now > planned.broadcast.hard_end:
                raise Refusal("broadcast-over", "Lượt phát này đã kết thúc, không còn gì để dừng.", status=409)
            self._planner.take_back(unit, broadcast, by.username, now, stopped=stopped)

    def test_tone(self, speaker: SpeakerId, by: Person) -> None:
        with self._store.read() as unit:
            known, heard = unit.places.speaker(speaker), unit.places.status(speaker)
        if known is None:
            raise Refusal("unknown-speaker", "Không có cụm loa này. Hãy tải lại trang cụm loa.", status=404)
        offline = Refusal(
            "speaker-offline", "Cụm loa đang mất kết nối. Hãy thử lại khi cụm loa đã kết nối.", status=409
        )
        if heard is None or not heard.online:
            raise offline
        now = self._now()
        command = Command(speaker, new_id("c"), now, UtcMs(now + TONE_MS), "test_tone", 0)
        payload = self._planner.signer.plain(command).payload.encode()
        if not self._send(build(SpeakerTopic(speaker, COMMANDS)), payload):
            raise offline

    def on_change(self, listener: Callable[[str], None]) -> Callable[[], None]:
        def committed(changes: frozenset[str]) -> None:
            for key in sorted(changes - {OUTBOX, JOBS}):
                listener(key)

        return self._store.on_commit(committed)


def _known(unit: Unit, broadcast: BroadcastId) -> Planned:
    planned = unit.broadcasts.get(broadcast)
    if planned is None:
        raise Refusal("unknown-broadcast", "Không có lượt phát này. Hãy xem lại lịch trong ngày.", status=404)
    return planned


def _check_characters(text: str, field: str) -> None:
    """PostgreSQL keeps no U+0000, UTF-8 no surrogate, and no signed document carries either."""
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise Refusal("bad-character", "Mục này có ký tự không hợp lệ. Hãy xóa và gõ lại.", field=field)


def _check_new(new: NewBulletin) -> None:
    for name in ("title", "summary", "author", "source", "language"):
        _check_characters(getattr(new, name), name)
    if not new.title.strip():
        raise Refusal("no-title", "Chưa có tiêu đề. Hãy nhập tiêu đề bản tin.", field="title")
    if len(new.title) > MAX_TITLE:
        raise Refusal(
            "title-too-long",
            "Tiêu đề dài hơn %(limit)s ký tự. Hãy rút gọn tiêu đề.",
            field="title",
            params={"limit": MAX_TITLE},
        )
    for name in ("summary", "author", "source", "language"):
        if len(getattr(new, name)) > MAX_NOTE:
            raise Refusal(
                "note-too-long", "Mục này dài hơn %(limit)s ký tự. Hãy rút gọn.", field=name, params={"limit": MAX_NOTE}
            )
    if new.field not in FIELDS:
        raise Refusal("unknown-field", "Không có lĩnh vực này. Hãy chọn lại lĩnh vực.", field="field")


def _check_text(text: str) -> None:
    _check_characters(text, "text")
    if not text.strip():
        raise Refusal("empty-text", "Chưa có nội dung. Hãy nhập nội dung bản tin.", field="text")
    _check_length(text)


def _check_length(text: str) -> None:
    limit = Limits().text_characters
    if len(text) > limit:
        raise Refusal(
            "text-too-long",
            "Nội dung dài %(length)s ký tự, nhiều hơn mức cho phép là %(limit)s. "
            "Hãy rút gọn hoặc chia thành nhiều bản tin.",
            field="text",
            params={"length": len(text), "limit": limit},
        )


def _local_day(day: date, zone: str) -> tuple[UtcMs, UtcMs]:
    begin = localise(datetime.combine(day, time()), zone)
    end = localise(datetime.combine(day + timedelta(days=1), time()), zone)
    return utc_ms(begin), utc_ms(end)


def _heard_in(planned: Planned, area: AreaId, places: Locality) -> bool:
    """Whether something of the broadcast is heard in the area: it is named, or lies above or below a named one."""
    if area not in places.tree.areas:
        return False
    near = {area, *places.tree.descendants(area), *places.tree.ancestors(area)}
    inside = {area, *places.tree.descendants(area)}
    return bool(near.intersection(planned.areas)) or any(places.where.get(s) in inside for s in planned.speakers)
