"""SQLite and PostgreSQL keep changes, approvals and what was heard alike."""

from dataclasses import replace
from datetime import date, time

from controller.desk.approval import Approval
from controller.desk.changes import Changes, Item
from controller.desk.editing import Editing
from controller.desk.reading import Reading
from controller.desk.values import NewBulletin, NewSchedule, When, WhenKind
from controller.rights import Role
from controller.store.changes import ChangeState
from controller.store.values import ChangeId
from schedules.model import Targets
from schedules.units import Percent
from tests.controller.world import TOWN, World


def test_the_whole_way_of_a_bulletin(either: World) -> None:
    either.add_speaker("s-1")
    either.rule(TOWN, one_person_station=False)
    editor, leader = either.person(Role.EDITOR, TOWN), either.person(Role.APPROVER, TOWN)
    bulletin = either.bulletin(by=editor)
    when = When(WhenKind.DAILY, date(2026, 12, 8), time(5, 30))
    asked = ChangeId(either.desk.schedule(NewSchedule(bulletin, when, Targets((TOWN,))), editor).change)
    with either.store.read() as unit:
        change = unit.approvals.change(asked)
        assert change is not None
        assert unit.approvals.in_state(ChangeState.PENDING) == (change,)
    either.listen(leader, bulletin)
    assert len(Approval(either.room).approve(asked, change.digest, leader).broadcasts) == 7
    with either.store.read() as unit:
        schedule = unit.broadcasts.schedule(change.items[0].schedule)
        assert schedule is not None
        assert list(unit.bulletins.on_air([bulletin]).values()) == [unit.bulletins.written(bulletin)]
    quieter = Item(schedule.id, schedule, replace(schedule, volume=Percent(60)))
    again = Changes(either.room).propose(bulletin, [quieter], editor).change
    assert [line.id for line in Reading(either.room).waiting(leader)] == [again]
    Approval(either.room).reject(again, "Đã đủ nhỏ", leader)
    Editing(either.room).edit(bulletin, 1, NewBulletin("Thông báo mới"), "Kính mời bà con", editor)
    with either.store.read() as unit:
        assert unit.approvals.editors(bulletin) == {editor.username}
    Approval(either.room).withdraw(bulletin, "Tin sai", leader)
    with either.store.read() as unit:
        assert unit.bulletins.on_air([bulletin]) == {}
        assert unit.approvals.allowed_of([schedule.id]) == {}
        assert all(each.cancelled for each in unit.broadcasts.coming(schedule.id, either.now))
