"""What people look at, on both databases: the programme, one speaker's day, the library."""

from datetime import date, time

import pytest

from controller.desk.library import Library
from controller.desk.programme import Programme
from controller.desk.refusal import Refusal
from controller.desk.timelines import Timelines
from controller.desk.values import NewBulletin, NewSchedule, Person, When, WhenKind
from controller.rights import Grant, Role
from controller.store.library import Search
from protocol.messages import Measured
from schedules.model import BulletinState, Priority, QuietHours, Targets
from schedules.rails import Rail
from schedules.states import PlaybackState, Reason
from schedules.units import AreaId, BulletinId, SpeakerId, UtcMs
from tests.controller.test_records import take
from tests.controller.world import ADMIN, COMMUNE, DAY_MS, DISTRICT, TOWN, World, once

MONDAY = date(2026, 12, 7)
TUESDAY = date(2026, 12, 8)


def viewer(area: AreaId) -> Person:
    return Person("u-9", "xem", "Người xem", False, (Grant(Role.VIEWER, area),))


def planned(world: World, title: str, when: When, *areas: AreaId, **more: object) -> BulletinId:
    """A bulletin of that title, and its schedule."""
    bulletin = world.bulletin(title.encode() * 4_000, title)
    new = NewSchedule(bulletin, when, Targets(areas or (TOWN,)), **more)  # type: ignore[arg-type]
    world.desk.schedule(new, ADMIN)
    return bulletin


def daily(at: time) -> When:
    return When(WhenKind.DAILY, TUESDAY, at)


def test_the_programme_goes_on_beyond_what_is_planned(either: World) -> None:
    either.add_speaker("s-1")
    planned(either, "Sáng", daily(time(5)))
    week = Programme(either.room).span(ADMIN, date(2026, 12, 7), 7)
    assert [(item.planned, item.title) for item in week.items] == [(True, "Sáng")] * 6
    later = Programme(either.room).span(ADMIN, date(2027, 12, 6), 7)
    assert [item.planned for item in later.items] == [False] * 7
    assert later.items[0].original == "2027-12-06T05:00:00"
    across = Programme(either.room).span(ADMIN, date(2026, 12, 12), 7)
    assert [item.original[:10] for item in across.items] == [f"2026-12-{day}" for day in range(12, 19)]
    assert [item.planned for item in across.items] == [True] * 3 + [False] * 4


def test_of_the_programme_one_sees_what_is_heard_in_ones_places(either: World) -> None:
    either.add_speaker("s-1", TOWN)
    either.add_speaker("s-2", COMMUNE)
    planned(either, "Thị trấn", once(TUESDAY, time(5)), TOWN)
    planned(either, "Xã", once(TUESDAY, time(6)), COMMUNE)
    planned(either, "Cả huyện", once(TUESDAY, time(7)), DISTRICT)
    seen = {
        area: [item.title for item in Programme(either.room).span(viewer(area), TUESDAY, 1).items]
        for area in (TOWN, COMMUNE, DISTRICT)
    }
    assert seen == {
        TOWN: ["Thị trấn", "Cả huyện"],
        COMMUNE: ["Xã", "Cả huyện"],
        DISTRICT: ["Thị trấn", "Xã", "Cả huyện"],
    }
    narrowed = Programme(either.room).span(ADMIN, TUESDAY, 1, COMMUNE)
    assert [item.title for item in narrowed.items] == ["Xã", "Cả huyện"]
    assert Programme(either.room).span(viewer(TOWN), TUESDAY, 1, COMMUNE).items == ()
    assert [choice.name for choice in Programme(either.room).span(viewer(TOWN), TUESDAY, 1).areas] == [
        "thị trấn Đầm Hà"
    ]
    part = Programme(either.room).span(ADMIN, TUESDAY, 1, skip=1, most=1)
    assert ([item.title for item in part.items], part.total) == (["Xã"], 3)


def test_the_board_of_the_day(either: World) -> None:
    speaker = either.add_speaker("s-1")
    noon = either.schedule(once(MONDAY, time(12, 30)))[0]
    evening = either.schedule(once(MONDAY, time(17)))[0]
    taken_back = either.schedule(once(MONDAY, time(18)))[0]
    either.desk.cancel(taken_back, ADMIN)
    either.now = UtcMs(either.order(noon).broadcast.start + 5_000)
    moves = (PlaybackState.ACCEPTED, PlaybackState.READY, PlaybackState.PLAYING)
    for n, state in enumerate(moves, start=1):
        assert take(either, either.record(speaker, n, noon, state, Measured(started_us=1)), speaker, noon)
    board = Programme(either.room).board(ADMIN, None)
    assert [[item.id for item in group] for group in (board.playing, board.coming, board.over)] == [
        [noon],
        [evening],
        [taken_back],
    ]
    assert (board.day, board.speakers, board.online) == (MONDAY, 1, 0)
    assert board.coming[0].counts == ((PlaybackState.PENDING, 1),)
    either.now = UtcMs(either.now + DAY_MS)
    yesterday = Programme(either.room).board(ADMIN, MONDAY)
    assert [item.id for item in yesterday.over] == [taken_back, evening, noon]


def test_what_a_speaker_plays_is_decided_by_the_playhead(either: World) -> None:
    speaker = either.add_speaker("s-1")
    other = either.add_speaker("s-2", COMMUNE)
    planned(either, "Thường", once(TUESDAY, time(5)))
    planned(either, "Ưu tiên", once(TUESDAY, time(5)), DISTRICT, priority=Priority.PRIORITY)
    line = Timelines(either.room).day(ADMIN, speaker, TUESDAY)
    assert [(each.title, each.outcome) for each in line.slots if not each.silent] == [("Ưu tiên", PlaybackState.PLAYED)]
    (silent,) = [each for each in line.slots if each.silent]
    assert (silent.title, silent.outcome, silent.reason) == ("Thường", PlaybackState.MISSED, Reason.PREEMPTED)
    assert [each.title for each in Timelines(either.room).day(ADMIN, other, TUESDAY).slots] == ["Ưu tiên"]
    assert [each.title for each in Timelines(either.room).day(ADMIN, speaker, MONDAY).tonight] == ["Ưu tiên"]
    later = Timelines(either.room).day(ADMIN, speaker, date(2027, 3, 1))
    assert (later.slots, later.tonight) == ((), ())


def test_a_speakers_day_beyond_what_is_planned(either: World) -> None:
    speaker = either.add_speaker("s-1")
    planned(either, "Sáng", daily(time(5)))
    (slot,) = Timelines(either.room).day(ADMIN, speaker, date(2027, 3, 1)).slots
    assert (slot.title, slot.planned) == ("Sáng", False)


def test_what_the_box_will_refuse_is_shown_as_refused(either: World) -> None:
    """The quiet hours came after the schedule."""
    speaker = either.add_speaker("s-1")
    planned(either, "Quá sớm", once(TUESDAY, time(5)))
    either.rule(TOWN, quiet_hours=(QuietHours(time(21), time(5, 30)),))
    (slot,) = Timelines(either.room).day(ADMIN, speaker, TUESDAY).slots
    assert (slot.silent, slot.rail, slot.outcome) == (True, Rail.QUIET_HOURS, PlaybackState.REFUSED)


def test_the_box_has_the_last_word(either: World) -> None:
    speaker = either.add_speaker("s-1")
    broadcast = either.schedule(once(MONDAY, time(17)))[0]
    either.now = UtcMs(either.order(broadcast).broadcast.start + 3_600_000)
    moves = (PlaybackState.ACCEPTED, PlaybackState.MISSED)
    for n, state in enumerate(moves, start=1):
        reason = Reason.CLOCK if state is PlaybackState.MISSED else Reason.NONE
        assert take(either, either.record(speaker, n, broadcast, state, reason=reason), speaker, broadcast)
    (slot,) = Timelines(either.room).day(ADMIN, speaker).slots
    assert (slot.outcome, slot.said, slot.said_reason) == (PlaybackState.PLAYED, PlaybackState.MISSED, Reason.CLOCK)


def test_a_speaker_elsewhere_is_not_shown(either: World) -> None:
    here, there = either.add_speaker("s-1", TOWN), either.add_speaker("s-2", COMMUNE)
    assert [each.id for each in Timelines(either.room).speakers(viewer(TOWN))] == [here]
    for speaker, code in ((there, "forbidden"), (SpeakerId("s-none"), "unknown-speaker")):
        with pytest.raises(Refusal) as caught:
            Timelines(either.room).day(viewer(TOWN), speaker)
        assert caught.value.code == code


def found(world: World, by: Person = ADMIN, **search: object) -> list[str]:
    return [each.title for each in Library(world.room).bulletins(by, Search(**search)).bulletins]  # type: ignore[arg-type]


def test_the_library_is_searched_with_and_without_diacritics(either: World) -> None:
    for title in ("Họp thôn Trại Khe", "Hợp tác xã họp", "Lịch tiêm chủng 100%", "Đường lối"):
        either.desk.bulletin_from_text(NewBulletin(title, author="Nguyễn Thị Én"), "Kính mời bà con.", ADMIN)
        either.now = UtcMs(either.now + 1)
    assert found(either, words="hop thon") == ["Họp thôn Trại Khe"]
    assert found(either, words="HỌP") == ["Hợp tác xã họp", "Họp thôn Trại Khe"]
    assert found(either, words="họp thôn") == ["Họp thôn Trại Khe"]
    assert found(either, words="hợp")[0] == "Hợp tác xã họp", "what is written so goes first"
    assert found(either, words="kinh moi ba con duong") == ["Đường lối"]
    assert found(either, words="100%") == ["Lịch tiêm chủng 100%"]
    assert found(either, words="%") == ["Lịch tiêm chủng 100%"]
    assert found(either, words="_") == []
    assert len(found(either, author="Nguyễn Thị Én")) == len(found(either, author="admin")) == 4
    assert found(either, author="ai đó") == []
    assert found(either, words="hop", field=2) == []
    assert len(found(either, field=1, state=BulletinState.DRAFT)) == 4
    assert Library(either.room).bulletins(ADMIN, Search()).authors == ("Nguyễn Thị Én", "admin")
    part = Library(either.room).bulletins(ADMIN, Search(), skip=3, most=3)
    assert ([each.title for each in part.bulletins], part.total) == (["Họp thôn Trại Khe"], 4)


def test_the_library_says_where_something_is_used(either: World) -> None:
    speaker = either.add_speaker("s-1")
    bulletin = planned(either, "Sáng", daily(time(5)))
    unused = either.bulletin(b"khac" * 5_000, "Chưa dùng")
    (first, *_) = Programme(either.room).span(ADMIN, TUESDAY, 1).items
    either.now = UtcMs(first.start + 60_000)
    moves = (PlaybackState.ACCEPTED, PlaybackState.READY, PlaybackState.PLAYING, PlaybackState.PLAYED)
    for n, state in enumerate(moves, start=1):
        measured = Measured(started_us=first.start * 1000, heard_ms=30_000, content_ms=30_000)
        assert take(either, either.record(speaker, n, first.id, state, measured), speaker, first.id)
    uses = Library(either.room).bulletins(ADMIN, Search()).uses
    assert (uses[bulletin].schedules, uses[bulletin].last_heard) == (1, first.start)
    assert uses[bulletin].next_start == UtcMs(first.start + DAY_MS)
    assert (uses[unused].schedules, uses[unused].next_start, uses[unused].last_heard) == (0, None, None)
    used = Library(either.room).used(ADMIN, bulletin)
    assert [view.words for view in used.schedules] == ["hàng ngày lúc 05:00, từ ngày 08/12/2026"]
    assert used.broadcasts[-1].id == first.id
    clips = Library(either.room).clips(ADMIN, Search("sang"))
    assert [[title for _, title in clip.bulletins] for clip in clips.clips] == [["Sáng"]]
    assert Library(either.room).clips(ADMIN, Search()).total == 2


def test_the_library_of_ones_places(either: World) -> None:
    either.add_speaker("s-1", TOWN)
    either.add_speaker("s-2", COMMUNE)
    planned(either, "Thị trấn", once(TUESDAY, time(5)), TOWN)
    planned(either, "Cả huyện", once(TUESDAY, time(6)), DISTRICT)
    commune = planned(either, "Xã", once(TUESDAY, time(7)), COMMUNE)
    assert sorted(found(either, viewer(TOWN))) == ["Cả huyện", "Thị trấn"]
    assert Library(either.room).clips(viewer(TOWN), Search()).total == 2
    for bulletin, code in ((commune, "forbidden"), (BulletinId("bu-none"), "unknown-bulletin")):
        with pytest.raises(Refusal) as caught:
            Library(either.room).used(viewer(TOWN), bulletin)
        assert caught.value.code == code
