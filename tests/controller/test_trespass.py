"""What somebody could do beside their rights or beside an approval, by a guessed identifier or a roundabout way."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from controller.desk.approval import Approval
from controller.desk.calendars import Calendars, Plan
from controller.desk.editing import Editing
from controller.desk.reading import Reading
from controller.desk.refusal import Refusal
from controller.desk.series import Action, Series, Wish
from controller.desk.values import NewBulletin, NewSchedule, Person, When, WhenKind
from controller.rights import Role
from controller.store.changes import ChangeState
from controller.store.values import ChangeId
from schedules.edits import Scope
from schedules.model import BulletinState, Priority, Targets
from tests.controller.test_changes import approve, ask, edit, kept, schedule_of, sound, state, written
from tests.controller.world import COMMUNE, DISTRICT, TOWN, World

DAILY = When(WhenKind.DAILY, date(2026, 12, 8), time(5, 30))
FOUR_DAYS = replace(DAILY, until=date(2026, 12, 11))
AT_0315 = replace(DAILY, at=time(3, 15))


@pytest.fixture
def town(station: World) -> World:
    """A speaker in the town; nobody is a one-person station."""
    station.add_speaker("s-1")
    for area in (TOWN, COMMUNE, DISTRICT):
        station.rule(area, one_person_station=False)
    return station


@pytest.fixture
def editor(town: World) -> Person:
    return town.person(Role.EDITOR, TOWN)


@pytest.fixture
def leader(town: World) -> Person:
    return town.person(Role.APPROVER, TOWN)


def test_skipping_puts_no_new_words_on_air(town: World, editor: Person, leader: Person) -> None:
    """Everything of a schedule was cancelled, its bulletin withdrawn and rewritten: a skip still approves nothing."""
    change = ask(town, editor, FOUR_DAYS)
    approve(town, change, leader)
    schedule = schedule_of(town, change)
    with town.store.read() as unit:
        coming = unit.broadcasts.coming(schedule.id, town.now)
    for each in coming:
        town.desk.cancel(each.broadcast.id, editor)
    Approval(town.room).withdraw(change.bulletin, "Tin sai", editor)
    edit(town, editor, change.bulletin, text="Chưa ai duyệt")
    sound(town, change.bulletin, b"other" * 10_000)
    skip = Wish(Action.SKIP, datetime(2026, 12, 9, 5, 30), Scope.THIS)
    with pytest.raises(Refusal, match="thu hồi"):
        Series(town.room).save(schedule.id, skip, editor)
    assert state(town, change.bulletin) is BulletinState.DRAFT
    with town.store.read() as unit:
        assert unit.bulletins.on_air([change.bulletin]) == {}


def test_nobody_plans_what_they_may_not_see(town: World, editor: Person) -> None:
    theirs = written(town, town.person(Role.EDITOR, COMMUNE))
    new = NewSchedule(theirs, DAILY, Targets((TOWN,)))
    for act in (town.desk.understand, town.desk.schedule):
        with pytest.raises(Refusal) as caught:
            act(new, editor)
        assert caught.value.code == "forbidden"
    assert state(town, theirs) is BulletinState.DRAFT


def test_a_town_does_not_rewrite_what_the_district_says(town: World, editor: Person, leader: Person) -> None:
    chief = town.person(Role.EDITOR, DISTRICT)
    said = written(town, chief)
    made = town.desk.schedule(NewSchedule(said, DAILY, Targets((DISTRICT,))), chief)
    above = town.person(Role.APPROVER, DISTRICT)
    approve(town, kept(town, ChangeId(made.change)), above)
    with pytest.raises(Refusal) as caught:
        edit(town, editor, said, text="Kính mời bà con thôn Đông")
    assert caught.value.code == "forbidden"
    assert state(town, said) is BulletinState.APPROVED
    standings = [Reading(town.room).standing(said, by) for by in (editor, leader, chief, above)]
    assert [each.may_edit for each in standings] == [False, False, True, False]
    assert [each.may_withdraw for each in standings] == [False, False, False, True]


def test_what_is_heard_in_the_town_alone_the_town_may_edit(town: World, editor: Person, leader: Person) -> None:
    """Though somebody of the district wrote it."""
    change = ask(town, town.person(Role.EDITOR, DISTRICT))
    approve(town, change, leader)
    stands = Editing(town.room).stands(change.bulletin, editor)
    Editing(town.room).edit(change.bulletin, stands.version, NewBulletin("Họp thôn Đông"), stands.text, editor)
    assert state(town, change.bulletin) is BulletinState.DRAFT


def test_who_decides_can_listen_though_the_bulletin_is_the_districts(town: World, leader: Person) -> None:
    change = ask(town, town.person(Role.EDITOR, DISTRICT))
    clip = town.clip_of(change.bulletin)
    assert town.desk.clip_file(clip, leader).is_file()
    assert town.desk.bulletin(change.bulletin, leader).title == "Họp thôn"
    other = town.person(Role.APPROVER, COMMUNE)
    for act in (lambda: town.desk.clip_file(clip, other), lambda: town.desk.bulletin(change.bulletin, other)):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.code == "forbidden"
    assert approve(town, change, leader).state is ChangeState.APPROVED


def test_no_schedule_becomes_an_emergency_unconfirmed(station: World) -> None:
    """Which no quiet hours hold and no second person must confirm: neither by an edit nor out of a file."""
    station.add_speaker("s-1")
    station.person(Role.EDITOR, TOWN, "alone")
    alone = station.person(Role.APPROVER, TOWN, "alone")
    change = ask(station, alone)
    loud = NewSchedule(change.bulletin, AT_0315, Targets((TOWN,)), priority=Priority.EMERGENCY)
    plan = Plan(Targets((TOWN,)), Priority.EMERGENCY, bulletins={0: change.bulletin})
    calendar = Calendars(station.room).export(alone)
    for act in (
        lambda: Series(station.room).save(change.items[0].schedule, Wish(Action.REVISE, new=loud), alone),
        lambda: Calendars(station.room).keep(calendar, plan, alone),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.code == "no-emergency"
