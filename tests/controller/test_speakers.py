"""Speakers, groups and holidays as staff keep them: who is told, what is planned anew, what stays on record."""

from datetime import date, time

import pytest

from controller.desk.groups import Groups
from controller.desk.holidays import Holidays
from controller.desk.places import Places
from controller.desk.reforms import End
from controller.desk.refusal import Refusal
from controller.desk.speakers import Speakers
from controller.desk.values import NewSchedule, Person, When, WhenKind
from controller.locality import atlas, day_start
from controller.rights import Grant, Role
from controller.store.values import Planned
from schedules.model import Targets
from schedules.units import AreaId, GroupId, SpeakerId
from tests.controller.test_places import config
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, ZONE, World, once, when_daily

TODAY, TOMORROW, NEXT = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 10)
TECHNICIAN = Person("u-2", "nam", "Nam", False, (Grant(Role.TECHNICIAN, TOWN),))


def coming(station: World) -> list[Planned]:
    with station.store.read() as unit:
        return [each for each in unit.broadcasts.live(station.now) if not each.cancelled]


def expected(station: World, planned: Planned) -> set[SpeakerId]:
    with station.store.read() as unit:
        return {each.speaker for each in unit.playbacks.of_broadcasts([planned.id])}


def test_a_move_on_a_day_changes_who_is_expected_from_that_day_on(station: World) -> None:
    one, two = station.add_speaker("one", TOWN), station.add_speaker("two", TOWN)
    station.schedule(when_daily(TOMORROW), TOWN)
    Speakers(station.room).move(one, COMMUNE, NEXT, ADMIN)
    by_day = {each.broadcast.start < day_start(NEXT, ZONE): expected(station, each) for each in coming(station)}
    assert by_day == {True: {one, two}, False: {two}}
    assert [(each.area, each.until_ms) for each in config(station, one).memberships] == [
        (TOWN, day_start(NEXT, ZONE)),
        (COMMUNE, 0),
    ]
    stays = Speakers(station.room).card(one, ADMIN).stays
    assert [(each.area, each.until) for each in stays] == [("thị trấn Đầm Hà", NEXT), ("xã Đầm Hà", None)]
    Speakers(station.room).move(one, TOWN, TODAY, ADMIN)
    assert all(expected(station, each) == {one, two} for each in coming(station))


def test_a_name_reaches_the_box(station: World) -> None:
    one = station.add_speaker("one", TOWN)
    Speakers(station.room).rename(one, " Loa chợ ", TECHNICIAN)
    assert config(station, one).title == "Loa chợ"
    with pytest.raises(Refusal, match="Chưa có tên"):
        Speakers(station.room).rename(one, " ", TECHNICIAN)


def test_a_retired_speaker_is_told_and_nothing_is_planned_for_it(station: World) -> None:
    one, two = station.add_speaker("one", TOWN), station.add_speaker("two", TOWN)
    station.schedule(once(TOMORROW, time(5)), TOWN)
    Speakers(station.room).retire(one, TECHNICIAN)
    assert expected(station, coming(station)[0]) == {two}
    assert [each.until_ms for each in config(station, one).memberships] == [station.now]
    with station.store.read() as unit:
        assert one not in atlas(unit, ZONE).speakers
        assert unit.places.speaker(one) is not None, "its records can still be taken"
    with pytest.raises(Refusal, match="Không có cụm loa này"):
        Speakers(station.room).move(one, TOWN, NEXT, ADMIN)


def test_a_speaker_is_moved_by_who_keeps_both_places_and_to_a_place_that_lasts(station: World) -> None:
    one = station.add_speaker("one", TOWN)
    speakers = Speakers(station.room)
    with pytest.raises(Refusal) as refused:
        speakers.move(one, COMMUNE, NEXT, TECHNICIAN)
    assert refused.value.status == 403
    Places(station.room).carry_out(End(COMMUNE, NEXT), ADMIN)
    with pytest.raises(Refusal, match="xã Đầm Hà không có vào ngày ấy hoặc sẽ kết thúc sau đó"):
        speakers.move(one, COMMUNE, TOMORROW, ADMIN)
    with pytest.raises(Refusal, match="nowhere không có vào ngày ấy"):
        speakers.move(one, AreaId("nowhere"), TOMORROW, ADMIN)


def test_a_group_is_aimed_at_and_follows_its_speakers(station: World) -> None:
    one, two = station.add_speaker("one", TOWN), station.add_speaker("two", TOWN)
    groups = Groups(station.room)
    group = groups.make("Khu chợ", TOWN, [one], TECHNICIAN)
    order = NewSchedule(station.bulletin(), once(TOMORROW, time(5)), Targets(groups=(group,)))
    station.desk.schedule(order, ADMIN)
    assert [(each.areas, each.speakers) for each in coming(station)] == [((), (one,))]
    groups.change(group, "Khu chợ", [one, two], TECHNICIAN)
    assert [(each.areas, each.speakers) for each in coming(station)] == [((), (one, two))]
    groups.retire(group, TECHNICIAN)
    assert groups.all(TECHNICIAN) == ()
    assert len(coming(station)) == 1, "what was approved goes on"
    with pytest.raises(Refusal, match="Không có nhóm loa này"):
        groups.change(group, "Khu chợ", [one], TECHNICIAN)


def test_what_a_group_cannot_be(station: World) -> None:
    one, other = station.add_speaker("one", TOWN), station.add_speaker("other", COMMUNE)
    groups = Groups(station.room)
    groups.make("Khu chợ", TOWN, [one], ADMIN)
    for name, area, speakers, sentence in (
        ("khu CHỢ", TOWN, [one], "Đã có nhóm loa cùng tên"),
        ("Khác", TOWN, [other], "Cụm loa other không ở trong thị trấn Đầm Hà"),
        ("Khác", TOWN, [SpeakerId("unknown")], "unknown không ở trong"),
        ("Khác", TOWN, [], "Chưa chọn cụm loa nào"),
        ("@Khác", TOWN, [one], "không được bắt đầu bằng"),
    ):
        with pytest.raises(Refusal, match=sentence):
            groups.make(name, area, speakers, ADMIN)
    with pytest.raises(Refusal) as refused:
        groups.make("Khác", DISTRICT, [one], TECHNICIAN)
    assert refused.value.status == 403
    with pytest.raises(Refusal):
        groups.retire(GroupId("unknown"), ADMIN)


def test_a_series_with_its_last_day_planned_skips_a_holiday_too(station: World) -> None:
    """It brings forth nothing more, but what it brought forth is still to come."""
    station.add_speaker("one", TOWN)
    last = When(WhenKind.DAILY, TOMORROW, time(17, 0), until=NEXT)
    station.schedule(last, TOWN, skip_holidays=True)
    before = len(coming(station))
    Holidays(station.room).name(DISTRICT, NEXT, "Ngày hội", ADMIN)
    assert len(coming(station)) == before - 1
    Holidays(station.room).forget(DISTRICT, NEXT, ADMIN)
    assert len(coming(station)) == before


def test_a_named_holiday_is_skipped_by_what_skips_holidays(station: World) -> None:
    station.add_speaker("one", TOWN)
    holidays = Holidays(station.room)
    station.schedule(when_daily(TOMORROW), TOWN, skip_holidays=True)
    before = len(coming(station))
    holidays.name(DISTRICT, NEXT, "Ngày hội", ADMIN)
    assert len(coming(station)) == before - 1
    lines = holidays.of(TOWN, 2026, TECHNICIAN)
    assert ("Ngày hội", "huyện Đầm Hà", False) in {(each.name, each.area, each.own) for each in lines}
    assert any(each.area is None and each.day == date(2026, 9, 2) for each in lines)
    with pytest.raises(Refusal) as refused:
        holidays.name(TOWN, NEXT, "Riêng", TECHNICIAN)
    assert refused.value.status == 403
    holidays.forget(DISTRICT, NEXT, ADMIN)
    assert len(coming(station)) == before
    with pytest.raises(Refusal, match="Không có ngày nghỉ này"):
        holidays.forget(DISTRICT, NEXT, ADMIN)
