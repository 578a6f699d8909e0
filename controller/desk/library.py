"""The library: bulletins and clips found by words with or without diacritics, and where each is used."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.desk.programme import Item, Naming, item_of
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.schedules import schedule_view
from controller.desk.scope import Scope, scope_of
from controller.desk.sight import sees_bulletin, sees_targets
from controller.desk.values import Person, ScheduleView
from controller.language import n_
from controller.store import library as store
from controller.store.library import Search, Shelved, ShelvedClip, Use, Within
from controller.store.series import targets_from
from controller.store.unit import Unit
from schedules.units import BroadcastId, BulletinId, UtcMs

RECENT = 30
MOST_SCHEDULES = 50


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the bulletins that were found, of `total`, with the use of each."""

    bulletins: tuple[Shelved, ...]
    uses: Mapping[BulletinId, Use]
    total: int
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundClips:
    clips: tuple[ShelvedClip, ...]
    uses: Mapping[BulletinId, Use]
    total: int


@dataclass(frozen=True, slots=True)
class Used:
    """Where one bulletin is used: its newest schedules, live ones first, and its newest broadcasts."""

    bulletin: BulletinId
    title: str
    use: Use
    schedules: tuple[ScheduleView, ...]
    broadcasts: tuple[Item, ...]


class Library:
    def __init__(self, room: Room) -> None:
        self._room = room

    def bulletins(self, by: Person, search: Search, *, skip: int = 0, most: int = 20) -> Found:
        with self._room.store.read() as unit:
            shelf, within = store.Library(unit.connection), self._within(unit, by)
            found, total = shelf.bulletins(search, within, skip, most)
            uses = shelf.uses([each.id for each in found], self._room.now())
            return Found(found, uses, total, shelf.authors(within))

    def clips(self, by: Person, search: Search, *, skip: int = 0, most: int = 20) -> FoundClips:
        with self._room.store.read() as unit:
            shelf, within = store.Library(unit.connection), self._within(unit, by)
            found, total = shelf.clips(search, within, skip, most)
            named = {bulletin for each in found for bulletin, _ in each.bulletins}
            return FoundClips(found, shelf.uses(named, self._room.now()), total)

    def used(self, by: Person, bulletin: BulletinId) -> Used:
        """Refusal when there is no such bulletin or it is not for `by` to see."""
        with self._room.store.read() as unit:
            found, now, places = unit.bulletins.get(bulletin), self._room.now(), self._room.places(unit)
            if found is None:
                raise Refusal(
                    "unknown-bulletin", n_("Không có bản tin này. Hãy chọn lại trong danh sách bản tin."), status=404
                )
            scope = scope_of(by, places)
            if not sees_bulletin(unit, scope, by, found):
                raise forbidden()
            shelf = store.Library(unit.connection)
            schedules = [each for each in unit.broadcasts.schedules_of(bulletin) if sees_targets(scope, each.targets)]
            views = [schedule_view(unit, each, places, now) for each in schedules[-MOST_SCHEDULES:]]
            return Used(
                bulletin,
                found.title,
                shelf.uses([bulletin], now)[bulletin],
                tuple(sorted(views, key=lambda view: not view.starts)),
                _recent(unit, shelf, scope, bulletin, self._room.now()),
            )

    def _within(self, unit: Unit, by: Person) -> Within | None:
        scope = scope_of(by, self._room.places(unit))
        if scope.inside is None:
            return None
        heard = {
            bulletin
            for bulletin, targets in store.Library(unit.connection).targets()
            if sees_targets(scope, targets_from(targets))
        }
        return Within(scope.inside, by.username, frozenset(heard))


def _recent(unit: Unit, shelf: store.Library, scope: Scope, bulletin: BulletinId, now: UtcMs) -> tuple[Item, ...]:
    found = unit.broadcasts.many([BroadcastId(each) for each in shelf.recent(bulletin, RECENT)])
    seen = [each for each in found if scope.hears(each.areas, each.speakers)]
    counts, naming = unit.playbacks.counts([each.id for each in seen]), Naming(scope.places)
    items = [item_of(each, counts[each.id], naming.of(each), now) for each in seen]
    return tuple(sorted(items, key=lambda item: -item.start))
