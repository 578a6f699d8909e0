"""Whom targets mean on a day: areas, groups, and areas that have ended."""

from datetime import date, timedelta

from controller.locality import Atlas, day_start
from controller.store.values import Group, Member, Speaker
from schedules.model import Area, Targets
from schedules.units import AreaId, GroupId, SpeakerId, UtcMs

ZONE = "Asia/Ho_Chi_Minh"
BEGIN, MERGE = date(2022, 1, 1), date(2025, 7, 1)
OLD, NEW, TOP = AreaId("old"), AreaId("new"), AreaId("top")
ONE, TWO, LATE, GONE = (SpeakerId(name) for name in ("one", "two", "late", "gone"))
AT_MERGE = day_start(MERGE, ZONE)


def atlas() -> Atlas:
    """A commune that ended by a merge; one speaker came to the new one later, one was retired."""
    areas = (
        Area(TOP, None, "Tỉnh", "", BEGIN),
        Area(OLD, TOP, "Cũ", "xã", BEGIN, MERGE),
        Area(NEW, TOP, "Mới", "xã", MERGE),
    )
    speakers = (Speaker(ONE, "Loa 1", "aa"), Speaker(TWO, "Loa 2", "bb"), Speaker(LATE, "Loa 3", "cc"))
    members = (
        Member(ONE, OLD, UtcMs(0), AT_MERGE),
        Member(ONE, NEW, AT_MERGE, UtcMs(0)),
        Member(TWO, OLD, UtcMs(0), UtcMs(AT_MERGE - 1_000)),
        Member(TWO, TOP, UtcMs(AT_MERGE - 1_000), UtcMs(0)),
        Member(LATE, NEW, AT_MERGE, UtcMs(0)),
        Member(GONE, OLD, UtcMs(0), UtcMs(0)),
    )
    return Atlas(areas, speakers, members, (Group(GroupId("g"), "Chợ", TOP, (TWO, LATE, GONE)),), ZONE)


def test_an_area_that_has_ended_means_the_speakers_it_had_at_its_end() -> None:
    targets = Targets((OLD,))
    before, after = atlas().at(UtcMs(AT_MERGE - 1)), atlas().at(AT_MERGE)
    assert before.resolve(targets) == targets
    assert before.addressed(targets) == {ONE}
    # Not LATE: it was not there when this was approved. Not TWO: it had left. Not GONE: it is no more.
    assert after.resolve(targets) == Targets((), (ONE,))
    assert after.addressed(targets) == {ONE}
    assert after.ended(targets) == (OLD,)
    assert before.ended(targets) == ()


def test_an_area_that_has_not_begun_means_nobody() -> None:
    assert atlas().at(UtcMs(AT_MERGE - 1)).resolve(Targets((NEW,))) == Targets()
    assert atlas().at(AT_MERGE).addressed(Targets((NEW,))) == {ONE, LATE}


def test_a_group_becomes_its_speakers() -> None:
    group = (GroupId("g"),)
    assert atlas().at(AT_MERGE).resolve(Targets(groups=group)) == Targets((), (LATE, TWO))
    assert atlas().at(UtcMs(AT_MERGE - 1)).addressed(Targets(groups=group)) == {TWO}
    assert atlas().at(AT_MERGE).addressed(Targets(groups=(GroupId("unknown"),))) == frozenset()


def test_who_is_addressed_anyway_is_not_named_once_more() -> None:
    after = atlas().at(AT_MERGE)
    assert after.resolve(Targets((NEW, OLD), groups=(GroupId("g"),))) == Targets((NEW,), (TWO,))
    assert after.resolve(Targets((TOP,), (TWO,))) == Targets((TOP,), (TWO,))


def test_the_places_of_a_stretch_without_change_are_made_once() -> None:
    places = atlas()
    later = UtcMs(AT_MERGE + timedelta(days=400) // timedelta(milliseconds=1))
    assert places.at(AT_MERGE) is places.at(later)
    assert places.at(AT_MERGE) is not places.at(UtcMs(AT_MERGE - 1))
