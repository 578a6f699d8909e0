"""Accounts of people who sign in by the organisation's provider: made at their first sign-in, rights by its claims."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from controller.desk.people import refuse_nobody_left, told
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.ids import new_id
from controller.language import n_
from controller.rights import Grant
from controller.store.unit import Unit
from controller.store.values import User

BY = "oidc"
"""On whose behalf the rights are set, as the audit says it: nobody's user name."""


class Outside:
    def __init__(self, room: Room) -> None:
        self.room = room

    def enter(self, issuer: str, claims: Mapping[str, Any], grants: Collection[Grant], source: str) -> str:
        """The account of who came; returns the person's id. Refusal when they have no role here, or are locked out."""
        subject = f"{issuer} {claims['sub']}"
        with self.room.store.write() as unit:
            user = unit.people.by_oidc(subject)
            if user is not None and user.disabled:
                raise Refusal("disabled", n_("Tài khoản này đã bị khóa. Hãy hỏi quản trị viên."), status=403)
            if user is None and not grants:
                raise _no_role()
            user = user or self._add(unit, subject, claims, source)
            self._set_grants(unit, user, grants, source)
        if not grants:
            raise _no_role()
        return user.id

    def _add(self, unit: Unit, subject: str, claims: Mapping[str, Any], source: str) -> User:
        name = free_username(unit, claims)
        shown = str(claims.get("name") or name)[:100]
        user = User(new_id("u"), name, shown, "", must_change_password=False, oidc_subject=subject)
        unit.people.add(user, self.room.now(), BY)
        after = {"display_name": shown, "invited_by": BY}
        unit.audit.add(self.room.now(), name, source, "person.join", f"person:{name}", None, after)
        return user

    def _set_grants(self, unit: Unit, user: User, grants: Collection[Grant], source: str) -> None:
        held = unit.people.grants(user.id)
        if set(held) == set(grants):
            return
        refuse_nobody_left(unit, user, grants)
        unit.people.set_grants(user.id, grants, self.room.now(), BY)
        subject = f"person:{user.username}"
        unit.audit.add(self.room.now(), BY, source, "person.grants", subject, told(held), told(grants))
        unit.changed("audit")


def free_username(unit: Unit, claims: Mapping[str, Any]) -> str:
    """Like the name at the provider; never that of somebody who is here already."""
    wanted = str(claims.get("preferred_username") or claims.get("email") or claims["sub"]).partition("@")[0]
    plain = unicodedata.normalize("NFD", wanted.lower().replace("đ", "d"))
    name = re.sub(r"[^a-z0-9._-]", "", plain).lstrip("._-")[:24]
    name = name if len(name) >= 3 else f"nguoi-dung{name}"
    numbered = (name if n == 1 else f"{name}-{n}" for n in range(1, 10_000))
    return next(each for each in numbered if each != BY and unit.people.by_username(each) is None)


def _no_role() -> Refusal:
    return Refusal(
        "no-role",
        n_("Cơ quan chưa giao cho bạn vai trò nào ở đài truyền thanh. Hãy hỏi quản trị viên của cơ quan."),
        status=403,
    )
