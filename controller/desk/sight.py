"""What one person may see or touch, by place: bulletins, clips and what is aimed at some places."""

from collections.abc import Collection

from controller.desk.refusal import forbidden
from controller.desk.scope import Scope
from controller.desk.values import AreaNode, Person
from controller.locality import Locality
from controller.rights import Operation, may, places_of
from controller.store.changes import ChangeState
from controller.store.unit import Unit
from controller.store.values import Bulletin
from schedules.model import Targets
from schedules.units import AreaId, BulletinId, ClipId


def heard_in(places: Locality, targets: Targets) -> tuple[AreaId, ...]:
    """Every area in which `targets` are heard, as named: what one must have a right in to put something there."""
    meant = places.resolve(targets)
    return tuple({*meant.areas, *(places.where[speaker] for speaker in meant.speakers if speaker in places.where)})


def require_heard(places: Locality, by: Person, operation: Operation, targets: Targets) -> None:
    """Raise Refusal `forbidden` unless `by` may do it wherever `targets` are heard; what is heard nowhere any more
    is for those who may do it everywhere."""
    if not may(by.grants, operation, heard_in(places, targets), places.tree):
        raise forbidden()


def sees_targets(scope: Scope, targets: Targets) -> bool:
    meant = scope.places.resolve(targets)
    return scope.hears(meant.areas, meant.speakers)


def sees_bulletin(unit: Unit, scope: Scope, by: Person, bulletin: Bulletin) -> bool:
    """One's own, one of these places, or one that is heard in them."""
    if scope.inside is None or bulletin.made_by == by.username:
        return True
    if bulletin.area is not None and scope.inside.intersection(scope.places.heirs(bulletin.area)):
        return True
    return any(sees_targets(scope, schedule.targets) for schedule in unit.broadcasts.schedules_of(bulletin.id))


def sees_clip(unit: Unit, scope: Scope, by: Person, clip: ClipId) -> bool:
    """Whether it is the sound of a bulletin that may be seen."""
    found = unit.bulletins.with_clip(clip) if scope.inside is not None else ()
    return scope.inside is None or any(
        sees_bulletin(unit, scope, by, bulletin) or is_asked_for(unit, scope, bulletin.id) for bulletin in found
    )


def is_asked_for(unit: Unit, scope: Scope, bulletin: BulletinId) -> bool:
    """Whether it would be heard in these places by what waits to be approved: who decides must be able to hear it."""
    return any(
        sees_targets(scope, each.targets)
        for change in unit.approvals.in_state(ChangeState.PENDING)
        if bulletin in change.contents
        for item in change.items
        for each in (item.before, item.after)
        if each is not None
    )


def home_of(by: Person, places: Locality, chosen: AreaId | None) -> AreaId | None:
    """Whose bulletin it is that `by` makes: the place they chose, else the first of theirs; Refusal if not theirs."""
    theirs = places_of(by.grants, Operation.COMPOSE, places.tree)
    if chosen is not None:
        if chosen not in theirs:
            raise forbidden()
        return chosen
    return next(iter(places.tree.smallest_naming(theirs)), None)


def pruned(nodes: Collection[AreaNode], kept: Collection[AreaId]) -> tuple[AreaNode, ...]:
    """The tree without what is not `kept`: what lies below a place that is left out moves up."""
    found: list[AreaNode] = []
    for node in nodes:
        below = pruned(node.children, kept)
        if node.area.id in kept:
            found.append(AreaNode(node.area, node.depth, node.speakers, below))
        else:
            found.extend(below)
    return tuple(found)
