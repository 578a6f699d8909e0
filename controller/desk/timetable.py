"""The timetable: what an order would bring, shown before it is saved, and saved as a change that is approved.

Every call is one unit of work. What is saved is read and checked anew in the transaction that proposes it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from controller.desk.changes import Changes
from controller.desk.checks import Checks, check
from controller.desk.clashes import clashes_of, refuse_breaches, tonight_words
from controller.desk.making_way import making_way, way_words
from controller.desk.orders import Order, read_order, refuse_nowhere
from controller.desk.proposals import is_less, may_alone, places_heard, require_seen
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.sight import require_heard
from controller.desk.values import NewSchedule, Person, Scheduled, Understanding, WhenKind
from controller.desk.whens import Timing, timing_of
from controller.language import n_
from controller.locality import Locality
from controller.rights import Operation
from controller.store.changes import Item
from controller.store.unit import Unit
from controller.store.values import Bulletin
from schedules.conflicts import behind
from schedules.model import BulletinState, Priority, Schedule, Targets
from schedules.units import ScheduleId


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that was read and checked: the items to propose, and what is shown of it."""

    order: Order
    items: tuple[Item, ...]
    understanding: Understanding


class Timetable:
    def __init__(self, room: Room) -> None:
        self.room = room

    def understand(self, new: NewSchedule, by: Person) -> Understanding:
        """What saving would do; stores nothing. Raises Refusal."""
        with self.room.store.read() as unit:
            return self._draft(unit, new, by).understanding

    def create(self, new: NewSchedule, by: Person) -> Scheduled:
        """Propose the schedule; on air at once where one person may do both."""
        with self.room.store.write() as unit:
            draft = self._draft(unit, new, by)
            _refuse_unconfirmed(draft.understanding, new)
            proposed = Changes(self.room).propose_in(unit, new.bulletin, draft.items, by)
        made = draft.order.schedule.id
        return Scheduled(made, proposed.broadcasts, proposed.change, BulletinState(proposed.state.value))

    def timing(self, new: NewSchedule) -> Timing:
        """What the order says of the time alone, on the clock of its places."""
        return timing_of(new, self.room.now(), self.zone(new.targets))

    def zone(self, targets: Targets) -> str:
        """The clock of the first place, or of home while none is chosen."""
        with self.room.store.read() as unit:
            places = self.room.places(unit)
        return places.zone(next((area for area in targets.areas if area in places.tree.areas), None))

    def _draft(self, unit: Unit, new: NewSchedule, by: Person) -> Draft:
        now, places = self.room.now(), self.room.places(unit)
        refuse_nowhere(new.targets)
        require_heard(places, by, Operation.COMPOSE, new.targets)
        require_seen(unit, places, by, [new.bulletin])
        order = read_order(unit, new, now, self.room.zone)
        way: tuple[Item, ...] = ()
        checks = checked(unit, places, [order.schedule], (), self.room)
        if new.instead:
            way = making_way(unit, checks, new.instead)
            after = [order.schedule, *(item.after for item in way if item.after is not None)]
            checks = checked(unit, places, after, [item.schedule for item in way], self.room)
        schedule = behind(order.schedule, checks.conflicts)
        item = Item(order.schedule.id, None, schedule, at_once=new.when.kind is WhenKind.NOW)
        items = (item, *way)
        shown = replace(
            shown_with(order.understanding, checks, order.schedule),
            makes_way=way_words(unit, way),
            at_once=goes_at_once(places, order.bulletin, items, by, checks),
        )
        return Draft(order, items, shown)


def checked(
    unit: Unit, places: Locality, after: list[Schedule], replaced: Collection[ScheduleId], room: Room
) -> Checks:
    """What there is to say of the schedules as they would stand; Refusal when they break a guard rail."""
    found = check(unit, places, after, replaced, room.now())
    refuse_breaches(found, places)
    return found


def goes_at_once(places: Locality, bulletin: Bulletin, items: Sequence[Item], by: Person, checks: Checks) -> bool:
    """Whether what `by` sends is on air without anybody else: see Changes.propose."""
    loud = any(item.after is not None and item.after.priority is not Priority.EMERGENCY for item in items)
    night = checks.night and loud
    return is_less(items) or (may_alone(places, places_heard(places, bulletin, items), by) and not night)


def shown_with(understanding: Understanding, checks: Checks, schedule: Schedule) -> Understanding:
    """The same with what was found out about conflicts, the night and the evening."""
    return replace(
        understanding,
        first_tonight=tonight_words(checks.first_tonight),
        clashes=clashes_of(checks, schedule, understanding.time_zone),
        night=checks.night and schedule.priority is not Priority.EMERGENCY,
    )


def _refuse_unconfirmed(understood: Understanding, new: NewSchedule) -> None:
    if understood.needs_confirmation and new.confirmed_places.strip() != understood.places_sentence:
        raise Refusal(
            "not-confirmed",
            n_("Bản tin khẩn cấp phải được xác nhận đúng nơi phát: “%(places)s”. Hãy xác nhận lại."),
            field="confirmed_places",
            params={"places": understood.places_sentence},
        )
