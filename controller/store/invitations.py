"""Repository of invitations: one-time links by which somebody makes an account or sets a password."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from controller.rights import Grant, Role
from controller.store import schema
from schedules.units import AreaId, UtcMs


@dataclass(frozen=True, slots=True)
class Invitation:
    """`user_id`: whose password it sets; "" for a new account with `grants`. `used` 0: not yet."""

    token_hash: str
    user_id: str
    display_name: str
    grants: tuple[Grant, ...]
    expires: UtcMs
    made: UtcMs
    made_by: str
    used: UtcMs = UtcMs(0)
    used_by: str = ""


def _invitation(row: sa.Row[Any]) -> Invitation:
    grants = tuple(Grant(Role(role), AreaId(area)) for role, area in row.grants)
    return Invitation(
        row.token_hash,
        row.user_id,
        row.display_name,
        grants,
        row.expires_ms,
        row.made_ms,
        row.made_by,
        row.used_ms,
        row.used_by,
    )


class Invitations:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def add(self, invitation: Invitation) -> None:
        self._c.execute(
            schema.invitations.insert().values(
                token_hash=invitation.token_hash,
                user_id=invitation.user_id,
                display_name=invitation.display_name,
                grants=[[grant.role.value, grant.area] for grant in invitation.grants],
                expires_ms=invitation.expires,
                made_ms=invitation.made,
                made_by=invitation.made_by,
            )
        )

    def get(self, token_hash: str) -> Invitation | None:
        table = schema.invitations
        row = self._c.execute(sa.select(table).where(table.c.token_hash == token_hash)).first()
        return _invitation(row) if row else None

    def open(self, now: UtcMs) -> tuple[Invitation, ...]:
        """Those that still wait for their person, the newest first."""
        table = schema.invitations
        query = sa.select(table).where(table.c.used_ms == 0, table.c.expires_ms > now)
        rows = self._c.execute(query.order_by(table.c.made_ms.desc(), table.c.token_hash))
        return tuple(_invitation(row) for row in rows)

    def use(self, token_hash: str, by: str, at: UtcMs) -> bool:
        """Whether it had not been used or withdrawn before."""
        table = schema.invitations
        query = table.update().where(table.c.token_hash == token_hash, table.c.used_ms == 0)
        return self._c.execute(query.values(used_ms=at, used_by=by)).rowcount == 1

    def withdraw_resets(self, user_id: str, at: UtcMs) -> None:
        """Let no older link set this person's password."""
        table = schema.invitations
        query = table.update().where(table.c.user_id == user_id, table.c.used_ms == 0)
        self._c.execute(query.values(used_ms=at))
