"""Areas as staff keep them: what is decided on a day, and what boxes and broadcasts follow."""

from dataclasses import replace
from datetime import date, time

import pytest

from controller.desk.places import Places
from controller.desk.reforms import End, Limit, Make, Merge, Move, Named, Piece, Rename, Split
from controller.desk.refusal import Refusal
from controller.desk.values import Person
from controller.locality import atlas, day_start
from controller.rearrange import DayKeeper
from controller.rights import Grant, Role
from protocol.envelope import open_envelope
from protocol.messages import Config
from schedules.model import AreaSettings, QuietHours, VolumeHours
from schedules.units import AreaId, DurationMs, Percent, SpeakerId, UtcMs
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, ZONE, World, once

TODAY, TOMORROW, NEXT = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 10)
NEW = AreaId("new")
NIGHT = (QuietHours(time(21), time(5)),)
QUIETER = (VolumeHours(time(20), time(6), Percent(40)),)


def config(station: World, speaker: SpeakerId) -> Config:
    """The speaker's config as it is published."""
    with station.store.read() as unit:
        held = unit.places.config(speaker)
    assert held is not None
    message = open_envelope(held.payload.encode()).message
    assert isinstance(message, Config)
    return message


@pytest.fixture
def desk(station: World) -> Places:
    return Places(station.room)


def test_a_merge_takes_speakers_along_and_leaves_the_schedule_where_it_was_approved(
    station: World, desk: Places
) -> None:
    one, other = station.add_speaker("one", TOWN), station.add_speaker("other", COMMUNE)
    before = station.schedule(once(TOMORROW, time(5)), TOWN)[0]
    after = station.schedule(once(NEXT, time(5)), TOWN)[0]
    wish = Merge((TOWN, COMMUNE), NEW, NEXT, Named("Đầm Hà mới", "xã"), DISTRICT)

    told = desk.consider(wish, ADMIN)
    assert told.ended == ("thị trấn Đầm Hà", "xã Đầm Hà")
    assert [(each.name, each.there) for each in told.moving] == [
        ("Cụm loa one", "xã Đầm Hà mới"),
        ("Cụm loa other", "xã Đầm Hà mới"),
    ]
    assert [each.areas for each in told.reviews] == ["thị trấn Đầm Hà"], "the one before that day is not concerned"
    with station.store.read() as unit:
        assert len(atlas(unit, ZONE).areas) == 10, "nothing is stored by looking"

    desk.carry_out(wish, ADMIN)
    assert station.order(before).areas == (TOWN,)
    with station.store.read() as unit:
        coming = [each for each in unit.broadcasts.live(station.now) if not each.cancelled and each.id != before]
        assert [(each.areas, each.speakers) for each in coming] == [((), (one,))]
        assert {each.speaker for each in unit.playbacks.of_broadcasts([coming[0].id])} == {one}
        gone = unit.broadcasts.get(after)
        assert gone is not None
        assert gone.superseded
        places = atlas(unit, ZONE)
        assert places.at(day_start(NEXT, ZONE)).where == {one: NEW, other: NEW}
        assert places.at(station.now).where == {one: TOWN, other: COMMUNE}
        assert {each.area for each in unit.reforms.successors()} == {TOWN, COMMUNE}
    midnight = day_start(NEXT, ZONE)
    assert [(each.area, each.ancestors, each.until_ms) for each in config(station, one).memberships] == [
        (TOWN, (DISTRICT,), midnight),
        (NEW, (DISTRICT,), 0),
    ]


def test_a_merge_keeps_the_strictest_limits(station: World, desk: Places) -> None:
    speaker = station.add_speaker("one", TOWN)
    desk.carry_out(
        Limit(TOWN, AreaSettings(quiet_hours=NIGHT, daily_cap=DurationMs(3_600_000), volume_hours=QUIETER), TODAY),
        ADMIN,
    )
    desk.carry_out(Limit(COMMUNE, AreaSettings(daily_cap=DurationMs(1_800_000)), TODAY), ADMIN)
    assert config(station, speaker).quiet_hours == NIGHT
    assert config(station, speaker).volume_hours == QUIETER
    desk.carry_out(Merge((TOWN, COMMUNE), NEW, NEXT, Named("Mới", "xã")), ADMIN)
    with station.store.read() as unit:
        held = atlas(unit, ZONE).at(day_start(NEXT, ZONE)).settings(NEW)
    assert held.quiet_hours == NIGHT
    assert held.daily_cap == 1_800_000
    assert held.volume_hours == QUIETER
    assert held.time_zone == ZONE, "what the district said before"
    assert held.one_person_station is True, "both were"


def test_a_move_keeps_what_was_forbidden_unless_asked_otherwise(station: World, desk: Places) -> None:
    desk.carry_out(Limit(DISTRICT, AreaSettings(time_zone=ZONE, quiet_hours=NIGHT), TODAY), ADMIN)
    desk.carry_out(Move(TOWN, None, TODAY), ADMIN)
    desk.carry_out(Move(COMMUNE, None, TODAY, keep_limits=False), ADMIN)
    view = desk.view(TOWN, TODAY, ADMIN)
    assert view.limits is not None
    assert view.limits.held.quiet_hours == NIGHT
    free = desk.view(COMMUNE, TODAY, ADMIN).limits
    assert free is not None
    assert free.held.quiet_hours is None


def test_a_move_opens_nothing_that_only_the_new_place_allows(station: World, desk: Places) -> None:
    station.rule(DISTRICT, night_allowed=None)
    desk.carry_out(Limit(COMMUNE, AreaSettings(night_allowed=True, daily_cap=DurationMs(60_000)), TODAY), ADMIN)
    desk.carry_out(Move(TOWN, COMMUNE, TODAY), ADMIN)
    held = desk.view(TOWN, TODAY, ADMIN).limits
    assert held is not None
    assert not held.held.night_allowed
    assert held.held.daily_cap == 60_000


def test_a_limit_is_told_whose_it_is_and_reaches_the_boxes(station: World, desk: Places) -> None:
    speaker = station.add_speaker("one", TOWN)
    wish = Limit(DISTRICT, AreaSettings(time_zone=ZONE, quiet_hours=NIGHT), TODAY)
    told = desk.consider(wish, ADMIN)
    assert ("quiet_hours", 1) in {(each.name, each.speakers) for each in told.shifts}
    desk.carry_out(wish, ADMIN)
    view = desk.view(TOWN, TODAY, ADMIN)
    assert view.limits is not None
    assert view.limits.said_by["quiet_hours"].full_name == "huyện Đầm Hà"
    assert view.limits.own.quiet_hours is None
    assert config(station, speaker).quiet_hours == NIGHT


def test_when_the_day_comes_the_boxes_are_told(station: World, desk: Places) -> None:
    speaker = station.add_speaker("one", TOWN)
    keeper = DayKeeper(station.planner)
    with station.store.write() as unit:
        keeper.turn(unit, station.now)
    desk.carry_out(Limit(TOWN, AreaSettings(quiet_hours=NIGHT), NEXT), ADMIN)
    assert config(station, speaker).quiet_hours == ()
    with station.store.write() as unit:
        assert keeper.turn(unit, UtcMs(day_start(NEXT, ZONE) - 1)) == 0
        assert keeper.turn(unit, day_start(NEXT, ZONE)) == 1
        assert keeper.turn(unit, UtcMs(day_start(NEXT, ZONE) + 60_000)) == 0
    assert config(station, speaker).quiet_hours == NIGHT


def test_a_split_sends_each_speaker_and_hamlet_where_it_is_told(station: World, desk: Places) -> None:
    one, two = station.add_speaker("one", TOWN), station.add_speaker("two", TOWN)
    hamlet = AreaId("hamlet")
    desk.carry_out(Make(hamlet, Named("Phố 1", "khu phố"), TOWN, TODAY), ADMIN)
    east = Piece(AreaId("east"), Named("Đông", "xã"), (hamlet,), (one,))
    west = Piece(AreaId("west"), Named("Tây", "xã"), (), (two,))
    with pytest.raises(Refusal, match=r"1 cụm loa .* vẫn ở thị trấn Đầm Hà"):
        desk.carry_out(Split(TOWN, (east, replace(west, speakers=())), NEXT), ADMIN)
    with pytest.raises(Refusal, match="khu phố Phố 1 nằm trong thị trấn Đầm Hà"):
        desk.carry_out(Split(TOWN, (replace(east, children=()), west), NEXT), ADMIN)
    desk.carry_out(Split(TOWN, (east, west), NEXT), ADMIN)
    with station.store.read() as unit:
        there = atlas(unit, ZONE).at(day_start(NEXT, ZONE))
    assert there.where == {one: "east", two: "west"}
    assert there.tree.ancestors(hamlet) == ("east", DISTRICT)
    assert [name for _, name in desk.view(TOWN, NEXT, ADMIN).became] == ["xã Đông", "xã Tây"]
    assert not desk.view(TOWN, NEXT, ADMIN).there
    assert desk.view(TOWN, TODAY, ADMIN).there


def test_what_was_of_an_area_is_of_what_it_became(station: World, desk: Places) -> None:
    east, west = AreaId("east"), AreaId("west")
    desk.carry_out(Merge((TOWN, COMMUNE), NEW, TOMORROW, Named("Mới", "xã"), DISTRICT), ADMIN)
    desk.carry_out(Rename(NEW, Named("Mới nữa", "xã"), NEXT), ADMIN)
    pieces = (Piece(east, Named("Đông", "xã")), Piece(west, Named("Tây", "xã")))
    desk.carry_out(Split(NEW, pieces, date(2026, 12, 20)), ADMIN)
    with station.store.read() as unit:
        places = atlas(unit, ZONE)
    for day, heirs in ((TODAY, {TOWN}), (TOMORROW, {NEW}), (date(2026, 12, 20), {east, west})):
        assert places.at(day_start(day, ZONE)).heirs(TOWN) == heirs
    assert places.at(station.now).heirs(AreaId("nowhere")) == frozenset()


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (End(TOWN, NEXT), "cụm loa"),
        (End(DISTRICT, NEXT), "nằm trong huyện Đầm Hà"),
        (Move(DISTRICT, TOWN, NEXT), "không thể nằm trong chính nó"),
        (Rename(TOWN, Named("Quảng An", "xã"), NEXT), "cùng tên xã Quảng An"),
        (Rename(TOWN, Named("=1+1"), NEXT), "không được bắt đầu bằng"),
        (Rename(TOWN, Named("a\x00b"), NEXT), "ký tự lạ"),
        (Rename(TOWN, Named("  "), NEXT), "Chưa có tên"),
        (Make(NEW, Named("Mới", "xã"), AreaId("nowhere"), NEXT), "không còn hoặc chưa có"),
        (Merge((TOWN,), TOWN, NEXT), "Chưa đủ địa bàn"),
        (Merge((TOWN, AreaId("nowhere")), TOWN, NEXT), "không có địa bàn nowhere"),
        (End(COMMUNE, date(2022, 1, 1)), "chỉ bắt đầu từ ngày 01/01/2022"),
        (Rename(TOWN, Named("Mới"), date(9000, 1, 1)), "Ngày không hợp lệ"),
        (Limit(TOWN, AreaSettings(time_zone="Asia/Ha_Noi"), NEXT), "Không có múi giờ"),
        (Limit(TOWN, AreaSettings(weekdays=()), NEXT), "ít nhất một ngày trong tuần"),
        (Limit(TOWN, AreaSettings(daily_cap=DurationMs(0)), NEXT), "Số phút tối đa"),
    ],
)
def test_what_cannot_be_changes_nothing_and_says_why(
    station: World, desk: Places, wish: End | Move | Rename | Make | Merge | Limit, sentence: str
) -> None:
    station.add_speaker("one", TOWN)
    with station.store.read() as unit:
        before = atlas(unit, ZONE).areas, unit.audit.head()
    with pytest.raises(Refusal) as refused:
        desk.carry_out(wish, ADMIN)
    assert sentence in str(refused.value)
    with station.store.read() as unit:
        assert (atlas(unit, ZONE).areas, unit.audit.head()) == before


def test_a_later_plan_keeps_what_it_says_and_takes_on_the_rest(desk: Places) -> None:
    desk.carry_out(Rename(TOWN, Named("Tương lai", "phường"), NEXT), ADMIN)
    desk.carry_out(Limit(TOWN, AreaSettings(quiet_hours=NIGHT), TODAY), ADMIN)
    view = desk.view(TOWN, NEXT, ADMIN)
    assert view.area.full_name == "phường Tương lai"
    assert view.area.settings.quiet_hours == NIGHT
    assert [each.full_name for each in view.periods] == ["thị trấn Đầm Hà", "thị trấn Đầm Hà", "phường Tương lai"]


def test_only_who_may_arrange_all_the_places_concerned(desk: Places) -> None:
    town = Person("u-2", "lan", "Lan", False, (Grant(Role.ADMINISTRATOR, TOWN),))
    desk.carry_out(Rename(TOWN, Named("Khác", "thị trấn"), TODAY), town)
    for wish in (Merge((TOWN, COMMUNE), TOWN, NEXT), Move(TOWN, None, NEXT), Make(NEW, Named("M"), DISTRICT, NEXT)):
        with pytest.raises(Refusal) as refused:
            desk.carry_out(wish, town)
        assert refused.value.status == 403
    desk.carry_out(Make(NEW, Named("Phố 1", "khu phố"), TOWN, NEXT), town)
    desk.carry_out(Rename(NEW, Named("Phố 2", "khu phố"), NEXT), town)


def test_every_decision_is_in_the_audit(station: World, desk: Places) -> None:
    with station.store.read() as unit:
        before, _ = unit.audit.head()
    desk.carry_out(Rename(TOWN, Named("Mới", "xã"), NEXT), ADMIN)
    with station.store.read() as unit:
        assert unit.audit.head()[0] == before + 1
