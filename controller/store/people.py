"""Repository of people and their sessions."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from controller.rights import Grant, Role
from controller.store import schema
from controller.store.values import Session, User
from schedules.units import AreaId, UtcMs


def _user(row: sa.Row[tuple[object, ...]]) -> User:
    return User(
        row.id,
        row.username,
        row.display_name,
        row.password_hash,
        row.must_change_password,
        row.disabled,
        row.totp_secret,
        row.totp_on,
        row.totp_used,
        row.oidc_subject,
        row.language,
    )


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(row.token_hash, row.user_id, row.csrf_token, row.made_ms, row.seen_ms, row.source, row.device)


class People:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def any(self) -> bool:
        return self._c.execute(sa.select(schema.users.c.id).limit(1)).first() is not None

    def add(self, user: User, made: UtcMs, made_by: str) -> None:
        self._c.execute(
            schema.users.insert().values(
                id=user.id,
                username=user.username,
                display_name=user.display_name,
                password_hash=user.password_hash,
                must_change_password=user.must_change_password,
                oidc_subject=user.oidc_subject,
                language=user.language,
                made_ms=made,
                made_by=made_by,
            )
        )

    def by_username(self, username: str) -> User | None:
        row = self._c.execute(sa.select(schema.users).where(schema.users.c.username == username)).first()
        return _user(row) if row else None

    def by_id(self, user_id: str) -> User | None:
        row = self._c.execute(sa.select(schema.users).where(schema.users.c.id == user_id)).first()
        return _user(row) if row else None

    def by_oidc(self, subject: str) -> User | None:
        """Whose account it is at the provider, by `issuer subject`."""
        row = self._c.execute(sa.select(schema.users).where(schema.users.c.oidc_subject == subject)).first()
        return _user(row) if row else None

    def all(self) -> tuple[User, ...]:
        """Everybody, by user name."""
        rows = self._c.execute(sa.select(schema.users).order_by(schema.users.c.username))
        return tuple(_user(row) for row in rows)

    def _set(self, user_id: str, **values: object) -> None:
        self._c.execute(schema.users.update().where(schema.users.c.id == user_id).values(**values))

    def set_disabled(self, user_id: str, disabled: bool) -> None:
        self._set(user_id, disabled=disabled)

    def set_display_name(self, user_id: str, name: str) -> None:
        self._set(user_id, display_name=name)

    def set_totp(self, user_id: str, secret: str, *, on: bool) -> None:
        self._set(user_id, totp_secret=secret, totp_on=on, totp_used=0)

    def set_totp_used(self, user_id: str, step: int) -> None:
        self._set(user_id, totp_used=step)

    def set_recovery_codes(self, user_id: str, hashes: Iterable[str]) -> None:
        """Replace all of them."""
        table = schema.recovery_codes
        self._c.execute(table.delete().where(table.c.user_id == user_id))
        for each in hashes:
            self._c.execute(table.insert().values(code_hash=each, user_id=user_id))

    def use_recovery_code(self, user_id: str, code_hash: str) -> bool:
        """Delete it; whether it was there."""
        table = schema.recovery_codes
        query = table.delete().where(table.c.code_hash == code_hash, table.c.user_id == user_id)
        return self._c.execute(query).rowcount == 1

    def recovery_codes_left(self, user_id: str) -> int:
        table = schema.recovery_codes
        query = sa.select(sa.func.count()).select_from(table).where(table.c.user_id == user_id)
        return int(self._c.execute(query).scalar_one())

    def set_password(self, user_id: str, password_hash: str, must_change: bool) -> None:
        self._c.execute(
            schema.users.update()
            .where(schema.users.c.id == user_id)
            .values(password_hash=password_hash, must_change_password=must_change)
        )

    def set_language(self, user_id: str, language: str) -> None:
        self._c.execute(schema.users.update().where(schema.users.c.id == user_id).values(language=language))

    def add_session(self, session: Session) -> None:
        self._c.execute(
            schema.sessions.insert().values(
                token_hash=session.token_hash,
                user_id=session.user_id,
                csrf_token=session.csrf_token,
                source=session.source,
                device=session.device,
                made_ms=session.made,
                seen_ms=session.seen,
            )
        )

    def session(self, token_hash: str) -> Session | None:
        row = self._c.execute(sa.select(schema.sessions).where(schema.sessions.c.token_hash == token_hash)).first()
        return _session(row) if row else None

    def sessions_of(self, user_id: str) -> tuple[Session, ...]:
        """The one used last first."""
        table = schema.sessions
        query = sa.select(table).where(table.c.user_id == user_id).order_by(table.c.seen_ms.desc(), table.c.token_hash)
        return tuple(_session(row) for row in self._c.execute(query))

    def touch_session(self, token_hash: str, seen: UtcMs) -> None:
        self._c.execute(schema.sessions.update().where(schema.sessions.c.token_hash == token_hash).values(seen_ms=seen))

    def end_session(self, token_hash: str) -> None:
        self._c.execute(schema.sessions.delete().where(schema.sessions.c.token_hash == token_hash))

    def end_idle_sessions(self, before: UtcMs) -> int:
        """End those last seen before then; returns how many."""
        table = schema.sessions
        return self._c.execute(table.delete().where(table.c.seen_ms < before)).rowcount

    def end_sessions_of(self, user_id: str, but: str = "") -> None:
        table = schema.sessions
        self._c.execute(table.delete().where(table.c.user_id == user_id, table.c.token_hash != but))

    def grants(self, user_id: str) -> tuple[Grant, ...]:
        table = schema.grants
        query = sa.select(table).where(table.c.user_id == user_id).order_by(table.c.area, table.c.role)
        return tuple(Grant(Role(row.role), AreaId(row.area)) for row in self._c.execute(query))

    def all_grants(self) -> Mapping[str, tuple[Grant, ...]]:
        """Everybody's, by person."""
        table, found = schema.grants, dict[str, tuple[Grant, ...]]()
        for row in self._c.execute(sa.select(table).order_by(table.c.user_id, table.c.area, table.c.role)):
            found[row.user_id] = (*found.get(row.user_id, ()), Grant(Role(row.role), AreaId(row.area)))
        return found

    def set_grants(self, user_id: str, grants: Iterable[Grant], made: UtcMs, made_by: str) -> None:
        """Replace all grants of a person."""
        table = schema.grants
        self._c.execute(table.delete().where(table.c.user_id == user_id))
        for grant in sorted(set(grants), key=lambda each: (each.area, each.role)):
            values = {"role": grant.role.value, "area": grant.area, "made_ms": made, "made_by": made_by}
            self._c.execute(table.insert().values(user_id=user_id, **values))
