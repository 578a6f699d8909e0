"""The worked example of docs/areas.md, carried out as it is written there, with speakers and schedules in it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from controller.desk.places import Places, area_of
from controller.desk.reforms import Limit
from controller.desk.values import When, WhenKind
from controller.locality import atlas, day_start
from controller.store.values import Planned
from controller.web.api.shapes_places import WishIn
from schedules.model import AreaSettings, QuietHours
from schedules.units import AreaId, SpeakerId, UtcMs
from schedules.wall import utc_ms
from tests.controller.test_places import config
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, ZONE, World, once, world

DOC = Path(__file__).parents[2] / "docs" / "areas.md"
EVE, DAY, AFTER = date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 2)
OLD_QUANG_TAN = AreaId("dam-ha-06913")
NIGHT = (QuietHours(time(21), time(5)),)
WISH: TypeAdapter[WishIn] = TypeAdapter(WishIn)


def steps() -> list[str]:
    text = DOC.read_text(encoding="utf-8").partition("<!-- worked example")[2]
    return text.partition("```json\n")[2].partition("```")[0].splitlines()


@pytest.fixture
def station(tmp_path: Path) -> Iterator[World]:
    """The district of 2022 at noon of its last day, run by one person; one speaker in each of three units."""
    with world(tmp_path) as made:
        settings = AreaSettings(time_zone=ZONE, quiet_hours=NIGHT, one_person_station=True)
        Places(made.room).carry_out(Limit(DISTRICT, settings, date(2022, 1, 1)), ADMIN)
        made.now = utc_ms(datetime(2025, 6, 30, 5, tzinfo=UTC))
        for name, area in (("town", TOWN), ("commune", COMMUNE), ("tan", OLD_QUANG_TAN)):
            made.add_speaker(name, area)
        yield made


def carry_out(station: World) -> list[AreaId]:
    desk = Places(station.room)
    made: list[AreaId] = []
    for line in steps():
        given = json.loads(line)
        if given.get("parent") == "tỉnh Quảng Ninh":
            given["parent"] = made[0]
        wish = WISH.validate_python(given).wish()
        desk.carry_out(wish, ADMIN)
        made.append(area_of(wish))
    return made


def sounding(station: World, day: date) -> dict[str, Planned]:
    """What is planned on the day and not taken back, by title."""
    begin, end = day_start(day, ZONE), day_start(day, ZONE) + 86_400_000
    with station.store.read() as unit:
        live = unit.broadcasts.live(station.now)
        return {each.title: each for each in live if not each.cancelled and begin <= each.broadcast.start < end}


def test_the_merge_of_dam_ha(station: World) -> None:
    province, quang_tan, dam_ha, _ = carry_out(station)
    with station.store.read() as unit:
        places = atlas(unit, ZONE)
    before, after = places.at(UtcMs(day_start(DAY, ZONE) - 1)), places.at(day_start(DAY, ZONE))
    assert [before.tree.areas[each].full_name for each in before.tree.children[None]] == ["huyện Đầm Hà"]
    assert len(before.tree.children[DISTRICT]) == 9
    assert before.where == {"town": TOWN, "commune": COMMUNE, "tan": OLD_QUANG_TAN}
    assert [after.tree.areas[each].full_name for each in after.tree.children[None]] == ["tỉnh Quảng Ninh"]
    communes = {after.tree.areas[each].full_name for each in after.tree.children[province]}
    assert communes == {"xã Quảng Tân", "xã Đầm Hà"}
    assert len(after.tree.areas) == 3
    assert after.where == {"town": dam_ha, "commune": dam_ha, "tan": quang_tan}

    desk = Places(station.room)
    for day, area, said_by in (
        (EVE, TOWN, "huyện Đầm Hà"),
        (DAY, dam_ha, "xã Đầm Hà"),
        (DAY, quang_tan, "xã Quảng Tân"),
    ):
        limits = desk.view(area, day, ADMIN).limits
        assert limits is not None
        assert limits.held.quiet_hours == NIGHT
        assert limits.said_by["quiet_hours"].full_name == said_by
    assert [name for _, name in desk.view(COMMUNE, DAY, ADMIN).became] == ["xã Đầm Hà"]
    assert len(desk.view(dam_ha, DAY, ADMIN).came_from) == 5


def test_a_box_knows_before_midnight_where_it_will_stand(station: World) -> None:
    province, _, dam_ha, _ = carry_out(station)
    midnight = day_start(DAY, ZONE)
    stays = config(station, SpeakerId("town")).memberships
    assert [(each.area, each.ancestors, each.until_ms) for each in stays] == [
        (TOWN, (DISTRICT,), midnight),
        (dam_ha, (province,), 0),
    ]
    assert config(station, SpeakerId("town")).quiet_hours == NIGHT


def test_schedules_sound_where_they_were_approved_and_want_to_be_looked_at(station: World) -> None:
    old = once(AFTER, time(17))
    station.schedule(old, COMMUNE)
    carry_out(station)
    found = sounding(station, AFTER)
    assert [(each.areas, each.speakers) for each in found.values()] == [((), ("commune",))]
    with station.store.read() as unit:
        assert {each.speaker for each in unit.playbacks.of_broadcasts([next(iter(found.values())).id])} == {"commune"}
    station.now = day_start(AFTER, ZONE)
    reviews = Places(station.room).forest(AFTER, ADMIN).reviews
    assert [each.areas for each in reviews] == ["xã Đầm Hà"]


def test_the_whole_district_goes_on_meaning_all_its_speakers(station: World) -> None:
    station.schedule(When(WhenKind.DAILY, EVE, time(17)), DISTRICT)
    carry_out(station)
    on_eve, on_day = sounding(station, EVE), sounding(station, DAY)
    assert [(each.areas, each.speakers) for each in on_eve.values()] == [((DISTRICT,), ())]
    assert [(each.areas, each.speakers) for each in on_day.values()] == [((), ("commune", "tan", "town"))]
