"""Templates of a station: a programme is kept under a name, and bulletins begin from it."""

from dataclasses import replace

from audio.parts import Part, PartKind, Programme, simple
from controller.desk.composing import check_characters
from controller.desk.part_checks import check_programme
from controller.desk.parts import Parts
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.scope import scope_of
from controller.desk.sight import home_of
from controller.desk.values import NewBulletin, Person
from controller.ids import new_id
from controller.language import n_
from controller.rights import Operation, may
from controller.store.unit import Unit
from controller.store.values import Template, TemplateId
from schedules.units import AreaId, BulletinId

MAX_NAME = 120
EMPTY = simple(Part(PartKind.TEXT))
"""What a programme begins from without a template."""


class Templates:
    def __init__(self, room: Room) -> None:
        self._room = room

    def all(self, by: Person) -> tuple[Template, ...]:
        """Those of the person's places and of the ones above."""
        with self._room.store.read() as unit:
            return tuple(each for each in unit.templates.all() if self._sees(unit, by, each))

    def may_retire(self, by: Person) -> frozenset[TemplateId]:
        """Those that the person keeps: of a place where they may compose, or their own."""
        with self._room.store.read() as unit:
            return frozenset(each.id for each in unit.templates.all() if self._keeps(unit, by, each))

    def keep(self, name: str, programme: Programme, by: Person, area: AreaId | None = None) -> TemplateId:
        """Keep `programme` under `name` for the place (None: the first of theirs)."""
        check_characters(name, "name")
        if not name.strip() or len(name) > MAX_NAME:
            raise Refusal(
                "bad-template-name",
                n_("Hãy đặt tên cho mẫu, không quá %(limit)s ký tự."),
                field="name",
                params={"limit": MAX_NAME},
            )
        check_programme(programme)
        template = TemplateId(new_id("pt"))
        with self._room.store.write() as unit:
            home = home_of(by, self._room.places(unit), area)
            made = Template(template, name.strip(), home, programme, False, self._room.now(), by.username)
            unit.templates.put(made)
            told = {"name": made.name, "area": home or "", "parts": [part.kind.value for part in programme.parts]}
            self._room.record(unit, by, "template.keep", f"template:{template}", None, told)
            unit.changed("templates")
        return template

    def retire(self, template: TemplateId, by: Person) -> None:
        """Offer it no more; bulletins that began from it stay."""
        with self._room.store.write() as unit:
            found = self._known(unit, by, template)
            if not self._keeps(unit, by, found):
                raise forbidden()
            unit.templates.put(replace(found, retired=True))
            self._room.record(unit, by, "template.retire", f"template:{template}", {"name": found.name}, None)
            unit.changed("templates")

    def begin(self, template: TemplateId | None, new: NewBulletin, by: Person) -> BulletinId:
        """A new bulletin whose programme is that of the template (None: an empty text between the chimes)."""
        programme = EMPTY
        if template is not None:
            with self._room.store.read() as unit:
                programme = self._known(unit, by, template).programme
                known = unit.recordings.many(programme.recordings)
            programme = _without_gone(programme, frozenset(known))
        return Parts(self._room).begin(new, programme, by)

    def _known(self, unit: Unit, by: Person, template: TemplateId) -> Template:
        found = unit.templates.get(template)
        if found is None or found.retired:
            raise Refusal("unknown-template", n_("Không có mẫu này. Hãy chọn lại trong danh sách mẫu."), status=404)
        if not self._sees(unit, by, found):
            raise forbidden()
        return found

    def _sees(self, unit: Unit, by: Person, template: Template) -> bool:
        scope = scope_of(by, self._room.places(unit), operation=Operation.COMPOSE)
        own = scope.inside is None or template.made_by == by.username
        return own or (template.area is not None and scope.hears([template.area], ()))

    def _keeps(self, unit: Unit, by: Person, template: Template) -> bool:
        if template.made_by == by.username:
            return True
        areas = () if template.area is None else (template.area,)
        return may(by.grants, Operation.COMPOSE, areas, self._room.tree(unit))


def _without_gone(programme: Programme, known: frozenset[str]) -> Programme:
    """A recording that is kept no more leaves an empty place, which the page asks to be filled."""
    parts = [
        part if part.recording is None or part.recording in known else replace(part, recording=None, cuts=())
        for part in programme.parts
    ]
    bed = programme.bed if programme.bed is not None and programme.bed.recording in known else None
    return Programme(tuple(parts), bed)
