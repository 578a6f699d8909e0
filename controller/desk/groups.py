"""Groups: named sets of speakers, kept by the staff of an area, for schedules to be aimed at."""

from collections.abc import Iterable
from dataclasses import replace

from controller.desk.place_checks import check_name
from controller.desk.reforms import Named
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.values import Person
from controller.ids import new_id
from controller.language import n_
from controller.locality import Atlas, atlas
from controller.rearrange import Rearranged, rearrange
from controller.rights import Operation, places_of
from controller.store.unit import Unit
from controller.store.values import Group
from schedules.units import AreaId, GroupId, SpeakerId


class Groups:
    def __init__(self, room: Room) -> None:
        self._room = room

    def all(self, by: Person) -> tuple[Group, ...]:
        """The groups in the person's places, by name; the retired ones not."""
        with self._room.store.read() as unit:
            seen = places_of(by.grants, Operation.SEE, self._room.tree(unit))
            return tuple(each for each in unit.groups.all() if each.area in seen and not each.retired)

    def get(self, group: GroupId, by: Person) -> Group:
        """The group, for somebody who keeps it."""
        with self._room.store.read() as unit:
            found = self._known(unit, group)
            self._room.require(unit, by, Operation.TEND, found.area)
            return found

    def make(self, name: str, area: AreaId, speakers: Iterable[SpeakerId], by: Person) -> GroupId:
        with self._room.store.write() as unit:
            group = Group(GroupId(new_id("g")), name.strip(), area, tuple(sorted(set(speakers))))
            self._put(unit, None, group, by)
            return group.id

    def change(self, group: GroupId, name: str, speakers: Iterable[SpeakerId], by: Person) -> Rearranged:
        """Another name or other speakers: what is planned for the group reaches the others from now on."""
        with self._room.store.write() as unit:
            before = self._known(unit, group)
            return self._put(
                unit, before, replace(before, name=name.strip(), speakers=tuple(sorted(set(speakers)))), by
            )

    def retire(self, group: GroupId, by: Person) -> None:
        """It is offered no more; schedules that name it go on meaning its speakers."""
        with self._room.store.write() as unit:
            before = self._known(unit, group)
            self._room.require(unit, by, Operation.TEND, before.area)
            unit.groups.put(replace(before, retired=True), self._room.now(), by.username)
            self._room.record(unit, by, "group.retire", f"group:{group}", _told(before), {"retired": True})

    def _known(self, unit: Unit, group: GroupId) -> Group:
        found = next((each for each in unit.groups.all() if each.id == group and not each.retired), None)
        if found is None:
            raise Refusal("unknown-group", n_("Không có nhóm loa này. Hãy tải lại trang."), status=404)
        return found

    def _put(self, unit: Unit, before: Group | None, after: Group, by: Person) -> Rearranged:
        places = atlas(unit, self._room.zone)
        self._room.require(unit, by, Operation.TEND, after.area)
        check_name(Named(after.name))
        self._check_speakers(places, before, after)
        taken = (each for each in unit.groups.all() if each.id != after.id and not each.retired)
        if any((each.area, each.name.casefold()) == (after.area, after.name.casefold()) for each in taken):
            raise Refusal("same-name", n_("Đã có nhóm loa cùng tên ở địa bàn này. Hãy đặt tên khác."), field="name")
        unit.groups.put(after, self._room.now(), by.username)
        verb = "group.make" if before is None else "group.change"
        self._room.record(unit, by, verb, f"group:{after.id}", _told(before) if before else None, _told(after))
        return rearrange(unit, self._room.planner, places, by.username, self._room.now())

    def _check_speakers(self, places: Atlas, before: Group | None, after: Group) -> None:
        """A new speaker of a group stands in the group's area; one that has moved away may stay."""
        here = places.at(self._room.now())
        if after.area not in here.tree.areas:
            raise Refusal("unknown-area", n_("Không có địa bàn này. Hãy tải lại trang và chọn lại."), field="area")
        inside = here.tree.covered([after.area])
        for speaker in set(after.speakers) - set(before.speakers if before else ()):
            if here.where.get(speaker) not in inside:
                name = places.speakers[speaker].name if speaker in places.speakers else speaker
                raise Refusal(
                    "speaker-elsewhere",
                    n_("%(speaker)s không ở trong %(area)s. Hãy chọn cụm loa của địa bàn này."),
                    field="speakers",
                    params={"speaker": name, "area": here.tree.areas[after.area].full_name},
                )
        if not after.speakers:
            raise Refusal("no-speaker", n_("Chưa chọn cụm loa nào. Hãy chọn ít nhất một."), field="speakers")


def _told(group: Group) -> dict[str, object]:
    return {"name": group.name, "area": group.area, "speakers": list(group.speakers)}
