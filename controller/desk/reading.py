"""What an approver, or an author, is shown of a change: all of it on one page, and what is different from before."""

import json
from collections.abc import Sequence

from controller.desk.approval import areas_of, authors_of, known_change, may_withdraw
from controller.desk.checks import Checks
from controller.desk.clashes import breach_sentences, clashes_of, tonight_words
from controller.desk.differences import differences
from controller.desk.editing import may_edit
from controller.desk.listening import heard_percent, to_hear
from controller.desk.next_starts import next_starts
from controller.desk.proposals import look, may_alone, takes_away, waiting_items
from controller.desk.refusal import forbidden
from controller.desk.room import Room
from controller.desk.scope import Scope, scope_of
from controller.desk.sentences import PRIORITY_WORDS, places_words, schedule_words
from controller.desk.sight import sees_bulletin, sees_targets
from controller.desk.values import Clash, Person
from controller.desk.values_changes import ChangeLine, ChangeView, ClipHeard, ContentView, ItemView, Row, Standing
from controller.language import _, n_
from controller.locality import Locality
from controller.rights import Operation, may
from controller.store.changes import Change, ChangeState, Item
from controller.store.unit import Unit
from controller.store.values import ChangeId, Content
from schedules.model import BulletinState, Priority, Schedule, Targets
from schedules.units import AreaId, BulletinId

FIELDS = {"when": n_("Khi nào"), "where": n_("Ở đâu"), "volume": n_("Âm lượng"), "priority": n_("Mức ưu tiên")}


class Reading:
    def __init__(self, room: Room) -> None:
        self._room = room

    def waiting(self, by: Person) -> tuple[ChangeLine, ...]:
        """What waits and concerns the person: what they may decide on first, the newest first."""
        with self._room.store.read() as unit:
            reader = _Reader(unit, self._room, by)
            found = unit.approvals.in_state(ChangeState.PENDING)
            lines = [reader.line(change) for change in found if reader.sees(change)]
        return tuple(sorted(lines, key=lambda line: (not line.can_decide or line.own, -line.made)))

    def decided(self, by: Person, limit: int = 20) -> tuple[ChangeLine, ...]:
        """What was decided lately and concerns the person, the newest first."""
        states = (ChangeState.APPROVED, ChangeState.REJECTED, ChangeState.WITHDRAWN)
        with self._room.store.read() as unit:
            reader = _Reader(unit, self._room, by)
            found = [change for change in unit.approvals.in_state(*states, limit=200) if reader.sees(change)]
            return tuple(reader.line(change) for change in found[:limit])

    def standing(self, bulletin: BulletinId, by: Person) -> Standing:
        """Where a bulletin stands on its way to the air; nothing for one that the store does not have."""
        with self._room.store.read() as unit:
            reader = _Reader(unit, self._room, by)
            changes = unit.approvals.of_bulletin(bulletin)
            on_air, written = unit.bulletins.on_air([bulletin]).get(bulletin), unit.bulletins.written(bulletin)
            known, places, now = unit.bulletins.get(bulletin), self._room.places(unit), self._room.now()
            again = bool(waiting_items(unit, bulletin, now)) or on_air is not None
            open_states = (BulletinState.DRAFT, BulletinState.REJECTED)
            ready = known is not None and known.state in open_states and written is not None and bool(written.clips)
            newest = changes[0] if changes else None
            return Standing(
                changes=tuple(reader.line(change) for change in changes if reader.sees(change)),
                airs_older=on_air is not None and on_air != written,
                reason=newest.reason if newest and newest.state is ChangeState.REJECTED else "",
                reason_by=reader.name(newest.decided_by) if newest else "",
                may_submit=ready and again,
                may_edit=known is not None and may_edit(unit, places, by, known, now),
                may_withdraw=known is not None and may_withdraw(unit, places, by, known, now),
            )

    def change(self, change: ChangeId, by: Person) -> ChangeView:
        """All of one change; Refusal when there is none or it is not in the person's places."""
        with self._room.store.read() as unit:
            found, reader = known_change(unit, change), _Reader(unit, self._room, by)
            if not reader.sees(found):
                raise forbidden()
            return reader.view(found)


class _Reader:
    """One person's look at changes, inside one unit of work."""

    def __init__(self, unit: Unit, room: Room, by: Person) -> None:
        self._unit, self._by, self._now = unit, by, room.now()
        self._places: Locality = room.places(unit)
        self._scope: Scope = scope_of(by, self._places)
        self._names: dict[str, str] = {}

    def sees(self, change: Change) -> bool:
        targets = [each.targets for item in change.items for each in (item.before, item.after) if each is not None]
        if change.made_by == self._by.username or any(sees_targets(self._scope, each) for each in targets):
            return True
        bulletin = self._unit.bulletins.get(change.bulletin)
        return bulletin is not None and sees_bulletin(self._unit, self._scope, self._by, bulletin)

    def name(self, username: str) -> str:
        if username not in self._names:
            user = self._unit.people.by_username(username) if username else None
            self._names[username] = (user.display_name or username) if user else username
        return self._names[username]

    def line(self, change: Change) -> ChangeLine:
        shown = [item for item in change.items if item.before != item.after] or list(change.items)
        after = [each for item in shown if (each := item.after or item.before) is not None]
        areas = areas_of(self._unit, self._places, change)
        content = change.contents.get(change.bulletin)
        bulletin = self._unit.bulletins.get(change.bulletin)
        return ChangeLine(
            id=change.id,
            bulletin=change.bulletin,
            title=content.title if content else bulletin.title if bulletin else "",
            state=change.state,
            words=when_words(shown[0]) if shown else "",
            places_sentence=self._where([each.targets for each in after]),
            made=change.made,
            made_by=self.name(change.made_by),
            night=change.night,
            priority=min((each.priority for each in after), default=Priority.NORMAL),
            own=self._by.username in authors_of(self._unit, change),
            can_decide=may(self._by.grants, Operation.APPROVE, areas, self._places.tree),
        )

    def _where(self, targets: Sequence[Targets]) -> str:
        areas = dict.fromkeys(area for each in targets for area in each.areas if area in self._places.tree.areas)
        speakers = dict.fromkeys(speaker for each in targets for speaker in each.speakers)
        groups = dict.fromkeys(group for each in targets for group in each.groups if group in self._places.groups)
        named = [self._places.speakers[each].name for each in speakers if each in self._places.speakers]
        gone = [speaker for each in targets for area in self._places.ended(each) for speaker in self._last(area)]
        names = [*(self._places.groups[group].name for group in groups), *named, *dict.fromkeys(gone)]
        return places_words(self._places.tree.name_places(tuple(areas)), names)

    def _last(self, area: AreaId) -> list[str]:
        speakers = sorted(self._places.last_in(area))
        return [self._places.speakers[each].name for each in speakers if each in self._places.speakers]

    def view(self, change: Change) -> ChangeView:
        line = self.line(change)
        pending = change.state is ChangeState.PENDING
        checks = look(self._unit, self._places, change.items, change.contents, self._now) if pending else None
        areas = areas_of(self._unit, self._places, change)
        return ChangeView(
            line=line,
            digest=change.digest,
            contents=self._contents(change),
            items=tuple(self._item(item, change) for item in change.items),
            first_tonight=tonight_words(checks.first_tonight) if checks else "",
            clashes=self._clashes(change, checks) if checks else (),
            breaches=breach_sentences(checks, self._places) if checks else (),
            alone=may_alone(self._places, areas, self._by),
            confirmed_by=self.name(change.confirmed_by),
            decided=change.decided,
            decided_by=self.name(change.decided_by),
            reason=change.reason,
            one_person=change.one_person,
            listened=self._listened(change),
            newer=None if pending else self._newer(change),
        )

    def _listened(self, change: Change) -> bool | None:
        """As the audit kept it at that moment: what was heard later is no listening before."""
        entry = self._unit.audit.newest_of(f"change:{change.id}", "change.approve") if change.one_person else None
        found = json.loads(entry.after).get("listened") if entry and entry.after else None
        return found if isinstance(found, bool) else None

    def _newer(self, change: Change) -> ChangeId | None:
        found = self._unit.approvals.of_bulletin(change.bulletin)
        return next((each.id for each in found if each.state is ChangeState.PENDING), None)

    def _clashes(self, change: Change, checks: Checks) -> tuple[Clash, ...]:
        after = [item.after for item in change.items if item.after is not None]
        zones = [self._places.zone(next(iter(each.targets.areas), None)) for each in after]
        return tuple(clash for each, zone in zip(after, zones, strict=True) for clash in clashes_of(checks, each, zone))

    def _contents(self, change: Change) -> tuple[ContentView, ...]:
        on_air, needed = self._unit.bulletins.on_air(list(change.contents)), to_hear(change)
        order = sorted(change.contents, key=lambda each: (each != change.bulletin, each))
        return tuple(self._content(each, change.contents[each], on_air.get(each), each in needed) for each in order)

    def _content(self, bulletin: BulletinId, content: Content, before: Content | None, to_hear: bool) -> ContentView:
        refs = self._unit.bulletins.refs(content.clips)
        clips = tuple(
            ClipHeard(clip, refs[clip].duration, heard_percent(self._unit, self._by.id, clip))
            for clip in content.clips
            if clip in refs
        )
        return ContentView(
            bulletin=bulletin,
            title=content.title,
            text=content.text,
            spoken=content.spoken,
            clips=clips,
            first=before is None,
            to_hear=to_hear,
            title_pieces=differences(before.title if before else content.title, content.title),
            text_pieces=differences(before.text if before else content.text, content.text),
            sound_changed=before is not None and before.clips != content.clips,
        )

    def _item(self, item: Item, change: Change) -> ItemView:
        shown = item.after or item.before
        assert shown is not None, "an item has one side at least"
        title = change.contents[shown.bulletin].title if shown.bulletin in change.contents else ""
        zone = self._places.zone(next(iter(shown.targets.areas), None))
        pending = change.state is ChangeState.PENDING
        shows = pending and item.after is not None and not item.at_once
        starts = next_starts(self._unit, self._places, shown, zone, self._now) if shows else ()
        return ItemView(
            schedule=item.schedule,
            kind=kind_of(item),
            title=title,
            rows=self._rows(item),
            speakers=len(self._places.addressed(shown.targets)),
            starts=starts,
        )

    def _rows(self, item: Item) -> tuple[Row, ...]:
        before = self._told(item, item.before) if item.before else {}
        after = self._told(item, item.after) if item.after else {}
        shown = after or before
        return tuple(Row(_(FIELDS[name]), differences(before.get(name, text), text)) for name, text in shown.items())

    def _told(self, item: Item, schedule: Schedule) -> dict[str, str]:
        at_once = item.at_once and schedule is item.after
        return {
            "when": _("ngay khi được duyệt") if at_once else words_of(schedule),
            "where": self._where([schedule.targets]),
            "volume": f"{schedule.volume} %",
            "priority": _(PRIORITY_WORDS[schedule.priority]),
        }


def kind_of(item: Item) -> str:
    if item.before is None:
        return "new"
    if item.after is None:
        return "ended"
    if item.before == item.after:
        return "kept"
    return "less" if takes_away(item) else "changed"


def when_words(item: Item) -> str:
    shown = item.after or item.before
    if shown is None:
        return ""
    return _("ngay khi được duyệt") if item.at_once else words_of(shown)


def words_of(schedule: Schedule) -> str:
    """When it is heard; "" for what cannot be read any more."""
    try:
        return schedule_words(schedule)
    except ValueError:
        return ""
