"""Repository of the readings that stations have given themselves."""

from dataclasses import dataclass

import sqlalchemy as sa

from controller.store import schema
from controller.store.upsert import upsert
from schedules.units import AreaId, UtcMs


@dataclass(frozen=True, slots=True)
class Reading:
    """In `area` and below, `written` is read `read`; both are tidy (audio.speech.readings.tidy)."""

    area: AreaId
    written: str
    read: str
    made: UtcMs
    made_by: str


class OwnReadings:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def all(self) -> tuple[Reading, ...]:
        """Of every area, by area and by what is written."""
        table = schema.readings
        rows = self._c.execute(sa.select(table).order_by(table.c.area, table.c.written))
        return tuple(Reading(AreaId(row.area), row.written, row.read, UtcMs(row.made_ms), row.made_by) for row in rows)

    def get(self, area: AreaId, written: str) -> Reading | None:
        return next((each for each in self.all() if each.area == area and each.written == written), None)

    def put(self, reading: Reading) -> None:
        key = {"area": reading.area, "written": reading.written}
        values = {"read": reading.read, "made_ms": reading.made, "made_by": reading.made_by}
        upsert(self._c, schema.readings, key, values)

    def drop(self, area: AreaId, written: str) -> None:
        table = schema.readings
        self._c.execute(table.delete().where(table.c.area == area, table.c.written == written))
