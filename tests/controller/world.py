"""A small station in a store: Đầm Hà's units, speakers with real keys, a prepared bulletin, a clock in hand."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher

from audio.clips import ClipStore, RecordingStore
from controller.configs import publish_config
from controller.desk.listening import Hearing
from controller.desk.office import Office
from controller.desk.room import Room
from controller.desk.values import NewBulletin, NewSchedule, Person, When, WhenKind
from controller.founding import open_site
from controller.planning import Planner
from controller.rights import EVERYWHERE, Grant, Role
from controller.seed import seed_dam_ha
from controller.settings import Settings
from controller.signing import Signer
from controller.store.unit import Store
from controller.store.values import Clip, Member, Speaker, User
from protocol.clips import index_sha256, make_index
from protocol.codec import dump
from protocol.envelope import open_envelope, seal, signed_bytes
from protocol.keys import SigningKey
from protocol.messages import SILENCE_CDB, BroadcastHeld, BroadcastOrder, Measured, PlaybackRecord, Status
from protocol.versions import Version
from schedules.model import ClipRef, Priority, Targets
from schedules.states import PlaybackState, Reason
from schedules.units import AreaId, BroadcastId, BulletinId, ClipId, DurationMs, Percent, SpeakerId, UtcMs

MONDAY_NOON = UtcMs(1_796_619_600_000)
"""Monday 2026-12-07, 12:00 in Đầm Hà (05:00 UTC)."""
DAY_MS = 86_400_000
ZONE = "Asia/Ho_Chi_Minh"
TOWN, COMMUNE = AreaId("dam-ha-06895"), AreaId("dam-ha-06916")
DISTRICT = AreaId("dam-ha")
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""How strong argon2 is, is argon2's affair."""
PASSWORD = "một câu dài dễ nhớ"
ADMIN = Person("u-1", "admin", "Quản trị viên", False, (Grant(Role.ADMINISTRATOR, EVERYWHERE),))


@dataclass
class World:
    """Everything over one store; `now` is what the clock reads."""

    store: Store
    signer: Signer
    clips: ClipStore
    folder: Path
    now: UtcMs = MONDAY_NOON
    speakers: dict[SpeakerId, SigningKey] = field(default_factory=dict)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    reachable: bool = True

    @property
    def planner(self) -> Planner:
        return Planner(self.signer, ZONE, 7)

    @property
    def desk(self) -> Office:
        return Office(self.room)

    @property
    def room(self) -> Room:
        return Room(
            self.store,
            self.planner,
            self.clips,
            RecordingStore(self.folder / "recordings"),
            self._send,
            lambda: self.now,
        )

    def _send(self, topic: str, payload: bytes) -> bool:
        if self.reachable:
            self.sent.append((topic, payload))
        return self.reachable

    def person(self, role: Role, area: AreaId = EVERYWHERE, name: str = "") -> Person:
        """Somebody who has `role` in `area`; the same names give the same person. Signs in with PASSWORD."""
        username = name or f"{role}-{area}".rstrip("-")
        with self.store.write() as unit:
            user = unit.people.by_username(username)
            if user is None:
                user = User(f"u-{username}", username, f"Ông {username}", CHEAP.hash(PASSWORD), False)
                unit.people.add(user, self.now, "test")
            held = {*unit.people.grants(user.id), Grant(role, area)}
            unit.people.set_grants(user.id, held, self.now, "test")
            return Person(user.id, username, user.display_name, False, unit.people.grants(user.id), "192.0.2.1")

    def rule(self, area: AreaId, **settings: object) -> None:
        """Change what holds in the area from its beginning, e.g. `one_person_station=False`."""
        with self.store.write() as unit:
            period = next(each for each in unit.places.areas() if each.id == area)
            changed = replace(period.settings, **settings)  # type: ignore[arg-type]
            unit.places.put_period(replace(period, settings=changed), self.now, "test")

    def listen(self, by: Person, *bulletins: BulletinId) -> None:
        """They hear all of what was written last."""
        for bulletin in bulletins:
            Hearing(self.room).fetched(self.clip_of(bulletin), by)
            self.now = UtcMs(self.now + 31_000)
            Hearing(self.room).played(self.clip_of(bulletin), 30_000, by)

    def add_speaker(self, name: str, area: AreaId = TOWN) -> SpeakerId:
        speaker, key = SpeakerId(name), SigningKey.generate()
        with self.store.write() as unit:
            unit.places.add_speaker(Speaker(speaker, f"Cụm loa {name}", key.public_hex), self.now, "test")
            unit.places.add_member(Member(speaker, area, UtcMs(0), UtcMs(0)))
            publish_config(unit, self.signer, speaker, self.now, ZONE)
        self.speakers[speaker] = key
        return speaker

    def bulletin(self, data: bytes = b"sound" * 10_000, title: str = "Thông báo", by: Person = ADMIN) -> BulletinId:
        """A bulletin whose sound is ready: `data` stands for its Opus file, 30 s long."""
        bulletin = self.desk.bulletin_from_text(NewBulletin(title), "Kính mời bà con", by)
        source = self.folder / "clip"
        source.write_bytes(data)
        clip = self.clips.add(source)
        assert clip == hashlib.sha256(data).hexdigest()
        index = make_index(clip, data)
        ref = ClipRef(clip, len(data), DurationMs(30_000), index_sha256(index))
        with self.store.write() as unit:
            unit.bulletins.add_clip(Clip(ref, -1600, -150, dump(index).decode()), self.now)
            unit.bulletins.set_clips(bulletin, [clip])
            unit.bulletins.move_job(bulletin, state="done", percent=100)
        return bulletin

    def clip_of(self, bulletin: BulletinId) -> ClipId:
        with self.store.read() as unit:
            return unit.bulletins.clips(bulletin)[0].id

    def schedule(self, when: When, *areas: AreaId, **more: object) -> tuple[BroadcastId, ...]:
        bulletin = self.bulletin()
        new = NewSchedule(bulletin, when, Targets(areas or (TOWN,)), **more)  # type: ignore[arg-type]
        return self.desk.schedule(new, ADMIN)[1]

    def tomorrow_at_five(self, *areas: AreaId, **more: object) -> BroadcastId:
        return self.schedule(once(date(2026, 12, 8), time(5, 0)), *areas, **more)[0]

    def order(self, broadcast: BroadcastId) -> BroadcastOrder:
        """The newest revision as it is published."""
        with self.store.read() as unit:
            revision = unit.broadcasts.newest_revision(broadcast)
        assert revision is not None
        message = open_envelope(revision.payload.encode()).message
        assert isinstance(message, BroadcastOrder)
        return message

    def dirty(self) -> set[str]:
        """Topics that wait in the outbox."""
        with self.store.read() as unit:
            return {each.topic for each in unit.outbox.next(10_000, ())}

    def settle(self) -> None:
        """As if everything in the outbox had been published."""
        with self.store.write() as unit:
            for each in unit.outbox.next(10_000, ()):
                unit.outbox.done(each.topic, each.last)
                unit.outbox.retain(each.topic, UtcMs(0), self.now)

    def record(
        self,
        speaker: SpeakerId,
        n: int,
        broadcast: BroadcastId,
        state: PlaybackState,
        measured: Measured | None = None,
        *,
        key: SigningKey | None = None,
        reason: Reason = Reason.NONE,
    ) -> bytes:
        """Record `n` of the speaker's database, as the box signs it."""
        message = PlaybackRecord(
            speaker, "store1", n, broadcast, Version(1, 1), state, reason, "", self.now, measured or Measured()
        )
        return seal(signed_bytes(self.signer.site, message), key or self.speakers[speaker])

    def status(self, speaker: SpeakerId, *held: BroadcastHeld, online: bool = True, boot: str = "boot1") -> bytes:
        status = Status(
            speaker,
            self.now,
            online,
            boot,
            keys_version=1,
            config_version=Version(1, 1),
            broadcasts=held,
            clock="synced",
        )
        return dump(status)


def held(broadcast: BroadcastId, version: Version, state: PlaybackState = PlaybackState.READY) -> BroadcastHeld:
    return BroadcastHeld(broadcast, version, state, 4, 4, 0, SILENCE_CDB)


def once(day: date, at: time) -> When:
    return When(WhenKind.ONCE, day, at)


def when_daily(first: date) -> When:
    return When(WhenKind.DAILY, first, time(17, 0))


def now_when() -> When:
    return When(WhenKind.NOW)


@cache
def migrated() -> bytes:
    """An empty SQLite database of the newest schema, made by the migrations once for all tests of this process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        store = Store(f"sqlite:///{file}")
        store.upgrade()
        store.close()
        return file.read_bytes()


@contextmanager
def world(folder: Path, url: str = "", *, demo: bool = True) -> Iterator[World]:
    """A founded site with Đầm Hà's areas; closed at the end. `url` "": over SQLite."""
    settings = Settings(data=folder / "data", database_url=url)
    if not url:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(settings.database.removeprefix("sqlite:///")).write_bytes(migrated())
    founded = open_site(settings)
    seed_dam_ha(founded.store, demo, UtcMs(MONDAY_NOON - DAY_MS))
    try:
        yield World(founded.store, founded.signer, ClipStore(folder / "data" / "clips"), folder)
    finally:
        founded.store.close()


__all__ = [
    "ADMIN",
    "COMMUNE",
    "DISTRICT",
    "MONDAY_NOON",
    "TOWN",
    "Percent",
    "Priority",
    "World",
    "held",
    "now_when",
    "once",
    "when_daily",
    "world",
]  # fmt: skip
