"""A desk and accounts in memory, for tests of what the web room itself does with any answer of theirs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.desk.refusal import Refusal
from controller.desk.values import (
    AreaNode,
    BroadcastLine,
    BroadcastPhase,
    BroadcastView,
    BulletinView,
    ClipView,
    NewBulletin,
    NewSchedule,
    Person,
    PlaybackView,
    Preparation,
    PreparationState,
    Scheduled,
    ScheduleView,
    SpeakerView,
    Understanding,
    WhenKind,
)
from controller.rights import Operation
from schedules.model import Area, BulletinState, Priority
from schedules.states import PlaybackState, Reason
from schedules.units import (
    AreaId,
    BroadcastId,
    BulletinId,
    ClipId,
    DurationMs,
    Percent,
    ScheduleId,
    SpeakerId,
    UtcMs,
)
from tests.controller.world import ADMIN

ZONE = "Asia/Ho_Chi_Minh"
NOW = UtcMs(int(datetime(2026, 11, 23, 16, 55, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000))
CLIP = ClipId("a" * 64)
PLACES = ("thị trấn Đầm Hà", "xã Quảng Lâm", "xã Quảng An", "xã Tân Bình", "xã Dực Yên")

_S = PlaybackState


def area(number: int, name: str, parent: str | None) -> AreaNode:
    kind, _, rest = name.partition(" ") if not name.startswith("thị trấn") else ("thị trấn", "", name[9:])
    value = Area(AreaId(f"a-{number}"), AreaId(parent) if parent else None, rest, kind, date(2022, 1, 1))
    return AreaNode(value, 1 if parent else 0, 1, ())


def playback(number: int, state: PlaybackState, **more: object) -> PlaybackView:
    heard = state in (_S.PLAYED, _S.PLAYING, _S.INTERRUPTED)
    view = PlaybackView(
        speaker=SpeakerId(f"s-{number}"),
        speaker_name=f"Cụm loa {number}",
        area_name=PLACES[number % len(PLACES)],
        state=state,
        reason=Reason.NONE,
        detail="",
        have=4,
        total=4,
        started=NOW if heard else None,
        start_error_us=-412 if heard else None,
        heard=DurationMs(31_400 if heard else 0),
        content=DurationMs(31_400),
        level_cdb=-2310 if heard else None,
        underruns=0,
        online=state is not _S.PENDING,
        holds_newest=state is not _S.PENDING,
        ended=UtcMs(NOW + 31_400) if state is _S.PLAYED else None,
        played_volume=Percent(60) if heard else None,
        loudness_clu=-1_720 if heard else None,
        levels_db=(-18, -22, -61, -19) if state in (_S.PLAYED, _S.INTERRUPTED) else (),
        levels_step_s=8,
        microphone="heard" if state is _S.PLAYED else "unheard" if state is _S.INTERRUPTED else "",
        microphone_cdb=-1_250 if state is _S.PLAYED else 0,
    )
    return replace(view, **more)  # type: ignore[arg-type]


def playbacks() -> tuple[PlaybackView, ...]:
    """One of every state, and one that is downloading."""
    reasons = {
        _S.INTERRUPTED: Reason.STOPPED,
        _S.MISSED: Reason.LATE,
        _S.FAILED: Reason.DEVICE,
        _S.REFUSED: Reason.QUIET_HOURS,
        _S.CANCELLED: Reason.WITHDRAWN,
        _S.SUSPENDED: Reason.PREEMPTED,
    }
    every = [playback(n, state, reason=reasons.get(state, Reason.NONE)) for n, state in enumerate(_S, 1)]
    return (*every, playback(13, _S.ACCEPTED, have=3, total=5))


@dataclass
class DeskInMemory:
    """Keeps what it was ordered in `orders`; its views are plain values that a test may replace."""

    folder: Path
    orders: list[tuple[str, object]] = field(default_factory=list)
    made: dict[str, BulletinView] = field(default_factory=dict)
    listeners: list[Callable[[str], None]] = field(default_factory=list)
    phase: BroadcastPhase = BroadcastPhase.PLAYING
    cancelled: bool = False
    stopped: bool = False
    recurring: bool = False
    readable: bool = True
    ended: UtcMs | None = None

    def areas(self, by: Person, operation: Operation = Operation.SEE) -> tuple[AreaNode, ...]:
        children = tuple(area(n, name, "a-0") for n, name in enumerate(PLACES, 1))
        return (replace(area(0, "huyện Đầm Hà", None), children=children, speakers=len(children)),)

    def home_time_zone(self) -> str:
        return ZONE

    def speakers(self, by: Person) -> tuple[SpeakerView, ...]:
        return tuple(
            SpeakerView(
                id=SpeakerId(f"s-{n}"),
                name=f"Cụm loa {name}",
                area=AreaId(f"a-{n}"),
                area_name=name,
                online=n != 2,
                last_seen=NOW if n != 3 else None,
                now_playing=BroadcastId("b-1") if n == 1 else None,
                now_playing_title="Lịch tiêm phòng" if n == 1 else "",
                volume=80,
                clock="synced",
                clock_source="answer",
                clock_error_ms=12,
                clock_system_ms=-3_600_000 if n == 1 else 40,
                agent_version="0.1.0",
                alarms=("disk_full",) if n == 1 else (),
            )
            for n, name in enumerate(PLACES, 1)
        )

    def _new(self, new: NewBulletin, text: str, filename: str) -> BulletinId:
        if not new.title:
            raise Refusal("no-title", "Bản tin cần có tiêu đề.", field="title")
        bulletin = BulletinId(f"n-{len(self.made) + 1}")
        self.made[bulletin] = BulletinView(
            id=bulletin,
            title=new.title,
            field=new.field,
            summary=new.summary,
            author=new.author,
            source=new.source,
            language=new.language,
            priority=new.priority,
            state=BulletinState.DRAFT,
            text=text,
            spoken=self.spoken(text) if text else "",
            filename=filename,
            preparation=Preparation(PreparationState.DONE, "", 100),
            clips=(ClipView(CLIP, 123_456, DurationMs(31_400), -1610, -180),),
            created=NOW,
            created_by="admin",
        )
        return bulletin

    def bulletin_from_text(self, new: NewBulletin, text: str, by: Person) -> BulletinId:
        if not text.strip():
            raise Refusal("empty-text", "Văn bản đang trống. Hãy gõ nội dung cần đọc.", field="text")
        return self._new(new, text, "")

    def bulletin_from_audio(self, new: NewBulletin, upload: Path, filename: str, by: Person) -> BulletinId:
        self.orders.append(("audio", (filename, upload.read_bytes())))
        return self._new(new, "", filename)

    def bulletin(self, bulletin: BulletinId, by: Person) -> BulletinView:
        if bulletin not in self.made:
            raise Refusal("unknown-bulletin", "Không có bản tin này.", status=404)
        return self.made[bulletin]

    def bulletins(self, by: Person, limit: int = 50) -> tuple[BulletinView, ...]:
        return tuple(self.made.values())[:limit]

    def clip_file(self, clip: ClipId, by: Person) -> Path:
        path = self.folder / "clip.ogg"
        path.write_bytes(b"OggS" + bytes(100))
        return path

    def spoken(self, text: str) -> str:
        return text.replace("UBND", "Ủy ban nhân dân")

    def understand(self, new: NewSchedule, by: Person) -> Understanding:
        if not new.targets.areas and not new.targets.speakers:
            raise Refusal("no-place", "Hãy chọn ít nhất một địa bàn.", field="areas")
        names = {node.area.id: node.area.full_name for root in self.areas(ADMIN) for node in (root, *root.children)}
        if unknown := [place for place in new.targets.areas if place not in names]:
            raise Refusal("unknown-area", "Không có địa bàn %(area)s.", field="areas", params={"area": unknown[0]})
        places = ", ".join(names[place] for place in new.targets.areas)
        at = datetime.combine(new.when.day, new.when.at, ZoneInfo(ZONE)) if new.when.day and new.when.at else None
        return Understanding(
            sentence=f"Phát tại {places}, âm lượng {new.volume} %.",
            places_sentence=places,
            speakers=5,
            time_zone=ZONE,
            starts=(at,) if at else (datetime.fromtimestamp(NOW / 1000, UTC),),
            needs_confirmation=new.priority is Priority.EMERGENCY,
        )

    def schedule(self, new: NewSchedule, by: Person) -> Scheduled:
        understood = self.understand(new, by)
        if understood.needs_confirmation and new.confirmed_places != understood.places_sentence:
            raise Refusal("not-confirmed", "Hãy xác nhận nơi phát khẩn cấp.", field="confirmed_places")
        if new.when.kind is not WhenKind.NOW and (new.when.day or date.min) < date(2026, 11, 23):
            raise Refusal("past", "Giờ phát đã qua. Hãy chọn giờ khác.", field="at")
        self.orders.append(("schedule", new))
        return Scheduled(ScheduleId("h-1"), (BroadcastId("b-1"),))

    def schedule_view(self, schedule: ScheduleId, by: Person) -> ScheduleView:
        if schedule != "h-1":
            raise Refusal("unknown-schedule", "Không có lịch này.", status=404)
        return ScheduleView(
            id=schedule,
            bulletin=BulletinId("n-1"),
            title="Lịch tiêm phòng cho đàn gia súc",
            words="thứ 2, 4, 6 hàng tuần lúc 17:00, từ ngày 23/11/2026" if self.readable else "",
            recurring=self.recurring,
            places_sentence="huyện Đầm Hà",
            time_zone=ZONE,
            starts=() if self.ended or not self.readable else (datetime(2026, 11, 25, 17, tzinfo=ZoneInfo(ZONE)),),
            ended=self.ended,
            ended_by="admin" if self.ended else "",
        )

    def end_schedule(self, schedule: ScheduleId, by: Person) -> None:
        self.schedule_view(schedule, by)
        self.orders.append(("end", schedule))
        self.ended = NOW

    def broadcast(self, broadcast: BroadcastId, by: Person) -> BroadcastView:
        if broadcast != "b-1":
            raise Refusal("unknown-broadcast", "Không có lượt phát này.", status=404)
        return BroadcastView(
            id=broadcast,
            bulletin=BulletinId("n-1"),
            schedule=ScheduleId("h-1"),
            title="Lịch tiêm phòng cho đàn gia súc",
            priority=Priority.NORMAL,
            phase=self.phase,
            start=UtcMs(NOW + 300_000),
            latest_start=UtcMs(NOW + 360_000),
            hard_end=UtcMs(NOW + 400_000),
            time_zone=ZONE,
            duration=DurationMs(31_400),
            volume=Percent(80),
            places_sentence="huyện Đầm Hà (5 cụm loa)",
            epoch=1,
            revision=1,
            cancelled=self.cancelled,
            stopped=self.stopped,
            playbacks=playbacks(),
        )

    def day(self, day: date | None, by: Person, area: AreaId | None = None) -> tuple[BroadcastLine, ...]:
        view = self.broadcast(BroadcastId("b-1"), ADMIN)
        return tuple(
            BroadcastLine(
                id=view.id,
                title=view.title,
                priority=priority,
                phase=phase,
                start=view.start,
                time_zone=ZONE,
                duration=view.duration,
                places_sentence=view.places_sentence,
                counts=counts,
            )
            for phase, priority, counts in (
                (BroadcastPhase.PLAYING, Priority.EMERGENCY, ((_S.PLAYING, 4), (_S.READY, 1))),
                (BroadcastPhase.COMING, Priority.PRIORITY, ((_S.READY, 5),)),
                (BroadcastPhase.COMING, Priority.NORMAL, ((_S.READY, 3), (_S.ACCEPTED, 1), (_S.PENDING, 1))),
                (BroadcastPhase.OVER, Priority.NORMAL, ((_S.PLAYED, 4), (_S.MISSED, 1))),
                (BroadcastPhase.CANCELLED, Priority.NORMAL, ((_S.CANCELLED, 5),)),
            )
        )

    def cancel(self, broadcast: BroadcastId, by: Person) -> None:
        self.orders.append(("cancel", broadcast))
        self.cancelled = True

    def stop(self, broadcast: BroadcastId, by: Person) -> None:
        self.orders.append(("stop", broadcast))
        self.stopped = True

    def test_tone(self, speaker: SpeakerId, by: Person) -> None:
        self.orders.append(("tone", speaker))

    def on_change(self, listener: Callable[[str], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)
