"""Once, when a database of before there were approvals is opened: what was on air then stays approved.

Before, scheduling a bulletin approved it, and the bulletin kept by whom. After this, only people approve.
"""

from controller.ids import new_id
from controller.proof import digest_of, played_by
from controller.store.changes import Change, ChangeState, Item
from controller.store.unit import Unit
from controller.store.values import Bulletin, ChangeId
from schedules.model import BulletinState, Schedule
from schedules.units import UtcMs

APPROVALS = "approvals"
"""The fact of the site that approvals are kept: "kept", once and for ever."""


def carry_approvals(unit: Unit, now: UtcMs) -> None:
    """Approve what the bulletins of the live schedules say now, if it was approved; asked again, nothing."""
    if unit.site.get(APPROVALS):
        return
    unit.site.put(APPROVALS, "kept")
    for schedule in unit.broadcasts.schedules(unit.approvals.planned_from(now)).values():
        bulletin = unit.bulletins.get(schedule.bulletin)
        if bulletin is not None and bulletin.state is BulletinState.APPROVED:
            _carry(unit, schedule, bulletin, now)


def _carry(unit: Unit, schedule: Schedule, bulletin: Bulletin, now: UtcMs) -> None:
    content = unit.bulletins.written(bulletin.id)
    if content is None or not content.clips or played_by(schedule) != (bulletin.id,):
        return
    contents = {bulletin.id: content}
    change = Change(
        id=ChangeId(new_id("ch")),
        bulletin=bulletin.id,
        state=ChangeState.APPROVED,
        items=(Item(schedule.id, None, schedule),),
        contents=contents,
        digest="",
        night=False,
        confirmed_by="",
        confirmed=UtcMs(0),
        decided_by=bulletin.approved_by,
        decided=now,
        reason="",
        one_person=bulletin.one_person,
        made=bulletin.made,
        made_by=bulletin.made_by,
    )
    unit.approvals.put(change)
    unit.bulletins.put_on_air(bulletin.id, content)
    unit.approvals.allow(digest_of(schedule, contents), schedule.id, change.id, now, bulletin.approved_by)
