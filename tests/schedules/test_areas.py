"""The tree of places: before and after the merger of 2025, settings from above, who is addressed."""

from datetime import date, time

import pytest

from schedules.areas import AreaTree, BadAreas, UnknownArea, tree_on
from schedules.model import Area, AreaSettings, QuietHours, Targets
from schedules.units import AreaId, Percent, SpeakerId

MERGER = date(2025, 7, 1)
OLD, NEW = date(2025, 6, 30), date(2025, 7, 1)
UNITS = ["Đầm Hà", "Quảng Lâm", "Quảng An", "Tân Bình", "Dực Yên", "Quảng Tân", "Đầm Hà", "Tân Lập", "Đại Bình"]
NIGHT = (QuietHours(time(22), time(5)),)


def area(id: str, parent: str | None, name: str, kind: str, since: date = date(2000, 1, 1), **more: object) -> Area:
    return Area(AreaId(id), AreaId(parent) if parent else None, name, kind, since, **more)  # type: ignore[arg-type]


PROVINCE = area("p", None, "Quảng Ninh", "tỉnh", settings=AreaSettings("Asia/Ho_Chi_Minh", NIGHT))
DISTRICT = area("d", "p", "Đầm Hà", "huyện", valid_until=MERGER, settings=AreaSettings(volume_max_percent=Percent(90)))
COMMUNES = [
    area(f"c{number}", "d", name, "thị trấn" if number == 0 else "xã", valid_until=MERGER)
    for number, name in enumerate(UNITS)
]
MERGED = [area("m1", "p", "Quảng Tân", "xã", MERGER), area("m2", "p", "Đầm Hà", "xã", MERGER)]
HAMLET_BEFORE = area("h", "c2", "An Bình", "thôn", valid_until=MERGER)
HAMLET_AFTER = area("h", "m1", "An Bình", "thôn", MERGER, settings=AreaSettings(quiet_hours=()))
ALL = [PROVINCE, DISTRICT, *COMMUNES, *MERGED, HAMLET_BEFORE, HAMLET_AFTER]


def ids(*names: str) -> tuple[AreaId, ...]:
    return tuple(AreaId(name) for name in names)


@pytest.fixture
def old() -> AreaTree:
    return tree_on(ALL, OLD)


@pytest.fixture
def new() -> AreaTree:
    return tree_on(ALL, NEW)


def test_a_hamlet_keeps_its_id_and_moves_with_the_merger(old: AreaTree, new: AreaTree) -> None:
    assert old.ancestors(AreaId("h")) == ids("c2", "d", "p")
    assert new.ancestors(AreaId("h")) == ids("m1", "p")
    assert old.descendants(AreaId("d")) == ids("c0", "c1", "c2", "h", "c3", "c4", "c5", "c6", "c7", "c8")
    assert new.descendants(AreaId("p")) == ids("m1", "h", "m2")
    with pytest.raises(UnknownArea):
        new.ancestors(AreaId("d"))


def test_settings_come_from_the_nearest_above_that_has_them(old: AreaTree, new: AreaTree) -> None:
    hamlet = old.settings(AreaId("h"))
    assert (hamlet.time_zone, hamlet.quiet_hours, hamlet.volume_max_percent) == ("Asia/Ho_Chi_Minh", NIGHT, 90)
    assert hamlet.daily_cap is None
    assert new.settings(AreaId("h")).quiet_hours == (), "none at all is a setting, not a gap"
    assert new.settings(AreaId("m1")).volume_max_percent is None


def test_speakers_are_addressed_by_name_and_by_any_area_above(old: AreaTree, new: AreaTree) -> None:
    one, two, three = (SpeakerId(name) for name in ("one", "two", "three"))
    speakers = {one: AreaId("h"), two: AreaId("c5"), three: AreaId("p")}
    assert old.addressed(Targets(areas=ids("d")), speakers) == {one, two}
    assert old.addressed(Targets(areas=ids("c2"), speakers=(three,)), speakers) == {one, three}
    assert old.addressed(Targets(areas=ids("m1"), speakers=(SpeakerId("gone"),)), speakers) == frozenset()
    assert new.addressed(Targets(areas=ids("m1")), speakers) == {one}


def test_places_are_named_as_shortly_as_a_person_would(old: AreaTree) -> None:
    nine = ids(*(f"c{number}" for number in range(9)))
    assert old.name_places(nine) == ("huyện Đầm Hà",)
    assert old.name_places(nine[1:])[:2] == ("xã Quảng Lâm", "xã Quảng An")
    assert old.name_places(ids("c6", "c0")) == ("thị trấn Đầm Hà", "xã Đầm Hà")
    assert old.name_places(ids("h", "c2")) == ("xã Quảng An",)
    assert old.name_places(ids("h")) == ("thôn An Bình",), "an only child is not its parent"
    assert old.smallest_naming(nine, {SpeakerId("roof"): AreaId("d")}) == nine, "one on the district's own roof"
    assert old.name_places(()) == ()
    with pytest.raises(UnknownArea):
        old.name_places(ids("m1"))


@pytest.mark.parametrize(
    ("areas", "why"),
    [
        ([area("a", "b", "A", "xã"), area("b", "a", "B", "xã")], "a → b → a"),
        ([area("a", "a", "A", "xã")], "a → a"),
        ([area("a", "gone", "A", "xã")], "lies in gone"),
        ([area("a", None, "A", "xã"), area("a", None, "B", "xã")], "twice on 2025-06-30"),
    ],
)
def test_what_is_no_tree_is_refused(areas: list[Area], why: str) -> None:
    with pytest.raises(BadAreas, match=why):
        tree_on(areas, OLD)


def test_a_tree_of_any_depth() -> None:
    deep = [area(str(n), str(n - 1) if n else None, str(n), "") for n in range(3_000)]
    tree = tree_on(deep, OLD)
    assert len(tree.descendants(AreaId("0"))) == len(tree.ancestors(AreaId("2999"))) == 2_999
