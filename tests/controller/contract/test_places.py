"""Decisions about places, as both databases keep them."""

from datetime import date, time

from controller.desk.groups import Groups
from controller.desk.holidays import Holidays
from controller.desk.places import Places
from controller.desk.reforms import Limit, Merge, Named
from controller.desk.speakers import Speakers
from controller.locality import atlas, day_start
from schedules.model import AreaSettings, QuietHours
from schedules.units import AreaId
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, ZONE, World, once

TODAY, NEXT, NEW = date(2026, 12, 7), date(2026, 12, 10), AreaId("new")
NIGHT = (QuietHours(time(21), time(5)),)


def test_places_are_kept_and_found_again(either: World) -> None:
    one, two = either.add_speaker("one", TOWN), either.add_speaker("two", COMMUNE)
    either.schedule(once(NEXT, time(17)), TOWN)
    desk = Places(either.room)
    desk.carry_out(Limit(TOWN, AreaSettings(quiet_hours=NIGHT), TODAY), ADMIN)
    group = Groups(either.room).make("Nhóm", DISTRICT, [one, two], ADMIN)
    desk.carry_out(Merge((TOWN, COMMUNE), NEW, NEXT, Named("Mới", "xã"), DISTRICT), ADMIN)
    Holidays(either.room).name(DISTRICT, NEXT, "Hội", ADMIN)
    Speakers(either.room).retire(two, ADMIN)
    with either.store.read() as unit:
        there = atlas(unit, ZONE).at(day_start(NEXT, ZONE))
        coming = [each for each in unit.broadcasts.live(either.now) if not each.cancelled]
        assert {each.speaker for each in unit.playbacks.of_broadcasts([coming[0].id])} == {one}
        assert unit.places.named_days(TODAY, NEXT) == {DISTRICT: {NEXT: "Hội"}}
    assert there.where == {one: NEW}
    assert there.settings(NEW).quiet_hours == NIGHT
    assert there.heirs(TOWN) == {NEW}
    assert there.groups[group].speakers == (one, two)
    assert [(each.areas, each.speakers) for each in coming] == [((), (one,))]
