"""People who sign in: argon2 passwords, sessions kept as hashes, and a growing wait for those who guess."""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from controller.desk.refusal import Refusal
from controller.desk.values import Person
from controller.ids import new_id
from controller.rights import EVERYWHERE, Grant, Role
from controller.store.unit import Store, Unit
from controller.store.values import Session, User
from schedules.units import UtcMs

SESSION_MS = 14 * 86_400_000
"""A session not used for so long ends."""
TOUCH_MS = 60_000
MIN_PASSWORD = 10
MAX_PASSWORD = 200
FREE_TRIES = 3
LONGEST_WAIT_MS = 300_000
FIRST_USER = "admin"


@dataclass(slots=True)
class Tries:
    failed: int = 0
    next_allowed: UtcMs = UtcMs(0)


def wait_ms(failed: int) -> int:
    """How long to wait after so many failures in a row: nothing for three, then 1, 2, 4 … up to 300 seconds."""
    if failed < FREE_TRIES:
        return 0
    return int(min(1000 * 2 ** min(failed - FREE_TRIES, 20), LONGEST_WAIT_MS))


class Ledger:
    """People and their sessions, over the store."""

    def __init__(self, store: Store, now: Callable[[], UtcMs], hasher: PasswordHasher | None = None) -> None:
        self._store, self._now = store, now
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._tries: dict[tuple[str, str], Tries] = {}
        self._lock = threading.Lock()

    def found(self) -> str | None:
        """Make the first administrator; returns the one-time password, None when there is somebody already."""
        password = secrets.token_urlsafe(12)
        hashed = self._hasher.hash(password)
        with self._store.write() as unit:
            if unit.people.any():
                return None
            user = User(new_id("u"), FIRST_USER, "Quản trị viên", hashed, must_change_password=True)
            unit.people.add(user, self._now(), "founding")
            unit.people.set_grants(user.id, [Grant(Role.ADMINISTRATOR, EVERYWHERE)], self._now(), "founding")
        return password

    def sign_in(self, username: str, password: str, source: str) -> str:
        key = (username.casefold()[:64], source)
        self._hold_off(key)
        with self._store.read() as unit:
            user = unit.people.by_username(username)
        # A name that does not exist takes as long as one that does.
        right = self._verify(user.password_hash if user else self._nobody, password)
        if user is None or user.disabled or not right:
            self._failed(key)
            raise Refusal(
                "wrong-credentials",
                "Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra và nhập lại.",
                status=401,
                field="password",
            )
        with self._lock:
            self._tries.pop(key, None)
        return self._open(user)

    def _open(self, user: User) -> str:
        token, now = secrets.token_urlsafe(32), self._now()
        with self._store.write() as unit:
            unit.people.add_session(Session(_hash(token), user.id, secrets.token_urlsafe(32), now, now))
        return token

    def _hold_off(self, key: tuple[str, str]) -> None:
        with self._lock:
            left = self._tries.get(key, Tries()).next_allowed - self._now()
        if left > 0:
            raise Refusal(
                "too-many-tries",
                "Nhập sai nhiều lần. Hãy đợi %(seconds)s giây rồi thử lại.",
                status=429,
                params={"seconds": -(-left // 1000)},
            )

    def _failed(self, key: tuple[str, str]) -> None:
        with self._lock:
            if len(self._tries) > 10_000:
                self._tries.clear()
            tries = self._tries.setdefault(key, Tries())
            tries.failed += 1
            tries.next_allowed = UtcMs(self._now() + wait_ms(tries.failed))

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:MAX_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False

    def person(self, token: str) -> Person | None:
        now = self._now()
        with self._store.read() as unit:
            session = unit.people.session(_hash(token))
            user = unit.people.by_id(session.user_id) if session else None
            grants = unit.people.grants(user.id) if user else ()
        if session is None or user is None or user.disabled or now - session.seen > SESSION_MS:
            return None
        if now - session.seen > TOUCH_MS:
            with self._store.write() as unit:
                unit.people.touch_session(session.token_hash, now)
        return Person(
            user.id, user.username, user.display_name, user.must_change_password, grants, language=user.language
        )

    def csrf_token(self, token: str) -> str:
        with self._store.read() as unit:
            session = unit.people.session(_hash(token))
        return session.csrf_token if session else ""

    def change_password(self, token: str, old: str, new: str) -> None:
        with self._store.read() as unit:
            session = unit.people.session(_hash(token))
            user = unit.people.by_id(session.user_id) if session else None
        if session is None or user is None:
            raise Refusal("signed-out", "Phiên làm việc đã hết. Hãy đăng nhập lại.", status=401)
        if not self._verify(user.password_hash, old):
            raise Refusal("wrong-password", "Mật khẩu hiện tại không đúng. Hãy nhập lại.", field="old")
        _check_password(old, new, user.username)
        hashed = self._hasher.hash(new)
        with self._store.write() as unit:
            unit.people.set_password(user.id, hashed, must_change=False)
            unit.people.end_sessions_of(user.id, but=session.token_hash)

    def sign_out(self, token: str) -> None:
        with self._store.write() as unit:
            unit.people.end_session(_hash(token))


def forget_sessions(unit: Unit, now: UtcMs) -> int:
    """Delete the sessions that ended by lying idle; returns how many."""
    return unit.people.end_idle_sessions(UtcMs(now - SESSION_MS))


def _check_password(old: str, new: str, username: str) -> None:
    if len(new) < MIN_PASSWORD:
        raise Refusal(
            "password-too-short",
            "Mật khẩu mới phải có ít nhất %(least)s ký tự. Hãy đặt mật khẩu dài hơn.",
            field="new",
            params={"least": MIN_PASSWORD},
        )
    if len(new) > MAX_PASSWORD:
        raise Refusal(
            "password-too-long",
            "Mật khẩu mới dài hơn %(most)s ký tự. Hãy đặt mật khẩu ngắn hơn.",
            field="new",
            params={"most": MAX_PASSWORD},
        )
    if new == old or new.casefold() == username.casefold():
        raise Refusal("password-not-new", "Mật khẩu mới phải khác mật khẩu cũ và tên đăng nhập.", field="new")


def _hash(token: str) -> str:
    """Only the hash is kept: who reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()
