"""Signing in and the sessions that come of it: a password, a second step where one is switched on, a token."""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher

from controller.desk.passwords import Passwords, check_password
from controller.desk.refusal import Refusal
from controller.desk.second_factor import accept_code
from controller.desk.throttle import Key, Throttle, hold_off, keys_of, network_of, too_early
from controller.desk.values import Person
from controller.ids import new_id
from controller.language import n_
from controller.rights import EVERYWHERE, Grant, Role
from controller.store.unit import Store, Unit
from controller.store.values import Session, User
from schedules.units import UtcMs

SESSION_MS = 14 * 86_400_000
"""A session not used for so long ends."""
TOUCH_MS = 60_000
TICKET_MS = 300_000
"""So long after the password the second step may come."""
MOST_TICKETS = 10_000
STRANGER_MS = 300_000
FIRST_USER = "admin"
DEVICE_SECRET = "device-secret"  # noqa: S105  # the name under which it is kept


@dataclass(frozen=True, slots=True)
class Visit:
    """Where somebody comes from: the address, the browser's name for itself, the marks of earlier sign-ins in it."""

    source: str = ""
    browser: str = ""
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entrance:
    """`token` opens the session; or, if that is not all yet, `ticket` opens the second step. `device` is the mark by
    which this browser is known from now on."""

    token: str = ""
    ticket: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class _Ticket:
    user_id: str
    expires: UtcMs


class Ledger:
    """People who sign in and their sessions, over the store."""

    def __init__(self, store: Store, now: Callable[[], UtcMs], hasher: PasswordHasher | None = None) -> None:
        self._store, self._now = store, now
        self.passwords = Passwords(hasher)
        self.throttle = Throttle()
        self._tickets: dict[str, _Ticket] = {}
        self._strangers: dict[Key, UtcMs] = {}
        self._lock = threading.Lock()
        self._secret = b""

    def found(self) -> str | None:
        """Make the first administrator; returns the one-time password, None when there is somebody already."""
        password = secrets.token_urlsafe(12)
        hashed = self.passwords.hash(password)
        with self._store.write() as unit:
            if unit.people.any():
                return None
            user = User(new_id("u"), FIRST_USER, "Quản trị viên", hashed, must_change_password=True)
            unit.people.add(user, self._now(), "founding")
            unit.people.set_grants(user.id, [Grant(Role.ADMINISTRATOR, EVERYWHERE)], self._now(), "founding")
        return password

    def sign_in(self, username: str, password: str, visit: Visit) -> Entrance:
        username = username.strip().lower()
        self._bar_stranger(username, visit)
        with self._store.read() as unit:
            user = unit.people.by_username(username)
            known = self._known_as(unit, user, visit) if user else ""
        keys = keys_of(username, visit.source, known)
        if not known:
            self._strangers[keys[0]] = UtcMs(self._now() + STRANGER_MS)
        hold_off(self.throttle, keys, self._now())
        # A name that does not exist takes as long as one that does.
        right = self.passwords.verify(user.password_hash if user else None, password)
        if user is None or user.disabled or not right:
            self._refused(user, visit)
            raise Refusal(
                "wrong-credentials",
                n_("Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra và nhập lại."),
                status=401,
                field="password",
            )
        self.throttle.succeeded(keys)
        return Entrance(ticket=self._issue(user)) if user.totp_on else self.open(user.id, visit)

    def second_step(self, ticket: str, code: str, visit: Visit) -> Entrance:
        """The code of the second factor, or a recovery code, after the password."""
        with self._lock:
            held = self._tickets.get(ticket)
        if held is None or held.expires < self._now():
            raise Refusal("ticket-over", n_("Đã quá lâu từ lúc nhập mật khẩu. Hãy đăng nhập lại."), status=401)
        with self._store.read() as unit:
            user = unit.people.by_id(held.user_id)
            known = self._known_as(unit, user, visit) if user else ""
        keys: tuple[Key, ...] = (("code", held.user_id, known or network_of(visit.source)),)
        hold_off(self.throttle, keys, self._now())
        with self._store.write() as unit:
            right = accept_code(unit, held.user_id, code, self._now())
        if not right:
            self._refused(user, visit)
            raise Refusal(
                "wrong-code", n_("Mã xác minh không đúng hoặc đã dùng. Hãy nhập mã mới nhất."), status=401, field="code"
            )
        self.throttle.succeeded(keys)
        with self._lock:
            self._tickets.pop(ticket, None)
        return self.open(held.user_id, visit)

    def open(self, user_id: str, visit: Visit) -> Entrance:
        """A session for somebody who has proven who they are."""
        token, now = secrets.token_urlsafe(32), self._now()
        session = Session(
            token_hash(token), user_id, secrets.token_urlsafe(32), now, now, visit.source, visit.browser[:200]
        )
        with self._store.write() as unit:
            user = unit.people.by_id(user_id)
            assert user is not None, "people are never deleted"
            unit.people.add_session(session)
            told = {"device": session.device}
            unit.audit.add(now, user.username, visit.source, "session.open", f"person:{user.username}", None, told)
            unit.changed("audit")
        self._strangers.pop(keys_of(user.username, visit.source, "")[0], None)
        return Entrance(token=token, device=self._mark(user_id, secrets.token_hex(8)))

    def needs_second_step(self, user_id: str) -> bool:
        with self._store.read() as unit:
            user = unit.people.by_id(user_id)
        return user is not None and user.totp_on

    def _bar_stranger(self, username: str, visit: Visit) -> None:
        """Send away, without asking the store again, who was nobody known a moment ago and comes too early."""
        keys, now = keys_of(username, visit.source, ""), self._now()
        if visit.devices or self._strangers.get(keys[0], 0) < now:
            return
        if (left := self.throttle.left_ms(keys, now)) > 0:
            raise too_early(left)
        if len(self._strangers) > MOST_TICKETS:
            self._strangers.clear()

    def _issue(self, user: User) -> str:
        ticket, now = secrets.token_urlsafe(32), self._now()
        with self._lock:
            if len(self._tickets) >= MOST_TICKETS:
                self._tickets = {key: held for key, held in self._tickets.items() if held.expires >= now}
            self._tickets[ticket] = _Ticket(user.id, UtcMs(now + TICKET_MS))
        return ticket

    def _refused(self, user: User | None, visit: Visit) -> None:
        """Write down that somebody failed at an account; a name that is nobody's may be a password typed amiss."""
        if user is None:
            return
        with self._store.write() as unit:
            told = {"device": visit.browser[:200]}
            unit.audit.add(self._now(), "", visit.source, "session.refuse", f"person:{user.username}", None, told)
            unit.changed("audit")

    def _known_as(self, unit: Unit, user: User, visit: Visit) -> str:
        """What this browser is known by from an earlier sign-in of theirs: its mark, else the network; "" if not."""
        for device in visit.devices:
            nonce = device.partition(".")[0]
            if hmac.compare_digest(self._mark(user.id, nonce).encode(), device.encode()):
                return nonce
        network = network_of(visit.source)
        live = {network_of(session.source) for session in unit.people.sessions_of(user.id) if session.source}
        return f"from {network}" if network in live else ""

    def _mark(self, user_id: str, nonce: str) -> str:
        made = hmac.new(self._device_secret(), f"{user_id} {nonce}".encode(), hashlib.sha256)
        return f"{nonce}.{made.hexdigest()[:32]}"

    def _device_secret(self) -> bytes:
        if not self._secret:
            with self._store.read() as unit:
                kept = unit.site.get(DEVICE_SECRET)
            if not kept:
                with self._store.write() as unit:
                    kept = unit.site.get(DEVICE_SECRET) or secrets.token_hex(32)
                    unit.site.put(DEVICE_SECRET, kept)
            self._secret = kept.encode()
        return self._secret

    def person(self, token: str, source: str = "") -> Person | None:
        """Whose session it is; `source` is the address they speak from now."""
        now = self._now()
        with self._store.read() as unit:
            session = unit.people.session(token_hash(token))
            user = unit.people.by_id(session.user_id) if session else None
            grants = unit.people.grants(user.id) if user else ()
        if session is None or user is None or user.disabled or now - session.seen > SESSION_MS:
            return None
        if now - session.seen > TOUCH_MS:
            with self._store.write() as unit:
                unit.people.touch_session(session.token_hash, now)
        return Person(
            user.id, user.username, user.display_name, user.must_change_password, grants, source, user.language
        )

    def csrf_token(self, token: str) -> str:
        with self._store.read() as unit:
            session = unit.people.session(token_hash(token))
        return session.csrf_token if session else ""

    def change_password(self, token: str, old: str, new: str, source: str = "") -> None:
        """Set a new one; every other session of theirs ends."""
        with self._store.read() as unit:
            session = unit.people.session(token_hash(token))
            user = unit.people.by_id(session.user_id) if session else None
        if session is None or user is None:
            raise Refusal("signed-out", n_("Phiên làm việc đã hết. Hãy đăng nhập lại."), status=401)
        keys: tuple[Key, ...] = (("code", user.id, "password"),)
        hold_off(self.throttle, keys, self._now())
        if not self.passwords.verify(user.password_hash, old):
            raise Refusal("wrong-password", n_("Mật khẩu hiện tại không đúng. Hãy nhập lại."), field="old")
        self.throttle.succeeded(keys)
        check_password(new, user.username, old)
        hashed = self.passwords.hash(new)
        with self._store.write() as unit:
            unit.people.set_password(user.id, hashed, must_change=False)
            unit.people.end_sessions_of(user.id, but=session.token_hash)
            unit.audit.add(self._now(), user.username, source, "person.password", f"person:{user.username}")
            unit.changed("audit")

    def sign_out(self, token: str) -> None:
        with self._store.write() as unit:
            session = unit.people.session(token_hash(token))
            user = unit.people.by_id(session.user_id) if session else None
            if session and user:
                unit.people.end_session(session.token_hash)
                unit.audit.add(self._now(), user.username, session.source, "session.close", f"person:{user.username}")
                unit.changed("audit")


def forget_sessions(unit: Unit, now: UtcMs) -> int:
    """Delete the sessions that ended by lying idle; returns how many."""
    return unit.people.end_idle_sessions(UtcMs(now - SESSION_MS))


def token_hash(token: str) -> str:
    """Only the hash is kept: who reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()
