"""The office: the Desk over the store. Each call is one unit of work; a Refusal changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from audio.parts import Part, PartKind, simple
from controller.desk import views
from controller.desk.checked import checks
from controller.desk.composing import check_new, check_text
from controller.desk.making import make_bulletin, text_part
from controller.desk.orders import YEARS
from controller.desk.recordings import take
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.schedules import known_schedule, schedule_view
from controller.desk.scope import Scope, scope_of
from controller.desk.sight import (
    heard_in,
    is_asked_for,
    pruned,
    require_heard,
    sees_bulletin,
    sees_clip,
    sees_targets,
)
from controller.desk.timetable import Timetable
from controller.desk.values import (
    AreaNode,
    BroadcastLine,
    BroadcastView,
    BulletinView,
    NewBulletin,
    NewSchedule,
    Person,
    Scheduled,
    ScheduleView,
    SpeakerView,
    Understanding,
)
from controller.desk.voices import Voicing, check_choice
from controller.ids import new_id
from controller.locality import Locality, locality
from controller.preparation import JOBS
from controller.rights import Operation, may, places_of
from controller.store.outbox import OUTBOX
from controller.store.series import schedule_json
from controller.store.unit import Unit
from controller.store.values import Bulletin, Planned
from protocol.messages import Command
from protocol.topics import COMMANDS, SpeakerTopic, build
from schedules.model import Targets
from schedules.units import AreaId, BroadcastId, BulletinId, ClipId, ScheduleId, SpeakerId, UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms

LOOKED_AT = 200
MOST_LOOKED_AT = 10_000
"""So far back the newest bulletins are gone through for those of somebody's places."""
TONE_MS = 10_000
"""A test tone not begun by then is not played at all."""


class Office:
    """What staff can do."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._store, self._planner, self._clips = room.store, room.planner, room.clips
        self._send, self._now, self._zone = room.send, room.now, room.zone

    def _places(self, unit: Unit) -> Locality:
        return locality(unit, self._now(), self._zone)

    def _scope(self, unit: Unit, by: Person) -> Scope:
        return scope_of(by, self._places(unit))

    def areas(self, by: Person, operation: Operation = Operation.SEE) -> tuple[AreaNode, ...]:
        with self._store.read() as unit:
            places = self._places(unit)
        return pruned(views.area_nodes(places), places_of(by.grants, operation, places.tree))

    def home_time_zone(self) -> str:
        with self._store.read() as unit:
            return self._places(unit).zone(None)

    def speakers(self, by: Person) -> tuple[SpeakerView, ...]:
        with self._store.read() as unit:
            places = self._places(unit)
            heard = {status.speaker: status for status in unit.places.statuses()}
        scope = scope_of(by, places)
        seen = [each for each in places.speakers.values() if scope.has(each.id)]
        shown = [views.speaker_view(each, places, heard.get(each.id)) for each in seen]
        return tuple(sorted(shown, key=lambda view: (view.area_name, view.name, view.id)))

    def bulletin_from_text(self, new: NewBulletin, text: str, by: Person) -> BulletinId:
        check_text(text)
        voice = new.voice or Voicing(self.room).usual(by, new.area)
        check_choice(voice, self.room.voices)
        return make_bulletin(self.room, new, simple(text_part(text, new.language, voice)), by)

    def bulletin_from_audio(self, new: NewBulletin, upload: Path, filename: str, by: Person) -> BulletinId:
        check_new(new)
        taken = take(self.room, upload, filename, by, title=new.title, language=new.language, area=new.area)
        return make_bulletin(self.room, new, simple(Part(PartKind.RECORDING, recording=taken)), by)

    def bulletin(self, bulletin: BulletinId, by: Person) -> BulletinView:
        with self._store.read() as unit:
            found = unit.bulletins.get(bulletin)
            if found is None:
                raise Refusal(
                    "unknown-bulletin", "Không có bản tin này. Hãy chọn lại trong danh sách bản tin.", status=404
                )
            scope = self._scope(unit, by)
            if not sees_bulletin(unit, scope, by, found) and not is_asked_for(unit, scope, bulletin):
                raise forbidden()
            return replace(self._bulletin_view(unit, found), checks=checks(unit, bulletin))

    def bulletins(self, by: Person, limit: int = 50) -> tuple[BulletinView, ...]:
        with self._store.read() as unit:
            scope, seen = self._scope(unit, by), list[Bulletin]()
            for passed_over in range(0, MOST_LOOKED_AT, LOOKED_AT):
                batch = unit.bulletins.newest(LOOKED_AT, passed_over)
                seen += [found for found in batch if sees_bulletin(unit, scope, by, found)]
                if len(seen) >= limit or len(batch) < LOOKED_AT:
                    break
            return tuple(self._bulletin_view(unit, found) for found in seen[:limit])

    @staticmethod
    def _bulletin_view(unit: Unit, found: Bulletin) -> BulletinView:
        return views.bulletin_view(found, unit.bulletins.job(found.id), unit.bulletins.clips(found.id))

    def clip_file(self, clip: ClipId, by: Person) -> Path:
        with self._store.read() as unit:
            known = unit.bulletins.clip(clip)
            if known is not None and not sees_clip(unit, self._scope(unit, by), by, clip):
                raise forbidden()
        if known is None or not self._clips.has(clip):
            raise Refusal("unknown-clip", "Không có âm thanh này. Hãy tải lại trang bản tin.", status=404)
        return self._clips.path(clip)

    def understand(self, new: NewSchedule, by: Person) -> Understanding:
        return Timetable(self.room).understand(new, by)

    def schedule(self, new: NewSchedule, by: Person) -> Scheduled:
        return Timetable(self.room).create(new, by)

    def schedule_view(self, schedule: ScheduleId, by: Person) -> ScheduleView:
        with self._store.read() as unit:
            found, scope = known_schedule(unit, schedule), self._scope(unit, by)
            if not sees_targets(scope, found.targets):
                raise forbidden()
            return schedule_view(unit, found, scope.places, self._now())

    def end_schedule(self, schedule: ScheduleId, by: Person) -> None:
        with self._store.write() as unit:
            found = known_schedule(unit, schedule)
            require_heard(self._places(unit), by, Operation.STOP, found.targets)
            if unit.broadcasts.schedule_ended(schedule) is None:
                self._planner.end_schedule(unit, schedule, by.username, self._now())
                self.room.record(unit, by, "schedule.end", f"schedule:{schedule}", schedule_json(found), None)

    def broadcast(self, broadcast: BroadcastId, by: Person) -> BroadcastView:
        with self._store.read() as unit:
            planned = _known(unit, broadcast)
            scope = self._scope(unit, by)
            if not scope.hears(planned.areas, planned.speakers):
                raise forbidden()
            playbacks = [each for each in unit.playbacks.of_broadcasts([broadcast]) if scope.has(each.speaker)]
            heard = {status.speaker: status for status in unit.places.statuses()}
            return views.broadcast_view(planned, playbacks, scope.places, heard, self._now())

    def day(self, day: date | None, by: Person, area: AreaId | None = None) -> tuple[BroadcastLine, ...]:
        with self._store.read() as unit:
            now, places = self._now(), self._places(unit)
            zone = places.zone(area)
            day = day or from_utc_ms(now, zone).date()
            if day.year not in YEARS:
                return ()
            begin, end = _local_day(day, zone)
            scope = scope_of(by, places, area)
            found = [each for each in unit.broadcasts.starting(begin, end) if scope.hears(each.areas, each.speakers)]
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
            require_heard(self._places(unit), by, Operation.STOP, Targets(planned.areas, planned.speakers))
            if planned.cancelled:
                return
            if now > planned.broadcast.hard_end:
                raise Refusal("broadcast-over", "Lượt phát này đã kết thúc, không còn gì để dừng.", status=409)
            self._planner.take_back(unit, broadcast, by.username, now, stopped=stopped)
            told = {"title": planned.title, "start": planned.broadcast.start}
            verb = "broadcast.stop" if stopped else "broadcast.cancel"
            self.room.record(unit, by, verb, f"broadcast:{broadcast}", told, None)

    def test_tone(self, speaker: SpeakerId, by: Person) -> None:
        with self._store.read() as unit:
            known, heard = unit.places.speaker(speaker), unit.places.status(speaker)
            places = self._places(unit)
            tended = may(by.grants, Operation.TEND, heard_in(places, Targets(speakers=(speaker,))), places.tree)
        if known is None:
            raise Refusal("unknown-speaker", "Không có cụm loa này. Hãy tải lại trang cụm loa.", status=404)
        if not tended:
            raise forbidden()
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
        with self._store.write() as unit:
            self.room.record(unit, by, "speaker.test", f"speaker:{speaker}", None, None)

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


def _local_day(day: date, zone: str) -> tuple[UtcMs, UtcMs]:
    begin = localise(datetime.combine(day, time()), zone)
    end = localise(datetime.combine(day + timedelta(days=1), time()), zone)
    return utc_ms(begin), utc_ms(end)
