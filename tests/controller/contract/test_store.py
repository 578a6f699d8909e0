"""What the rest needs of the database: SQLite and PostgreSQL do it alike."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from audio.parts import PartKind
from controller.records import take_record, take_status
from controller.store import schema
from controller.store.migrate import upgrade_to
from controller.store.outbox import RANK_AUDIO, RANK_DOCUMENT, RANK_EMERGENCY
from controller.store.unit import Store, Unit
from controller.store.values import Ended, Session, User
from controller.sweep import sweep
from protocol.messages import Measured
from protocol.topics import PlaybackTopic
from protocol.versions import Version
from schedules.model import Targets
from schedules.states import PlaybackState
from schedules.units import BulletinId, ClipId, ScheduleId, SpeakerId, UtcMs
from tests.controller.world import ADMIN, TOWN, World, held


def test_the_migrations_make_exactly_the_schema(either: World) -> None:
    with either.store.read() as unit:
        context = MigrationContext.configure(unit.connection, opts={"render_as_batch": True})
        assert compare_metadata(context, schema.metadata) == []


def test_upgrading_again_changes_nothing(either: World) -> None:
    either.store.upgrade()
    with either.store.read() as unit:
        assert len(unit.places.areas()) == 10


FIRST = (
    "INSERT INTO areas (id, name, kind, valid_from, settings) VALUES ('a', 'Đầm Hà', 'huyện', '2022-01-01', '{}')",
    "INSERT INTO areas (id, parent, name, kind, valid_from, settings)"
    " VALUES ('b', 'a', 'Quảng An', 'xã', '2022-01-01', '{\"volume_max_percent\": 80}')",
    "INSERT INTO speakers (id, name) VALUES ('s', 'Cụm loa 1')",
    "INSERT INTO memberships (speaker, from_ms, area) VALUES ('s', 0, 'b')",
    "INSERT INTO bulletins (id, title, state) VALUES ('bu', 'Thông báo', 'approved')",
    "INSERT INTO schedules (id, bulletin, local_start, time_zone, targets, exceptions, rule)"
    " VALUES ('sc', 'bu', '2026-12-08T05:00:00', 'Asia/Ho_Chi_Minh', '{\"areas\": [\"b\"], \"speakers\": []}',"
    " '[]', 'join')",
    "INSERT INTO bulletins (id, title, state, text) VALUES ('bt', 'Họp thôn', 'draft', 'Kính mời bà con')",
)
"""Rows as the first revision kept them."""


def test_a_database_of_before_keeps_everything(either: World) -> None:
    """What the first revision made, with rows in it, is brought to the newest."""
    with either.store.write() as unit:
        schema.metadata.drop_all(unit.connection)
        unit.connection.execute(sa.text("DROP TABLE alembic_version"))
        upgrade_to(unit.connection, "0001")
        for statement in FIRST:
            unit.connection.exec_driver_sql(statement)
    either.store.upgrade()
    with either.store.write() as unit:
        district, commune = unit.places.areas()
        assert (district.full_name, district.parent) == ("huyện Đầm Hà", None)
        assert (commune.full_name, commune.parent) == ("xã Quảng An", district.id)
        assert commune.settings.volume_max_percent == 80
        assert [member.area for member in unit.places.members()] == [commune.id]
        schedule = unit.broadcasts.schedule(ScheduleId("sc"))
        assert schedule is not None
        assert (schedule.targets, schedule.repeats, schedule.times) == (Targets((commune.id,)), 1, ())
        recorded, written = (unit.parts.of(BulletinId(each)).parts for each in ("bu", "bt"))
        assert [part.kind for part in recorded] == [PartKind.CHIME, PartKind.RECORDING, PartKind.CLOSING]
        assert [part.text for part in written] == ["", "Kính mời bà con", ""]
        assert written[1].language == "vi"
        unit.broadcasts.end_schedule(schedule.id, Ended(either.now, "admin"))
        assert unit.broadcasts.schedule_ended(schedule.id) == Ended(either.now, "admin")


def test_a_failed_attempt_leaves_what_was_done_before_it(either: World) -> None:
    told: list[frozenset[str]] = []
    either.store.on_commit(told.append)

    def fail(unit: Unit) -> None:
        with unit.attempt():
            unit.site.put("x", "2")
            unit.changed("speakers", "day")
            raise ZeroDivisionError

    with either.store.write() as unit:
        unit.site.put("x", "1")
        unit.changed("day")
        with pytest.raises(ZeroDivisionError):
            fail(unit)
        with unit.attempt():
            unit.site.put("y", "3")
    with either.store.read() as unit:
        assert (unit.site.get("x"), unit.site.get("y")) == ("1", "3")
    assert told == [frozenset({"day"})]


def test_areas_come_back_as_they_were(either: World) -> None:
    with either.store.read() as unit:
        district, town, *_ = unit.places.areas()
    assert (district.full_name, district.settings.quiet_hours) == ("huyện Đầm Hà", ())
    assert (town.id, town.parent, town.code, town.full_name) == (TOWN, "dam-ha", "06895", "thị trấn Đầm Hà")


def test_a_block_that_raises_leaves_nothing_and_tells_nobody(either: World) -> None:
    told: list[frozenset[str]] = []
    either.store.on_commit(told.append)

    def fail() -> None:
        with either.store.write() as unit:
            unit.site.put("x", "1")
            unit.outbox.dirty(["loaxa/v1/keys/1"], RANK_DOCUMENT, either.now)
            unit.changed("speakers")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with either.store.read() as unit:
        assert unit.site.get("x") == ""
    assert told == []


def test_listeners_are_told_after_the_commit(either: World) -> None:
    seen: list[str] = []

    def listener(_: frozenset[str]) -> None:
        with either.store.read() as unit:
            seen.append(unit.site.get("x"))

    either.store.on_commit(listener)
    with either.store.write() as unit:
        unit.site.put("x", "1")
        unit.changed("speakers")
    assert seen == ["1"]


def test_writers_take_turns(either: World) -> None:
    def count() -> None:
        for _ in range(25):
            with either.store.write() as unit:
                unit.site.put("n", str(int(unit.site.get("n") or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with either.store.read() as unit:
        assert unit.site.get("n") == "100"


def test_a_read_changes_nothing(either: World) -> None:
    with either.store.read() as unit:
        unit.site.put("x", "1")
    with either.store.read() as unit:
        assert unit.site.get("x") == ""


def test_foreign_keys_hold(either: World) -> None:
    with pytest.raises(sa.exc.IntegrityError), either.store.write() as unit:
        unit.bulletins.set_clips(BulletinId("nothing"), [ClipId("0" * 64)])


def test_the_outbox_goes_by_rank_then_first_come_and_folds_a_topic(either: World) -> None:
    either.settle()
    with either.store.write() as unit:
        unit.outbox.dirty(["c", "b"], RANK_AUDIO, either.now)
        unit.outbox.dirty(["d"], RANK_DOCUMENT, either.now)
        unit.outbox.dirty(["e"], RANK_EMERGENCY, either.now)
        unit.outbox.dirty(["d", "b"], RANK_DOCUMENT, either.now)
        coming = unit.outbox.next(10, ())
        assert [each.topic for each in coming] == ["e", "b", "d", "c"]
        assert [each.topic for each in unit.outbox.next(2, {"e"})] == ["b", "d"]


def test_a_row_that_came_after_the_publish_stays(either: World) -> None:
    either.settle()
    with either.store.write() as unit:
        unit.outbox.dirty(["a"], RANK_DOCUMENT, either.now)
        taken = unit.outbox.next(1, ())[0]
    with either.store.write() as unit:
        unit.outbox.dirty(["a"], RANK_DOCUMENT, either.now)
    with either.store.write() as unit:
        unit.outbox.done("a", taken.last)
        assert [each.topic for each in unit.outbox.next(9, ())] == ["a"]


def test_the_ledger_knows_what_stands_and_what_is_over(either: World) -> None:
    with either.store.write() as unit:
        unit.outbox.retain("a", UtcMs(0), either.now)
        unit.outbox.retain("b", UtcMs(either.now - 1), either.now)
        unit.outbox.retain("b/c", UtcMs(either.now + 1), either.now)
        assert unit.outbox.expired(either.now) == ("b",)
        assert unit.outbox.retained_below("b") == ("b", "b/c")
        unit.outbox.release("b")
        assert unit.outbox.retained() == ("a", "b/c")


def test_people_and_their_sessions(either: World) -> None:
    user = User("u-9", "lan", "Chị Lan", "hash", must_change_password=True)
    with either.store.write() as unit:
        unit.people.add(user, either.now, "admin")
        for token in ("one", "two"):
            unit.people.add_session(Session(token, "u-9", "csrf", either.now, either.now))
        unit.people.set_password("u-9", "other", must_change=False)
        unit.people.end_sessions_of("u-9", but="one")
    with either.store.read() as unit:
        assert unit.people.by_username("lan") == replace(user, password_hash="other", must_change_password=False)
        assert unit.people.session("one") is not None
        assert unit.people.session("two") is None


def test_one_broadcast_from_plan_to_proof(either: World) -> None:
    """The whole way through every table, on either database."""
    speaker = either.add_speaker("s-1")
    broadcast = either.tomorrow_at_five()
    with either.store.write() as unit:
        take_status(unit, speaker, either.status(speaker, held(broadcast, Version(1, 1))), either.now)
    steps = (PlaybackState.ACCEPTED, PlaybackState.READY, PlaybackState.PLAYING, PlaybackState.PLAYED)
    measured = Measured(
        started_us=5, ended_us=30_000_005, start_error_us=-7, heard_ms=30_000, content_ms=30_000, level_cdb=-2100,
        volume_percent=60, loudness_clu=-1_950, levels_db=(-20, -22, -120), levels_step_s=10,
        microphone="heard", microphone_cdb=-900,
    )  # fmt: skip
    with either.store.write() as unit:
        for n, state in enumerate(steps, start=1):
            payload = either.record(speaker, n, broadcast, state, measured)
            stored = take_record(unit, either.signer.site, PlaybackTopic(speaker, broadcast), payload, either.now)
            assert stored is not None
            assert stored.up_to == n
    playback = either.desk.broadcast(broadcast, ADMIN).playbacks[0]
    assert (playback.state, playback.start_error_us, playback.level_cdb) == (PlaybackState.PLAYED, -7, -2100)
    assert (playback.ended, playback.played_volume, playback.loudness_clu) == (30_000, 60, -1_950)
    assert (playback.levels_db, playback.levels_step_s) == ((-20, -22, -120), 10)
    assert (playback.microphone, playback.microphone_cdb) == ("heard", -900)
    assert playback.holds_newest
    assert playback.online
    with either.store.write() as unit:
        assert sweep(unit, UtcMs(either.now + 10 * 86_400_000)) == 0


def test_a_repeated_record_is_kept_once(either: World) -> None:
    speaker = either.add_speaker("s-1")
    with either.store.write() as unit:
        assert unit.playbacks.add_record(speaker, "st", 1, "one", either.now)
        assert not unit.playbacks.add_record(speaker, "st", 1, "one", either.now)
        assert unit.playbacks.records(SpeakerId("s-1")) == (("st", 1, ""),)


def test_two_processes_see_each_others_commits(either: World) -> None:
    other = Store(_url(either))
    with other.write() as unit:
        unit.site.put("x", "from the command line")
    other.close()
    with either.store.read() as unit:
        assert unit.site.get("x") == "from the command line"


def _url(world: World) -> str:
    with world.store.read() as unit:
        return unit.connection.engine.url.render_as_string(hide_password=False)
