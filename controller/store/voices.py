"""Repository of the voices that stations remember: who reads their bulletins unless somebody chooses otherwise."""

from collections.abc import Sequence

import sqlalchemy as sa

from audio.sources import VoiceChoice
from controller.store import schema
from controller.store.upsert import upsert
from schedules.units import AreaId, UtcMs


class StationVoices:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def of(self, area: AreaId) -> VoiceChoice | None:
        """What this area itself remembers."""
        return self.first((area,))

    def first(self, areas: Sequence[AreaId]) -> VoiceChoice | None:
        """What the first of `areas` remembers that remembers anything."""
        table = schema.station_voices
        rows = {row.area: row for row in self._c.execute(sa.select(table).where(table.c.area.in_(list(areas))))}
        found = next((rows[area] for area in areas if area in rows), None)
        return None if found is None else VoiceChoice(found.voice, found.second_voice, found.rate, found.pitch)

    def put(self, area: AreaId, choice: VoiceChoice, at: UtcMs, by: str) -> None:
        values = {
            "voice": choice.name,
            "second_voice": choice.second,
            "rate": choice.rate,
            "pitch": choice.pitch,
            "made_ms": at,
            "made_by": by,
        }
        upsert(self._c, schema.station_voices, {"area": area}, values)
