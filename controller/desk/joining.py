"""What a one-time link opens: a new account with the rights that were granted, or a new password for an old one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from controller.desk.accounts import Ledger, token_hash
from controller.desk.outside import BY
from controller.desk.passwords import check_password
from controller.desk.people import may_give, may_keep, told
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.values import Person
from controller.ids import new_id
from controller.language import n_
from controller.rights import Grant
from controller.store.invitations import Invitation
from controller.store.unit import Unit
from controller.store.values import User

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")


@dataclass(frozen=True, slots=True)
class Invited:
    """What the page of the link shows. `username` is "" for who has yet to choose one."""

    display_name: str
    username: str
    grants: tuple[Grant, ...]


def checked_username(username: str) -> str:
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise Refusal(
            "bad-username",
            n_("Tên đăng nhập gồm 3 đến 32 chữ không dấu, số, dấu chấm hoặc gạch, bắt đầu bằng chữ hoặc số."),
            field="username",
        )
    return username


class Joining:
    def __init__(self, room: Room, accounts: Ledger) -> None:
        self.room, self._accounts = room, accounts

    def look(self, token: str) -> Invited:
        with self.room.store.read() as unit:
            invitation = self._open(unit, token)
            user = unit.people.by_id(invitation.user_id) if invitation.user_id else None
            return Invited(invitation.display_name, user.username if user else "", invitation.grants)

    def accept(self, token: str, username: str, password: str, source: str) -> str:
        """Make the account or set the password; returns the person's id. The link opens nothing after that."""
        with self.room.store.read() as unit:
            invitation = self._open(unit, token)
            known = unit.people.by_id(invitation.user_id) if invitation.user_id else None
        name = known.username if known else checked_username(username)
        check_password(password, name)
        # An argon2 hash takes long: not while others wait to write.
        hashed = self._accounts.passwords.hash(password)
        with self.room.store.write() as unit:
            invitation = self._open(unit, token)
            if not unit.invitations.use(invitation.token_hash, name, self.room.now()):
                raise _over()
            return self._reset(unit, known, hashed, source) if known else self._add(
                unit, invitation, name, hashed, source
            )  # fmt: skip

    def _add(self, unit: Unit, invitation: Invitation, name: str, hashed: str, source: str) -> str:
        if name == BY or unit.people.by_username(name) is not None:
            raise Refusal(
                "username-taken", n_("Tên đăng nhập này đã có người dùng. Hãy chọn tên khác."), field="username"
            )
        user = User(new_id("u"), name, invitation.display_name, hashed, must_change_password=False)
        unit.people.add(user, self.room.now(), invitation.made_by)
        unit.people.set_grants(user.id, invitation.grants, self.room.now(), invitation.made_by)
        after = {"display_name": user.display_name, "invited_by": invitation.made_by, **told(invitation.grants)}
        self._record(unit, name, source, "person.join", after)
        return user.id

    def _reset(self, unit: Unit, user: User, hashed: str, source: str) -> str:
        unit.people.set_password(user.id, hashed, must_change=False)
        unit.people.end_sessions_of(user.id)
        self._record(unit, user.username, source, "person.password", {})
        return user.id

    def _record(self, unit: Unit, name: str, source: str, action: str, after: Mapping[str, object]) -> None:
        unit.audit.add(self.room.now(), name, source, action, f"person:{name}", None, after or None)
        unit.changed("audit")

    def _open(self, unit: Unit, token: str) -> Invitation:
        """The invitation, if it still opens something: who made it must still be allowed to."""
        found = unit.invitations.get(token_hash(token))
        if found is None or found.used or found.expires <= self.room.now() or not self._still_given(unit, found):
            raise _over()
        return found

    def _still_given(self, unit: Unit, invitation: Invitation) -> bool:
        maker = unit.people.by_username(invitation.made_by)
        if maker is None or maker.disabled:
            return False
        tree = self.room.tree(unit)
        by = Person(maker.id, maker.username, maker.display_name, False, unit.people.grants(maker.id))
        if not invitation.user_id:
            return may_give(by, invitation.grants, tree)
        user = unit.people.by_id(invitation.user_id)
        return user is not None and not user.disabled and may_keep(by, unit.people.grants(user.id), tree)


def _over() -> Refusal:
    return Refusal(
        "invitation-over",
        n_("Đường dẫn này đã dùng, đã hết hạn hoặc đã bị thu lại. Hãy xin người quản trị một đường dẫn mới."),
        status=410,
    )
