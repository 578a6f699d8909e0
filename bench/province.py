"""A province in a store: areas, speakers, and a daily programme of every commune, approved and not yet planned.

What is not the thing measured (preparing sound, asking for approval) is written straight into the store, through
its repositories, as the controller itself would have left it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time

from audio.clips import ClipStore, RecordingStore
from bench.workplace import Workplace
from controller.collecting import collect_rarely
from controller.desk.room import Room
from controller.founding import open_site
from controller.planning import Planner
from controller.proof import digest_of
from controller.settings import Settings
from controller.store.changes import Change, ChangeState
from controller.store.unit import Store, Unit
from controller.store.values import Bulletin, ChangeId, Clip, Content, Member, Speaker
from schedules.model import Area, AreaSettings, BulletinState, ClipRef, Priority, QuietHours, Schedule, Targets
from schedules.units import AreaId, BulletinId, ClipId, DurationMs, ScheduleId, SpeakerId, UtcMs

ZONE = "Asia/Ho_Chi_Minh"
NOW = UtcMs(1_796_619_600_000)
"""Monday 2026-12-07, 12:00 there."""
SINCE = date(2022, 1, 1)
SPEAKERS_PER_AREA = 11
"""About 2,000 speakers in 180 areas."""
A_DAY = 10
SLOTS = tuple(time(hour, minute) for hour in (5, 6, 11, 17, 18) for minute in (0, 30))
CLIP_MS = 600_000
SETTINGS = AreaSettings(time_zone=ZONE, quiet_hours=(QuietHours(time(21), time(4, 30)),))


@dataclass(frozen=True, slots=True)
class Province:
    """Everything over one store, at NOW."""

    room: Room
    communes: tuple[AreaId, ...]
    speakers: int

    @property
    def store(self) -> Store:
        return self.room.store

    @property
    def planner(self) -> Planner:
        return self.room.planner


@contextmanager
def province(place: Workplace, speakers: int, url: str = "") -> Iterator[Province]:
    """`speakers` of them, each commune with its share and ten broadcasts a day; nothing is planned yet."""
    collect_rarely()
    name = hashlib.sha256(f"{url}{speakers}".encode()).hexdigest()[:8]
    founded = open_site(Settings(data=place.folder / name, database_url=url))
    try:
        with founded.store.write() as unit:
            communes = _places(unit, speakers)
            bulletins = _bulletins(unit)
            for commune in communes:
                _programme(unit, commune, bulletins)
        room = Room(
            founded.store,
            Planner(founded.signer, ZONE, 7),
            ClipStore(place.folder / name / "clips"),
            RecordingStore(place.folder / name / "recordings"),
            lambda _topic, _payload: False,
            lambda: NOW,
        )
        yield Province(room, communes, speakers)
    finally:
        founded.store.close()


def _places(unit: Unit, speakers: int) -> tuple[AreaId, ...]:
    count = max(1, speakers // SPEAKERS_PER_AREA)
    root = AreaId("province")
    unit.places.add_area(Area(root, None, "Quảng Ninh", "tỉnh", SINCE, settings=SETTINGS), NOW, "bench")
    communes = tuple(AreaId(f"commune-{number:04}") for number in range(count))
    for number, commune in enumerate(communes):
        unit.places.add_area(Area(commune, root, f"số {number}", "xã", SINCE), NOW, "bench")
    for number in range(speakers):
        speaker = SpeakerId(f"s-{number:06}")
        unit.places.add_speaker(Speaker(speaker, f"Cụm loa {number}", ""), NOW, "bench")
        unit.places.add_member(Member(speaker, communes[number % count], UtcMs(0), UtcMs(0)))
    return communes


def _bulletins(unit: Unit) -> tuple[tuple[BulletinId, Content], ...]:
    """One bulletin per slot of the day, approved, with a clip of ten minutes that exists in the books only."""
    return tuple(_bulletin(unit, number) for number in range(A_DAY))


def _bulletin(unit: Unit, number: int) -> tuple[BulletinId, Content]:
    bulletin = BulletinId(f"bu-{number}")
    clip = ClipId(hashlib.sha256(str(number).encode()).hexdigest())
    unit.bulletins.add(
        Bulletin(
            bulletin, f"Bản tin số {number}", 1, "", "", "", "vi", Priority.NORMAL, BulletinState.APPROVED,
            "Kính mời bà con theo dõi.", "Kính mời bà con theo dõi.", "", "leader", False, NOW, "editor",
        )
    )  # fmt: skip
    ref = ClipRef(clip, 1_800_000, DurationMs(CLIP_MS), clip)
    unit.bulletins.add_clip(Clip(ref, -1600, -150, ""), NOW)
    unit.bulletins.set_clips(bulletin, [clip])
    content = Content(f"Bản tin số {number}", "", "", Priority.NORMAL, (clip,))
    unit.bulletins.put_on_air(bulletin, content)
    return bulletin, content


def _programme(unit: Unit, commune: AreaId, bulletins: tuple[tuple[BulletinId, Content], ...]) -> None:
    for slot, (bulletin, content) in zip(SLOTS, bulletins, strict=True):
        schedule = Schedule(
            id=ScheduleId(f"sc-{commune}-{slot:%H%M}"),
            bulletin=bulletin,
            local_start=datetime.combine(date(2026, 12, 1), slot),
            time_zone=ZONE,
            targets=Targets((commune,)),
            rrule="FREQ=DAILY",
        )
        unit.broadcasts.add_schedule(schedule, NOW, "editor")
        _approve(unit, schedule, content)


def _approve(unit: Unit, schedule: Schedule, content: Content) -> None:
    digest = digest_of(schedule, {schedule.bulletin: content})
    change = ChangeId("ch-bench")
    if unit.approvals.change(change) is None:
        unit.approvals.put(
            Change(
                change, schedule.bulletin, ChangeState.APPROVED, (), {}, "", False, "", UtcMs(0), "leader", NOW, "",
                False, NOW, "editor",
            )
        )  # fmt: skip
    unit.approvals.allow(digest, schedule.id, change, NOW, "leader")
