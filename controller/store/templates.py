"""Repository of templates: programmes to begin bulletins from."""

from typing import Any

import sqlalchemy as sa

from audio.parts import Programme
from controller.store import schema
from controller.store.parts import bed_from, bed_json, part_from, part_json
from controller.store.upsert import upsert
from controller.store.values import Template, TemplateId
from schedules.units import AreaId, UtcMs


def _template(row: sa.Row[Any]) -> Template:
    programme = Programme(tuple(part_from(part) for part in row.parts), bed_from(row.bed))
    area = None if row.area is None else AreaId(row.area)
    return Template(TemplateId(row.id), row.name, area, programme, row.retired, UtcMs(row.made_ms), row.made_by)


class Templates:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def put(self, template: Template) -> None:
        values = {
            "name": template.name,
            "area": template.area,
            "parts": [part_json(part) for part in template.programme.parts],
            "bed": bed_json(template.programme.bed),
            "retired": template.retired,
            "made_ms": template.made,
            "made_by": template.made_by,
        }
        upsert(self._c, schema.programme_templates, {"id": template.id}, values)

    def get(self, template: TemplateId) -> Template | None:
        table = schema.programme_templates
        row = self._c.execute(sa.select(table).where(table.c.id == template)).first()
        return _template(row) if row else None

    def all(self) -> tuple[Template, ...]:
        """Those that are offered, by name."""
        table = schema.programme_templates
        query = sa.select(table).where(table.c.retired.is_(False)).order_by(table.c.name, table.c.id)
        return tuple(_template(row) for row in self._c.execute(query))
