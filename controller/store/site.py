"""Repository of the site's own facts: names and values, and the key lists."""

from collections.abc import Mapping

import sqlalchemy as sa

from controller.store import schema
from controller.store.upsert import upsert

SITE_ID = "site_id"
EPOCH = "epoch"
MARKER = "marker"
BEHIND = "behind"
"""Why this controller signs nothing: what speakers told that is newer than the database. Empty while all is well."""
RESTORING = "restoring"
"""When somebody asked for a new epoch (UTC ms); empty when it has begun."""
HOME_ZONE = "home_time_zone"


class Site:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def get(self, name: str) -> str:
        """The value of `name`, "" when it was never set."""
        table = schema.site
        return str(self._c.execute(sa.select(table.c.value).where(table.c.name == name)).scalar() or "")

    def put(self, name: str, value: str) -> None:
        upsert(self._c, schema.site, {"name": name}, {"value": value})

    @property
    def epoch(self) -> int:
        return int(self.get(EPOCH) or 1)

    @property
    def silent(self) -> bool:
        """The controller must not sign: it is out of date, or about to begin a new epoch."""
        return bool(self.get(BEHIND) or self.get(RESTORING))

    def key_lists(self) -> Mapping[int, str]:
        """Payload by version, all of them: the chain is never cleared."""
        table = schema.key_lists
        return {row.version: row.payload for row in self._c.execute(sa.select(table).order_by(table.c.version))}

    def add_key_list(self, version: int, payload: str) -> None:
        self._c.execute(schema.key_lists.insert().values(version=version, payload=payload))
