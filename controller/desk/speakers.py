"""Speakers as staff keep them: where each is and was, its name, a move on a day, and its end."""

from dataclasses import dataclass
from datetime import date

from controller.configs import publish_config
from controller.desk.place_checks import YEARS, check_name, named_area
from controller.desk.reforms import Named
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.values import Person
from controller.language import n_
from controller.locality import Atlas, atlas, day_start
from controller.members import moved
from controller.rearrange import Rearranged, rearrange
from controller.rights import Operation, may
from controller.said import said
from controller.store.unit import Unit
from controller.store.values import Group, Speaker
from schedules.model import Area
from schedules.units import AreaId, SpeakerId, UtcMs
from schedules.wall import local_date


@dataclass(frozen=True, slots=True)
class Stay:
    """Where it was, from … until; None: from the beginning, or open."""

    area: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class SpeakerCard:
    speaker: Speaker
    area: Area | None
    """None: it is nowhere now."""
    stays: tuple[Stay, ...]
    groups: tuple[Group, ...]
    alarms: tuple[str, ...]
    """What must be mended at the box, as it says itself; none while it is away."""


class Speakers:
    def __init__(self, room: Room) -> None:
        self._room = room

    def card(self, speaker: SpeakerId, by: Person) -> SpeakerCard:
        with self._room.store.read() as unit:
            places = atlas(unit, self._room.zone)
            found = known_speaker(self._room, unit, places, speaker, by, Operation.SEE)
            heard = unit.places.status(speaker)
        here = places.at(self._room.now())
        area = here.where.get(speaker)
        stays = tuple(
            Stay(named_area(places, stay.area), self._day(stay.from_ms), self._day(stay.until_ms))
            for stay in places.stays.get(speaker, ())
        )
        groups = tuple(each for each in places.groups.values() if speaker in each.speakers and not each.retired)
        alarms = said(heard).alarms if heard is not None and heard.online else ()
        return SpeakerCard(found, here.tree.areas[area] if area else None, stays, groups, alarms)

    def rename(self, speaker: SpeakerId, name: str, by: Person) -> None:
        check_name(Named(name))
        with self._room.store.write() as unit:
            before = known_speaker(self._room, unit, atlas(unit, self._room.zone), speaker, by, Operation.TEND)
            if before.name == name.strip():
                return
            unit.reforms.rename_speaker(speaker, name.strip())
            self._room.record(
                unit, by, "speaker.rename", f"speaker:{speaker}", {"name": before.name}, {"name": name.strip()}
            )
            publish_config(unit, self._room.planner.signer, speaker, self._room.now(), self._room.zone)
            unit.changed("speakers")

    def move(self, speaker: SpeakerId, area: AreaId, day: date, by: Person) -> Rearranged:
        """It stands in `area` from `day` on (today: from now on), whatever was planned for it later."""
        if day.year not in YEARS:
            raise Refusal("bad-day", n_("Ngày không hợp lệ. Hãy chọn ngày từ năm 1970 đến năm 2300."), field="day")
        with self._room.store.write() as unit:
            places = atlas(unit, self._room.zone)
            known_speaker(self._room, unit, places, speaker, by, Operation.TEND)
            now = self._room.now()
            begin = day_start(day, self._room.zone)
            at = now if self._day(now) == day else begin
            refuse_unlasting(places, area, at)
            _require(self._room, places, by, Operation.TEND, area if area in places.tree(now).areas else None)
            return self._replace(unit, places, speaker, area, at, by, "speaker.move")

    def retire(self, speaker: SpeakerId, by: Person) -> Rearranged:
        """It is no more: nothing is planned for it, its box is told so, what it did stays on record."""
        with self._room.store.write() as unit:
            places = atlas(unit, self._room.zone)
            known_speaker(self._room, unit, places, speaker, by, Operation.TEND)
            done = self._replace(unit, places, speaker, None, self._room.now(), by, "speaker.retire")
            unit.reforms.retire_speaker(speaker)
            return done

    def _replace(
        self, unit: Unit, places: Atlas, speaker: SpeakerId, area: AreaId | None, at: UtcMs, by: Person, action: str
    ) -> Rearranged:
        members = moved(places.members, speaker, area, at)
        unit.reforms.put_members(places.members, members)
        was = places.at(at).where.get(speaker)
        after = {"area": area, "from_ms": int(at)} if area is not None else {"from_ms": int(at)}
        self._room.record(unit, by, action, f"speaker:{speaker}", {"area": was} if was else {}, after)
        return rearrange(unit, self._room.planner, places, by.username, self._room.now())

    def _day(self, at: UtcMs) -> date | None:
        return local_date(at, self._room.zone) if at > 0 else None


def refuse_unlasting(places: Atlas, area: AreaId, at: UtcMs) -> None:
    """Refusal unless the area is there from `at` on for good."""
    if all(area in places.tree(begin).areas for begin, _ in places.cut(at, UtcMs(0))):
        return
    raise Refusal(
        "unlasting-area",
        n_("%(area)s không có vào ngày ấy hoặc sẽ kết thúc sau đó. Hãy chọn ngày khác hoặc địa bàn khác."),
        field="area",
        params={"area": named_area(places, area)},
    )


def known_speaker(
    room: Room, unit: Unit, places: Atlas, speaker: SpeakerId, by: Person, operation: Operation
) -> Speaker:
    """The speaker, if it is there and stands where `by` may do `operation`."""
    found = unit.places.speaker(speaker)
    if found is None or (found.retired and operation is not Operation.SEE):
        raise Refusal("unknown-speaker", n_("Không có cụm loa này. Hãy tải lại trang cụm loa."), status=404)
    _require(room, places, by, operation, places.at(room.now()).where.get(speaker))
    return found


def _require(room: Room, places: Atlas, by: Person, operation: Operation, area: AreaId | None) -> None:
    if not may(by.grants, operation, [area] if area else [], places.tree(room.now())):
        raise forbidden()
