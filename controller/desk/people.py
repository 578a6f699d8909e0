"""The people of a place and their rights, kept by its administrators: grants, accounts, sessions, invitations."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from controller.desk.accounts import token_hash
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.second_factor import forget_second_factor
from controller.desk.values import Person
from controller.language import n_
from controller.rights import EVERYWHERE, Grant, Operation, Role, may, places_of
from controller.store.invitations import Invitation
from controller.store.unit import Unit
from controller.store.values import User
from schedules.areas import AreaTree
from schedules.units import UtcMs

INVITATION_MS = 7 * 86_400_000
RESET_MS = 86_400_000
MOST_GRANTS = 200


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as an administrator sees them. `kept`: whether the one who looks may change the account."""

    id: str
    username: str
    display_name: str
    grants: tuple[Grant, ...]
    disabled: bool
    second_factor: bool
    outside: bool
    """Signs in by the provider of the organisation (OIDC)."""
    seen: UtcMs | None
    sessions: int
    kept: bool


def in_effect(grants: Iterable[Grant], tree: AreaTree) -> tuple[Grant, ...]:
    """The grants that hold today: everywhere, or in an area of the day."""
    return tuple(grant for grant in grants if grant.area == EVERYWHERE or grant.area in tree.areas)


def may_give(by: Person, grants: Iterable[Grant], tree: AreaTree) -> bool:
    """Whether `by` keeps the people of every place that these grants are about."""
    wide = [grant for grant in grants if grant.area == EVERYWHERE]
    areas = [grant.area for grant in grants if grant.area != EVERYWHERE]
    return (not wide or may(by.grants, Operation.STAFF, (), tree)) and (
        not areas or may(by.grants, Operation.STAFF, areas, tree)
    )


def may_keep(by: Person, grants: Iterable[Grant], tree: AreaTree) -> bool:
    """Whether `by` may change an account with these grants: who has no right at all is for those of the whole tree."""
    held = in_effect(grants, tree)
    return may_give(by, held, tree) if held else may(by.grants, Operation.STAFF, (), tree)


class Roster:
    def __init__(self, room: Room) -> None:
        self.room = room

    def everybody(self, by: Person) -> tuple[PersonView, ...]:
        """Those who have a right in the places that `by` keeps the people of, by name."""
        with self.room.store.read() as unit:
            tree, grants = self.room.tree(unit), unit.people.all_grants()
            theirs, all_of_it = places_of(by.grants, Operation.STAFF, tree), may(by.grants, Operation.STAFF, (), tree)
            seen = [
                user
                for user in unit.people.all()
                if all_of_it or any(grant.area in theirs for grant in grants.get(user.id, ()))
            ]
            return tuple(self._view(unit, user, grants.get(user.id, ()), by, tree) for user in seen)

    def person(self, by: Person, user_id: str) -> PersonView:
        with self.room.store.read() as unit:
            user, tree = _known(unit, user_id), self.room.tree(unit)
            grants, theirs = unit.people.grants(user_id), places_of(by.grants, Operation.STAFF, tree)
            if not may_keep(by, grants, tree) and theirs.isdisjoint(grant.area for grant in grants):
                raise forbidden()
            return self._view(unit, user, grants, by, tree)

    @staticmethod
    def _view(unit: Unit, user: User, grants: tuple[Grant, ...], by: Person, tree: AreaTree) -> PersonView:
        sessions = unit.people.sessions_of(user.id)
        return PersonView(
            user.id,
            user.username,
            user.display_name,
            grants,
            user.disabled,
            user.totp_on,
            bool(user.oidc_subject),
            sessions[0].seen if sessions else None,
            len(sessions),
            may_keep(by, grants, tree),
        )

    def _kept(self, unit: Unit, by: Person, user_id: str) -> User:
        """The account, when `by` may change it."""
        user = _known(unit, user_id)
        if not may_keep(by, unit.people.grants(user_id), self.room.tree(unit)):
            raise forbidden()
        return user

    def set_grants(self, by: Person, user_id: str, wanted: Collection[Grant]) -> None:
        """Give and take rights in the places of `by`; what the person holds elsewhere stays as it is."""
        with self.room.store.write() as unit:
            user, tree, held = _known(unit, user_id), self.room.tree(unit), set(unit.people.grants(user_id))
            changed = held ^ set(wanted)
            if not may_give(by, changed, tree):
                raise forbidden()
            check_grants(wanted, tree, known=held)
            if changed:
                refuse_nobody_left(unit, user, wanted)
                unit.people.set_grants(user_id, wanted, self.room.now(), by.username)
                before, after = told(held), told(wanted)
                self.room.record(unit, by, "person.grants", f"person:{user.username}", before, after)

    def rename(self, by: Person, user_id: str, name: str) -> None:
        with self.room.store.write() as unit:
            user, name = self._kept(unit, by, user_id), checked_name(name)
            unit.people.set_display_name(user_id, name)
            before, after = {"display_name": user.display_name}, {"display_name": name}
            self.room.record(unit, by, "person.rename", f"person:{user.username}", before, after)

    def disable(self, by: Person, user_id: str) -> None:
        """The account opens nothing any more, at once."""
        with self.room.store.write() as unit:
            user = self._kept(unit, by, user_id)
            refuse_nobody_left(unit, user, ())
            if not user.disabled:
                unit.people.set_disabled(user_id, True)
                unit.people.end_sessions_of(user_id)
                self.room.record(unit, by, "person.disable", f"person:{user.username}")

    def enable(self, by: Person, user_id: str) -> None:
        with self.room.store.write() as unit:
            user = self._kept(unit, by, user_id)
            if user.disabled:
                unit.people.set_disabled(user_id, False)
                self.room.record(unit, by, "person.enable", f"person:{user.username}")

    def end_sessions(self, by: Person, user_id: str) -> None:
        with self.room.store.write() as unit:
            user = self._kept(unit, by, user_id)
            unit.people.end_sessions_of(user_id)
            self.room.record(unit, by, "person.sign-out", f"person:{user.username}")

    def forget_second_factor(self, by: Person, user_id: str) -> None:
        """For who has neither telephone nor recovery codes; their sessions end."""
        with self.room.store.write() as unit:
            user = self._kept(unit, by, user_id)
            forget_second_factor(unit, user_id)
            unit.people.end_sessions_of(user_id)
            before, after = {"on": user.totp_on}, {"on": False}
            self.room.record(unit, by, "person.second-factor", f"person:{user.username}", before, after)

    def invite(self, by: Person, name: str, grants: Collection[Grant]) -> str:
        """A one-time link's token, by which somebody makes an account with these rights."""
        with self.room.store.write() as unit:
            tree, name = self.room.tree(unit), checked_name(name)
            if not may_give(by, grants, tree):
                raise forbidden()
            check_grants(grants, tree)
            token = self._issue(unit, by, "", name, tuple(grants), INVITATION_MS)
            self.room.record(
                unit, by, "person.invite", "person:", None, {"display_name": name, **told(grants)}
            )  # fmt: skip
        return token

    def reset(self, by: Person, user_id: str) -> str:
        """A one-time link's token, by which the person sets a new password."""
        with self.room.store.write() as unit:
            user = self._kept(unit, by, user_id)
            if user.disabled or user.oidc_subject:
                raise Refusal(
                    "no-reset",
                    n_("Tài khoản này đang khóa hoặc đăng nhập qua cơ quan, không đặt mật khẩu ở đây."),
                    status=409,
                )
            unit.invitations.withdraw_resets(user_id, self.room.now())
            token = self._issue(unit, by, user_id, user.display_name, (), RESET_MS)
            self.room.record(unit, by, "person.reset", f"person:{user.username}")
        return token

    def _issue(
        self, unit: Unit, by: Person, user_id: str, name: str, grants: tuple[Grant, ...], lasts_ms: int
    ) -> str:  # fmt: skip
        token, now = secrets.token_urlsafe(32), self.room.now()
        expires = UtcMs(now + lasts_ms)
        unit.invitations.add(Invitation(token_hash(token), user_id, name, grants, expires, now, by.username))
        return token

    def invitations(self, by: Person) -> tuple[Invitation, ...]:
        """Those to the places of `by` that are still open."""
        with self.room.store.read() as unit:
            tree, waiting = self.room.tree(unit), unit.invitations.open(self.room.now())
            return tuple(each for each in waiting if not each.user_id and may_give(by, each.grants, tree))

    def withdraw(self, by: Person, invitation: str) -> None:
        """`invitation` is the hash of its token: what the list names it by."""
        with self.room.store.write() as unit:
            found = unit.invitations.get(invitation)
            if found is None or found.user_id:
                raise Refusal("unknown-invitation", n_("Không có lời mời này. Hãy tải lại trang."), status=404)
            if not may_give(by, found.grants, self.room.tree(unit)):
                raise forbidden()
            if unit.invitations.use(invitation, "", self.room.now()):
                before = {"display_name": found.display_name, **told(found.grants)}
                self.room.record(unit, by, "person.uninvite", "person:", before, None)


def told(grants: Iterable[Grant]) -> dict[str, list[list[str]]]:
    """Grants as the audit keeps them."""
    return {"grants": sorted([grant.role.value, grant.area] for grant in grants)}


def _known(unit: Unit, user_id: str) -> User:
    user = unit.people.by_id(user_id)
    if user is None:
        raise Refusal("unknown-person", n_("Không có người dùng này. Hãy chọn lại trong danh sách."), status=404)
    return user


def checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100 or any(letter < " " or "\ud800" <= letter <= "\udfff" for letter in name):
        raise Refusal("bad-name", n_("Hãy nhập họ tên, không quá 100 ký tự."), field="display_name")
    return name


def check_grants(grants: Collection[Grant], tree: AreaTree, known: Collection[Grant] = ()) -> None:
    """Refusal when there is none, too many, or one in a place that is not there (but was not there before either)."""
    if not grants:
        raise Refusal(
            "no-grant",
            n_("Hãy chọn ít nhất một vai trò ở một địa bàn. Người thôi làm việc thì khóa tài khoản."),
            field="grants",
        )
    if len(grants) > MOST_GRANTS:
        raise Refusal("too-many-grants", n_("Quá nhiều quyền cho một người. Hãy cấp ở địa bàn cấp trên."))
    for grant in grants:
        if grant not in known and grant.area != EVERYWHERE and grant.area not in tree.areas:
            raise Refusal(
                "unknown-area",
                n_("Không có địa bàn “%(area)s”. Hãy tải lại trang và chọn lại địa bàn."),
                field="area",
                params={"area": grant.area},
            )


def refuse_nobody_left(unit: Unit, user: User, grants: Collection[Grant]) -> None:
    """Somebody must be left who administers everything: without, nobody could give any right any more."""
    chief = Grant(Role.ADMINISTRATOR, EVERYWHERE)
    if user.disabled or chief in grants or chief not in unit.people.grants(user.id):
        return
    held = unit.people.all_grants()
    if not any(
        chief in held.get(each.id, ()) for each in unit.people.all() if each.id != user.id and not each.disabled
    ):
        raise Refusal(
            "last-administrator",
            n_("Đây là quản trị viên cuối cùng của toàn hệ thống. Hãy cấp quyền đó cho người khác trước."),
            status=409,
        )
