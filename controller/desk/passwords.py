"""Passwords: what one must be like, and its argon2 hash."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from controller.desk.refusal import Refusal
from controller.language import n_

MIN_PASSWORD = 10
MAX_PASSWORD = 200
AT_ONCE = 4
"""So many hashes are computed at the same time: each takes 64 MiB."""


class Passwords:
    """Makes and checks hashes. Safe for many threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password; None or "" (nobody, or nobody who has one) takes as long and is never."""
        with self._turns:
            try:
                right = self._hasher.verify(hashed or self._nobody, password[:MAX_PASSWORD])
            except (VerificationError, InvalidHashError):
                return False
        return right and bool(hashed)


def check_password(new: str, username: str, old: str = "") -> None:
    """Refusal when it is too short, too long, or what everybody would try first."""
    if len(new) < MIN_PASSWORD:
        raise Refusal(
            "password-too-short",
            n_("Mật khẩu mới phải có ít nhất %(least)s ký tự. Hãy đặt mật khẩu dài hơn."),
            field="new",
            params={"least": MIN_PASSWORD},
        )
    if len(new) > MAX_PASSWORD:
        raise Refusal(
            "password-too-long",
            n_("Mật khẩu mới dài hơn %(most)s ký tự. Hãy đặt mật khẩu ngắn hơn."),
            field="new",
            params={"most": MAX_PASSWORD},
        )
    if new == old or new.casefold() == username.casefold() or len(set(new)) < 4:
        raise Refusal(
            "password-not-new", n_("Mật khẩu mới phải khác mật khẩu cũ, khác tên đăng nhập và khó đoán."), field="new"
        )
