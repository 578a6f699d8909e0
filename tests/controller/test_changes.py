"""From a draft to the air and back: proposing, approving, rejecting, editing, withdrawing; who may, and when."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time

import pytest

from controller.desk.approval import Approval
from controller.desk.changes import Changes, Item, Proposed
from controller.desk.editing import EditedMeanwhile, Editing
from controller.desk.listening import Hearing
from controller.desk.reading import Reading
from controller.desk.refusal import Refusal
from controller.desk.values import NewBulletin, NewSchedule, Person, When, WhenKind
from controller.rights import Role
from controller.store.changes import Change, ChangeState
from controller.store.values import ChangeId, Clip
from protocol.clips import index_sha256, make_index
from protocol.codec import dump
from schedules.model import BulletinState, ClipRef, Priority, Schedule, Targets
from schedules.units import BulletinId, ClipId, DurationMs, Percent, ScheduleId, UtcMs
from tests.controller.world import COMMUNE, TOWN, World, now_when, once

DAILY = When(WhenKind.DAILY, date(2026, 12, 8), time(5, 30))
TOMORROW = once(date(2026, 12, 8), time(5, 30))


@pytest.fixture
def town(station: World) -> World:
    """A speaker in the town, which is no one-person station."""
    station.add_speaker("s-1")
    station.rule(TOWN, one_person_station=False)
    return station


@pytest.fixture
def editor(town: World) -> Person:
    return town.person(Role.EDITOR, TOWN)


@pytest.fixture
def leader(town: World) -> Person:
    return town.person(Role.APPROVER, TOWN)


def ask(town: World, by: Person, when: When = DAILY, bulletin: BulletinId | None = None, **more: object) -> Change:
    """Propose a new schedule in the town; returns the change."""
    bulletin = bulletin or written(town, by)
    made = town.desk.schedule(NewSchedule(bulletin, when, Targets((TOWN,)), **more), by)  # type: ignore[arg-type]
    return kept(town, ChangeId(made.change))


def written(town: World, by: Person, text: str = "Kính mời bà con", data: bytes = b"sound" * 10_000) -> BulletinId:
    bulletin = town.desk.bulletin_from_text(NewBulletin("Họp thôn"), text, by)
    sound(town, bulletin, data)
    return bulletin


def sound(town: World, bulletin: BulletinId, data: bytes) -> ClipId:
    """What the preparation would have made of it: 30 s of `data`."""
    source = town.folder / "clip"
    source.write_bytes(data)
    clip = town.clips.add(source)
    index = make_index(clip, data)
    with town.store.write() as unit:
        unit.bulletins.add_clip(
            Clip(ClipRef(clip, len(data), DurationMs(30_000), index_sha256(index)), -1600, -150, dump(index).decode()),
            town.now,
        )
        unit.bulletins.set_clips(bulletin, [clip])
        unit.bulletins.move_job(bulletin, state="done", percent=100)
    return clip


def kept(town: World, change: ChangeId) -> Change:
    with town.store.read() as unit:
        found = unit.approvals.change(change)
    assert found is not None
    return found


def state(town: World, bulletin: BulletinId) -> BulletinState:
    with town.store.read() as unit:
        found = unit.bulletins.get(bulletin)
    assert found is not None
    return found.state


def coming(town: World, schedule: ScheduleId) -> list[tuple[str, tuple[str, ...]]]:
    """Title and clips of what is planned of it, newest revision, not cancelled."""
    with town.store.read() as unit:
        planned = unit.broadcasts.coming(schedule, town.now)
    return [(each.title, tuple(ref.id for ref in each.broadcast.clips)) for each in planned if not each.cancelled]


def schedule_of(town: World, change: Change) -> Schedule:
    with town.store.read() as unit:
        found = unit.broadcasts.schedule(change.items[0].schedule)
    assert found is not None
    return found


def approve(town: World, change: Change, by: Person) -> Proposed:
    town.listen(by, *change.contents)
    return Approval(town.room).approve(change.id, change.digest, by)


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code


def test_an_editor_who_chose_no_place_yet_is_asked_for_one(town: World, editor: Person) -> None:
    """Not told that they have no right: the form begins like this."""
    with pytest.raises(Refusal) as refused:
        town.desk.understand(NewSchedule(written(town, editor), DAILY, Targets(())), editor)
    assert (refused.value.code, refused.value.field) == ("no-target", "areas")


def test_nothing_is_planned_before_somebody_else_approved_it(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    assert change.state is ChangeState.PENDING
    assert state(town, change.bulletin) is BulletinState.PENDING
    with town.store.read() as unit:
        assert unit.broadcasts.live_schedules() == ()
        assert unit.broadcasts.live(town.now) == ()
    made = approve(town, change, leader)
    assert len(made.broadcasts) == 7
    decided = kept(town, change.id)
    assert (decided.state, decided.decided_by, decided.one_person) == (ChangeState.APPROVED, leader.username, False)
    assert state(town, change.bulletin) is BulletinState.APPROVED


def test_a_one_person_station_approves_at_once_and_says_so(station: World) -> None:
    station.add_speaker("s-1")
    by = station.person(Role.ADMINISTRATOR)
    change = ask(station, by)
    assert (change.state, change.one_person, change.decided_by) == (ChangeState.APPROVED, True, by.username)
    with station.store.read() as unit:
        actions = [each.action for each in unit.audit.walk()]
    assert actions[-2:] == ["change.propose", "change.approve"]


@pytest.mark.parametrize("listens", [True, False])
def test_whether_the_only_person_had_listened_is_kept_and_said(station: World, listens: bool) -> None:
    """Heard afterwards is not heard before."""
    station.add_speaker("s-1")
    by = station.person(Role.ADMINISTRATOR)
    bulletin = written(station, by)
    if listens:
        station.listen(by, bulletin)
    change = ask(station, by, bulletin=bulletin)
    station.listen(by, bulletin)
    assert Reading(station.room).change(change.id, by).listened is listens


def test_of_a_second_persons_approval_no_more_is_said(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    town.listen(leader, change.bulletin)
    approve(town, change, leader)
    view = Reading(town.room).change(change.id, leader)
    assert (view.one_person, view.listened) == (False, None)


def test_one_place_that_is_no_one_person_station_is_enough_to_wait(town: World) -> None:
    town.add_speaker("s-2", COMMUNE)
    by = town.person(Role.ADMINISTRATOR)
    both = NewSchedule(written(town, by), DAILY, Targets((COMMUNE, TOWN)))
    assert kept(town, ChangeId(town.desk.schedule(both, by).change)).state is ChangeState.PENDING
    one = NewSchedule(written(town, by), DAILY, Targets((COMMUNE,)))
    assert kept(town, ChangeId(town.desk.schedule(one, by).change)).state is ChangeState.APPROVED


def test_an_author_cannot_approve_their_own(town: World, editor: Person) -> None:
    both = town.person(Role.APPROVER, TOWN, editor.username)
    change = ask(town, both)
    with refused("own-work"):
        approve(town, change, both)


def test_who_wrote_the_text_cannot_approve_it_either(town: World, editor: Person) -> None:
    """Nor who edited it; once it is approved, its author may approve another's schedule of it."""
    bulletin = written(town, editor)
    second = town.person(Role.EDITOR, TOWN, "second")
    change = ask(town, second, bulletin=bulletin)
    author = town.person(Role.APPROVER, TOWN, editor.username)
    with refused("own-work"):
        approve(town, change, author)
    approve(town, change, town.person(Role.APPROVER, TOWN))
    later = ask(town, second, once(date(2026, 12, 9), time(17, 0)), bulletin=bulletin)
    assert approve(town, later, author).state is ChangeState.APPROVED


def test_who_edited_the_text_cannot_approve_it(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    approve(town, change, leader)
    both = town.person(Role.EDITOR, TOWN, leader.username)
    edit(town, both, change.bulletin, text="Kính mời bà con thôn Đông")
    sound(town, change.bulletin, b"other" * 9_000)
    asked = kept(town, Changes(town.room).submit(change.bulletin, editor).change)
    with refused("own-work"):
        approve(town, asked, both)


def test_the_right_must_be_held_everywhere_it_is_heard(town: World, editor: Person, leader: Person) -> None:
    town.add_speaker("s-2", COMMUNE)
    by = town.person(Role.EDITOR, COMMUNE, editor.username)
    made = town.desk.schedule(NewSchedule(written(town, by), DAILY, Targets((TOWN, COMMUNE))), by)
    change = kept(town, ChangeId(made.change))
    with refused("forbidden"):
        approve(town, change, leader)
    assert approve(town, change, town.person(Role.APPROVER, COMMUNE, leader.username)).state is ChangeState.APPROVED


def test_a_right_that_was_withdrawn_meanwhile_is_no_right(town: World, editor: Person, leader: Person) -> None:
    """The page was opened with the right; what counts is the moment of the decision."""
    change = ask(town, editor)
    town.listen(leader, change.bulletin)
    with town.store.write() as unit:
        unit.people.set_grants(leader.id, [], town.now, "test")
    for decide in (
        lambda: Approval(town.room).approve(change.id, change.digest, leader),
        lambda: Approval(town.room).reject(change.id, "Không được", leader),
        lambda: Approval(town.room).confirm_night(change.id, change.digest, leader),
    ):
        with refused("forbidden"):
            decide()
    assert kept(town, change.id) == change


def test_the_approver_must_have_listened_to_nearly_all(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    clip = town.clip_of(change.bulletin)
    hearing, approval = Hearing(town.room), Approval(town.room)
    with refused("not-listened"):
        approval.approve(change.id, change.digest, leader)
    with refused("not-fetched"):
        hearing.played(clip, 30_000, leader)
    hearing.fetched(clip, leader)
    assert hearing.played(clip, 30_000, leader) == 10, "in no time nothing can be heard but the slack"
    with refused("too-fast"):
        hearing.declared(clip, leader)
    town.now = UtcMs(town.now + 26_000)
    assert hearing.played(clip, 26_000, leader) == 86
    with refused("not-listened"):
        approval.approve(change.id, change.digest, leader)
    town.now = UtcMs(town.now + 2_000)
    assert hearing.declared(clip, leader) == 100
    assert approval.approve(change.id, change.digest, leader).state is ChangeState.APPROVED
    with town.store.read() as unit:
        assert [(each.who, each.subject) for each in unit.audit.walk() if each.action == "clip.listen"] == [
            (leader.username, f"clip:{clip}")
        ]


def test_a_page_that_showed_something_else_approves_nothing(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    town.listen(leader, change.bulletin)
    with refused("stale"):
        Approval(town.room).approve(change.id, "0" * 64, leader)
    edit(town, editor, change.bulletin, text="Xin mời bà con")
    with refused("stale"):
        Approval(town.room).approve(change.id, change.digest, leader)
    approved = ask(town, editor)
    approve(town, approved, leader)
    with refused("decided"):
        Approval(town.room).approve(approved.id, approved.digest, leader)


def edit(
    town: World, by: Person, bulletin: BulletinId, *, title: str = "Họp thôn", text: str = "Kính mời bà con"
) -> int:
    """Edit what stands now; returns the new version."""
    stands = Editing(town.room).stands(bulletin, by)
    return Editing(town.room).edit(bulletin, stands.version, NewBulletin(title), text, by).version


def test_a_rejected_change_says_why_and_is_nowhere_on_air(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    with refused("no-reason"):
        Approval(town.room).reject(change.id, "  ", leader)
    Approval(town.room).reject(change.id, "Sai ngày họp", leader)
    assert state(town, change.bulletin) is BulletinState.REJECTED
    standing = Reading(town.room).standing(change.bulletin, editor)
    assert (standing.reason, standing.may_submit) == ("Sai ngày họp", True)
    with refused("decided"):
        approve(town, change, leader)
    # The author corrects the text and sends it again; the schedule that was asked for is still there.
    edit(town, editor, change.bulletin, text="Kính mời bà con họp ngày 9")
    sound(town, change.bulletin, b"other" * 9_000)
    again = kept(town, Changes(town.room).submit(change.bulletin, editor).change)
    assert [item.after for item in again.items] == [item.after for item in change.items]
    assert len(approve(town, again, leader).broadcasts) == 7


def test_what_was_approved_stays_on_air_until_the_new_text_is_approved(
    town: World, editor: Person, leader: Person
) -> None:
    change = ask(town, editor)
    approve(town, change, leader)
    schedule, old = change.items[0].schedule, town.clip_of(change.bulletin)
    edit(town, editor, change.bulletin, title="Họp thôn Đông", text="Kính mời bà con thôn Đông")
    assert state(town, change.bulletin) is BulletinState.DRAFT
    new = sound(town, change.bulletin, b"other" * 9_000)
    town.now = UtcMs(town.now + 86_400_000)
    with town.store.write() as unit:
        assert len(town.planner.roll(unit, town.now)) == 1
    assert set(coming(town, schedule)) == {("Họp thôn", (old,))}
    asked = kept(town, Changes(town.room).submit(change.bulletin, editor).change)
    assert [(item.before, item.after) for item in asked.items] == [(change.items[0].after,) * 2]
    assert set(coming(town, schedule)) == {("Họp thôn", (old,))}
    view = Reading(town.room).change(asked.id, leader)
    assert "".join(piece.text for piece in view.contents[0].text_pieces if piece.kind == "new").strip() == "thôn Đông"
    assert view.items[0].kind == "kept"
    approve(town, asked, leader)
    assert set(coming(town, schedule)) == {("Họp thôn Đông", (new,))}
    assert len(coming(town, schedule)) == 7


def test_a_schedule_planned_to_its_end_gets_the_new_text_too(town: World, editor: Person, leader: Person) -> None:
    """Once, tomorrow: nothing more is to be planned of it, and still the change is about it."""
    change = ask(town, editor, TOMORROW)
    approve(town, change, leader)
    edit(town, editor, change.bulletin, text="Kính mời bà con thôn Đông")
    new = sound(town, change.bulletin, b"other" * 9_000)
    approve(town, kept(town, Changes(town.room).submit(change.bulletin, editor).change), leader)
    assert coming(town, change.items[0].schedule) == [("Họp thôn", (new,))]


def test_a_changed_schedule_is_approved_anew_and_what_was_approved_stays(
    town: World, editor: Person, leader: Person
) -> None:
    change = ask(town, editor)
    approve(town, change, leader)
    before = schedule_of(town, change)
    after = replace(before, volume=Percent(60))
    made = Changes(town.room).propose(change.bulletin, [Item(before.id, before, after)], editor)
    assert made.state is ChangeState.PENDING
    assert schedule_of(town, change) == before
    assert state(town, change.bulletin) is BulletinState.APPROVED
    rows = {row.name: row for row in Reading(town.room).change(made.change, leader).items[0].rows}
    assert [piece.text for piece in rows["Âm lượng"].pieces if piece.kind != "same"] == ["80", "60"]
    approve(town, kept(town, made.change), leader)
    assert schedule_of(town, change) == after


def test_skipping_an_occurrence_needs_nobody_else(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    approve(town, change, leader)
    before = schedule_of(town, change)
    after = replace(before, exceptions=frozenset({before.local_start}))
    made = Changes(town.room).propose(change.bulletin, [Item(before.id, before, after)], editor)
    assert made.state is ChangeState.APPROVED
    assert len(coming(town, before.id)) == 6
    back = Changes(town.room).propose(change.bulletin, [Item(before.id, after, before)], editor)
    assert back.state is ChangeState.PENDING, "to let it sound again is for somebody else"


def test_ending_needs_nobody_else_and_the_right_to_stop(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    approve(town, change, leader)
    item = Item(change.items[0].schedule, schedule_of(town, change), None)
    with refused("forbidden"):
        Changes(town.room).propose(change.bulletin, [item], town.person(Role.VIEWER, TOWN))
    assert Changes(town.room).propose(change.bulletin, [item], town.person(Role.TECHNICIAN, TOWN)).state == "approved"
    assert coming(town, item.schedule) == []


def test_what_another_changed_meanwhile_is_not_overwritten(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    approve(town, change, leader)
    before = schedule_of(town, change)
    louder, later = replace(before, volume=Percent(90)), replace(before, local_start=before.local_start.replace(hour=6))
    first = Changes(town.room).propose(change.bulletin, [Item(before.id, before, louder)], editor)
    second = Changes(town.room).propose(change.bulletin, [Item(before.id, before, later)], editor)
    approve(town, kept(town, first.change), leader)
    with refused("stale"):
        approve(town, kept(town, second.change), leader)
    assert schedule_of(town, change) == louder
    with refused("stale"):
        Changes(town.room).propose(change.bulletin, [Item(before.id, before, later)], editor)


def test_a_time_that_passed_while_it_waited_is_not_approved(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor, TOMORROW)
    town.now = UtcMs(town.now + 86_400_000)
    with refused("past-time"):
        approve(town, change, leader)


def test_at_once_is_when_it_is_approved(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor, now_when())
    town.now = UtcMs(town.now + 3_600_000)
    broadcast = approve(town, change, leader).broadcasts[0]
    assert 3_000 <= town.order(broadcast).broadcast.start - town.now <= 10_000


def test_the_later_of_two_editors_loses_nothing(town: World, editor: Person) -> None:
    second = town.person(Role.EDITOR, TOWN, "second")
    bulletin = written(town, editor)
    version = Editing(town.room).stands(bulletin, second).version
    edit(town, editor, bulletin, text="Kính mời bà con thôn Đông")
    with pytest.raises(EditedMeanwhile) as caught:
        Editing(town.room).edit(bulletin, version, NewBulletin("Họp thôn"), "Kính mời bà con thôn Tây", second)
    assert caught.value.stands.text == "Kính mời bà con thôn Đông"
    assert Editing(town.room).stands(bulletin, editor).text == "Kính mời bà con thôn Đông"


def test_editing_back_to_what_was_approved_needs_no_approval(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    approve(town, change, leader)
    edit(town, editor, change.bulletin, title="Họp thôn Đông")
    assert state(town, change.bulletin) is BulletinState.DRAFT
    edit(town, editor, change.bulletin, title="Họp thôn")
    assert state(town, change.bulletin) is BulletinState.APPROVED


def test_a_withdrawn_bulletin_is_silent_at_once_everywhere(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor, now_when())
    sounding = approve(town, change, leader).broadcasts[0]
    daily = ask(town, editor, bulletin=change.bulletin)
    approve(town, daily, leader)
    waiting = ask(town, editor, bulletin=change.bulletin)
    town.now = UtcMs(town.now + 10_000)
    with refused("forbidden"):
        Approval(town.room).withdraw(change.bulletin, "Tin sai", editor)
    Approval(town.room).withdraw(change.bulletin, "Tin sai", leader)
    assert town.order(sounding).cancelled
    assert coming(town, daily.items[0].schedule) == []
    assert kept(town, waiting.id).state is ChangeState.WITHDRAWN
    assert state(town, change.bulletin) is BulletinState.WITHDRAWN
    with refused("withdrawn"):
        ask(town, editor, bulletin=change.bulletin)
    edit(town, editor, change.bulletin, title="Họp thôn, đã sửa")
    assert ask(town, editor, bulletin=change.bulletin).state is ChangeState.PENDING


def test_a_withdrawn_bulletin_is_not_played_in_place_of_another(town: World, editor: Person, leader: Person) -> None:
    other = ask(town, editor, once(date(2026, 12, 20), time(9, 0)))
    approve(town, other, leader)
    change = ask(town, editor, bulletin=written(town, editor, data=b"third" * 8_000))
    approve(town, change, leader)
    before = schedule_of(town, change)
    original = before.local_start
    after = replace(before, replaced=((original, other.bulletin),))
    made = Changes(town.room).propose(change.bulletin, [Item(before.id, before, after)], editor)
    approve(town, kept(town, made.change), leader)
    assert len(coming(town, before.id)) == 7
    Approval(town.room).withdraw(other.bulletin, "Tin sai", leader)
    assert len(coming(town, before.id)) == 6
    assert schedule_of(town, change).exceptions == {original}


def test_taking_back_is_for_the_author_and_leaves_a_draft(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    with refused("forbidden"):
        Approval(town.room).take_back(change.id, town.person(Role.EDITOR, TOWN, "second"))
    Approval(town.room).take_back(change.id, editor)
    assert (kept(town, change.id).state, state(town, change.bulletin)) == ("withdrawn", "draft")


NIGHT = once(date(2026, 12, 8), time(3, 15))


def test_one_sound_yesterday_and_one_today_is_listening_a_new_sound_is_not(
    town: World, editor: Person, leader: Person
) -> None:
    """A series that plays another bulletin on one day: two sounds to hear, on two days."""
    first, second = written(town, editor), written(town, editor, data=b"other" * 10_000)
    (item,) = ask(town, editor, bulletin=first).items
    assert item.after is not None
    again = replace(item.after, id=ScheduleId("sc-two"), replaced=((item.after.local_start, second),))
    change = kept(town, Changes(town.room).propose(first, [Item(again.id, None, again)], editor).change)
    assert len(change.contents) == 2
    town.listen(leader, first)
    town.now = UtcMs(town.now + 60_000)
    with refused("not-listened"):
        Approval(town.room).approve(change.id, change.digest, leader)
    town.now = UtcMs(town.now + 12 * 3_600_000)
    town.listen(leader, second)
    sound(town, second, b"made anew" * 9_000)
    with refused("stale"):
        Approval(town.room).approve(change.id, change.digest, leader)
    sound(town, second, b"other" * 10_000)
    assert Approval(town.room).approve(change.id, change.digest, leader).state is ChangeState.APPROVED


def test_what_sounds_at_night_needs_a_second_person_even_at_a_one_person_station(station: World) -> None:
    station.add_speaker("s-1")
    station.rule(TOWN, night_allowed=False)
    officer = station.person(Role.ADMINISTRATOR, name="officer")
    change = ask(station, officer, NIGHT)
    assert (change.state, change.night) == (ChangeState.PENDING, True)
    station.listen(officer, change.bulletin)
    approval = Approval(station.room)
    with refused("night"):
        approval.approve(change.id, change.digest, officer)
    with refused("own-work"):
        approval.confirm_night(change.id, change.digest, officer)
    second = station.person(Role.APPROVER, TOWN)
    approval.confirm_night(change.id, change.digest, second)
    assert kept(station, change.id).confirmed_by == second.username
    assert len(approval.approve(change.id, change.digest, officer).broadcasts) == 1


@pytest.mark.parametrize(("when", "priority", "allowed", "waits"), [
    (NIGHT, Priority.NORMAL, True, False),
    (NIGHT, Priority.EMERGENCY, False, False),
    (once(date(2026, 12, 8), time(20, 59, 45)), Priority.NORMAL, False, True),
    (once(date(2026, 12, 8), time(20, 59, 30)), Priority.NORMAL, False, False),
    (once(date(2026, 12, 9), time(4, 59, 59)), Priority.NORMAL, False, True),
    (once(date(2026, 12, 9), time(5, 0)), Priority.NORMAL, False, False),
])  # fmt: skip
def test_the_night_is_from_nine_to_five_unless_allowed_and_never_for_an_emergency(
    station: World, when: When, priority: Priority, allowed: bool, waits: bool
) -> None:
    station.add_speaker("s-1")
    station.rule(TOWN, night_allowed=allowed)
    places = "thị trấn Đầm Hà" if priority is Priority.EMERGENCY else ""
    change = ask(station, station.person(Role.ADMINISTRATOR), when, priority=priority, confirmed_places=places)
    assert (change.state is ChangeState.PENDING) == waits


def test_the_demonstration_sounds_at_any_hour(station: World) -> None:
    station.add_speaker("s-1")
    somebody = station.person(Role.ADMINISTRATOR)
    for hour in range(24):
        change = ask(station, somebody, once(date(2026, 12, 8), time(hour, 15)))
        assert change.state is ChangeState.APPROVED, f"at {hour}:15"


def test_a_guard_rail_put_up_while_it_waited_refuses_it(town: World, editor: Person, leader: Person) -> None:
    change = ask(town, editor)
    town.rule(TOWN, daily_cap=DurationMs(10_000))
    with refused("day-too-full"):
        approve(town, change, leader)


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        (
            "hàng ngày lúc 5h30 từ 28/12/2026, trừ ngày lễ",
            "28/12 29/12 30/12 31/12 02/01 03/01 04/01 05/01 06/01 07/01",
        ),
        ("ngày 31 hàng tháng lúc 5h30", "31/12 31/01 31/03 31/05 31/07 31/08 31/10 31/12 31/01 31/03"),
        ("ngày 29/2 hàng năm lúc 5h30", " ".join(["29/02"] * 10)),
        ("thứ 2 lúc 5h30, 3 lần", "14/12 21/12 28/12"),
    ],
)
def test_the_next_ten_are_those_that_will_be_heard_however_far_ahead(
    town: World, editor: Person, leader: Person, words: str, starts: str
) -> None:
    """To who writes it, to who approves it, and on its own page afterwards: the same ten."""
    new = NewSchedule(written(town, editor), When(WhenKind.WORDS, words=words), Targets((TOWN,)))
    told = [town.desk.understand(new, editor).starts]
    change = kept(town, ChangeId(town.desk.schedule(new, editor).change))
    told.append(Reading(town.room).change(change.id, leader).items[0].starts)
    approve(town, change, leader)
    told.append(town.desk.schedule_view(change.items[0].schedule, leader).starts)
    assert [" ".join(f"{start:%d/%m}" for start in each) for each in told] == [starts] * 3
