"""The second factor: codes by time (RFC 6238), each accepted once, and recovery codes for a lost telephone."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp

from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.throttle import Key, Throttle, hold_off
from controller.desk.values import Person
from controller.language import n_
from controller.store.unit import Unit
from controller.store.values import User
from schedules.units import UtcMs

ISSUER = "LoaXã"
STEP_MS = 30_000
DRIFT_STEPS = 1
"""So many steps may the telephone's clock be off."""
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is taken for another when copied from paper."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is put into the telephone: the secret as people type it, and the address inside the picture."""

    secret: str
    address: str


def code_at(secret: str, at: UtcMs) -> str:
    """The code of the time step in which `at` lies."""
    return pyotp.TOTP(secret).at(datetime.fromtimestamp(at / 1000, UTC))


def step_of(secret: str, code: str, now: UtcMs) -> int | None:
    """The time step near now whose code it is."""
    here = now // STEP_MS
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, UtcMs(step * STEP_MS)).encode(), code.encode()):
            return step
    return None


def recovery_hash(user_id: str, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter in _ALPHABET)
    return hashlib.sha256(f"{user_id} {plain}".encode()).hexdigest()


def accept_code(unit: Unit, user_id: str, code: str, now: UtcMs) -> bool:
    """Whether the code opens the second step; it does so once."""
    user = unit.people.by_id(user_id)
    if user is None or user.disabled or not user.totp_on:
        return False
    step = step_of(user.totp_secret, "".join(code.split()), now)
    if step is not None:
        if step <= user.totp_used:
            return False
        unit.people.set_totp_used(user_id, step)
        return True
    return unit.people.use_recovery_code(user_id, recovery_hash(user_id, code))


class SecondFactor:
    """One's own second factor: offered, confirmed by a code, switched off."""

    def __init__(self, room: Room, throttle: Throttle) -> None:
        self.room, self._throttle = room, throttle

    def offer(self, by: Person) -> Offer:
        """The secret to put into the telephone; a new one at the first asking, the same until it is confirmed."""
        with self.room.store.write() as unit:
            user = _user(unit, by)
            if user.totp_on:
                raise Refusal("second-factor-on", n_("Xác minh hai bước đang bật."), status=409)
            secret = user.totp_secret or pyotp.random_base32()
            unit.people.set_totp(user.id, secret, on=False)
        return Offer(secret, pyotp.TOTP(secret).provisioning_uri(name=by.username, issuer_name=ISSUER))

    def confirm(self, by: Person, code: str) -> tuple[str, ...]:
        """Switch it on, when the telephone shows the right code; returns the recovery codes, which are shown once."""
        with self.room.store.write() as unit:
            user = _user(unit, by)
            step = None
            if user.totp_secret and not user.totp_on:
                step = step_of(user.totp_secret, "".join(code.split()), self.room.now())
            if step is None:
                raise Refusal(
                    "wrong-code",
                    n_("Mã chưa đúng. Hãy nhập mã 6 số mà điện thoại đang hiện; giờ của điện thoại phải đúng."),
                    field="code",
                )
            unit.people.set_totp(user.id, user.totp_secret, on=True)
            unit.people.set_totp_used(user.id, step)
            codes = self._new_codes(unit, user.id)
            self.room.record(unit, by, "person.second-factor", f"person:{by.username}", {"on": False}, {"on": True})
        return codes

    def renew(self, by: Person, code: str) -> tuple[str, ...]:
        """New recovery codes in the place of the old ones, against a code of the telephone."""
        with self.room.store.write() as unit:
            self._prove(unit, by, code)
            codes = self._new_codes(unit, by.id)
            self.room.record(unit, by, "person.recovery-codes", f"person:{by.username}")
        return codes

    def switch_off(self, by: Person, code: str) -> None:
        with self.room.store.write() as unit:
            self._prove(unit, by, code)
            forget_second_factor(unit, by.id)
            self.room.record(unit, by, "person.second-factor", f"person:{by.username}", {"on": True}, {"on": False})

    def _prove(self, unit: Unit, by: Person, code: str) -> None:
        keys: tuple[Key, ...] = (("code", by.id, "own"),)
        hold_off(self._throttle, keys, self.room.now())
        if not accept_code(unit, by.id, code, self.room.now()):
            raise Refusal("wrong-code", n_("Mã xác minh không đúng hoặc đã dùng. Hãy nhập mã mới nhất."), field="code")
        self._throttle.succeeded(keys)

    @staticmethod
    def _new_codes(unit: Unit, user_id: str) -> tuple[str, ...]:
        codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
        unit.people.set_recovery_codes(user_id, [recovery_hash(user_id, code) for code in codes])
        return codes


def forget_second_factor(unit: Unit, user_id: str) -> None:
    unit.people.set_totp(user_id, "", on=False)
    unit.people.set_recovery_codes(user_id, ())


def _recovery_code() -> str:
    """80 random bits: nobody finds one by its hash."""
    letters = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[begin : begin + 4]) for begin in range(0, 16, 4))


def _user(unit: Unit, by: Person) -> User:
    user = unit.people.by_id(by.id)
    assert user is not None, "who is signed in is somebody"
    return user
