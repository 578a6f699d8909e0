"""Signing in, guessing, changing the one-time password, and sessions."""

import pytest
from argon2 import PasswordHasher

from controller.desk.accounts import FIRST_USER, SESSION_MS, Ledger, Visit, forget_sessions
from controller.desk.refusal import Refusal
from controller.desk.throttle import LIMITS
from schedules.units import UtcMs
from tests.controller.world import World

NEW = "một mật khẩu mới"


@pytest.fixture
def people(station: World) -> tuple[Ledger, str]:
    """Accounts with a cheap hash (the parameters are argon2's affair), and the one-time password."""
    ledger = Ledger(station.store, lambda: station.now, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    password = ledger.found()
    assert password
    return ledger, password


def code_of(ledger: Ledger, username: str, password: str, source: str = "here") -> str:
    with pytest.raises(Refusal) as caught:
        enter(ledger, username, password, source)
    return caught.value.code


def enter(ledger: Ledger, username: str, password: str, source: str) -> str:
    """The token of a session."""
    return ledger.sign_in(username, password, Visit(source)).token


def test_the_first_start_makes_one_administrator(people: tuple[Ledger, str]) -> None:
    ledger, password = people
    assert ledger.found() is None
    token = enter(ledger, FIRST_USER, password, "here")
    person = ledger.person(token)
    assert person is not None
    assert person.must_change_password
    assert ledger.csrf_token(token)
    assert ledger.csrf_token(token) != ledger.csrf_token(enter(ledger, FIRST_USER, password, "here"))


def test_wrong_names_and_passwords_are_the_same_refusal(people: tuple[Ledger, str]) -> None:
    ledger, _ = people
    assert code_of(ledger, FIRST_USER, "wrong") == code_of(ledger, "nobody", "wrong") == "wrong-credentials"
    assert ledger.person("no token") is None


def test_guessing_is_slowed_down_and_only_for_the_guesser(station: World, people: tuple[Ledger, str]) -> None:
    ledger, password = people
    for _ in range(3):
        assert code_of(ledger, FIRST_USER, "wrong", "there") == "wrong-credentials"
    assert code_of(ledger, FIRST_USER, password, "there") == "too-many-tries"
    assert enter(ledger, FIRST_USER, password, "here")
    station.now = UtcMs(station.now + 1_000)
    assert enter(ledger, FIRST_USER, password, "there")
    assert code_of(ledger, FIRST_USER, "wrong", "there") == "wrong-credentials"
    assert enter(ledger, FIRST_USER, password, "there")


def test_the_wait_grows_to_five_minutes() -> None:
    assert [LIMITS["pair"].wait_ms(failed) for failed in range(7)] == [0, 0, 0, 1_000, 2_000, 4_000, 8_000]
    assert LIMITS["pair"].wait_ms(1_000) == 300_000


def test_changing_the_password_ends_the_other_sessions(people: tuple[Ledger, str]) -> None:
    ledger, password = people
    token, other = (enter(ledger, FIRST_USER, password, "here") for _ in range(2))
    ledger.change_password(token, password, NEW)
    person = ledger.person(token)
    assert person is not None
    assert not person.must_change_password
    assert ledger.person(other) is None
    assert code_of(ledger, FIRST_USER, password) == "wrong-credentials"
    assert enter(ledger, FIRST_USER, NEW, "here")


@pytest.mark.parametrize(
    ("new", "code"),
    [("short", "password-too-short"), ("a" * 201, "password-too-long"), ("", "password-too-short")],
)
def test_bad_new_passwords(people: tuple[Ledger, str], new: str, code: str) -> None:
    ledger, password = people
    token = enter(ledger, FIRST_USER, password, "here")
    with pytest.raises(Refusal) as caught:
        ledger.change_password(token, password, new)
    assert caught.value.code == code


def test_the_old_password_must_be_right_and_another(people: tuple[Ledger, str]) -> None:
    ledger, password = people
    token = enter(ledger, FIRST_USER, password, "here")
    for old, new, code in (("wrong", NEW, "wrong-password"), (password, password, "password-not-new")):
        with pytest.raises(Refusal) as caught:
            ledger.change_password(token, old, new)
        assert caught.value.code == code
    with pytest.raises(Refusal) as caught:
        ledger.change_password("no token", password, NEW)
    assert caught.value.code == "signed-out"


def test_sessions_end_by_signing_out_and_by_lying_idle(station: World, people: tuple[Ledger, str]) -> None:
    ledger, password = people
    token, other = (enter(ledger, FIRST_USER, password, "here") for _ in range(2))
    ledger.sign_out(token)
    assert ledger.person(token) is None
    station.now = UtcMs(station.now + SESSION_MS - 1)
    assert ledger.person(other) is not None
    station.now = UtcMs(station.now + SESSION_MS - 1)
    assert ledger.person(other) is not None, "using it keeps it"
    station.now = UtcMs(station.now + SESSION_MS + 1)
    assert ledger.person(other) is None


def test_sessions_that_lie_idle_are_deleted(station: World, people: tuple[Ledger, str]) -> None:
    ledger, password = people
    enter(ledger, FIRST_USER, password, "here")
    station.now = UtcMs(station.now + 1)
    kept = enter(ledger, FIRST_USER, password, "here")
    station.now = UtcMs(station.now + SESSION_MS)
    with station.store.write() as unit:
        assert forget_sessions(unit, station.now) == 1
        assert forget_sessions(unit, station.now) == 0
    assert ledger.person(kept) is not None


def test_neither_password_nor_token_lies_in_the_database(station: World, people: tuple[Ledger, str]) -> None:
    ledger, password = people
    token = enter(ledger, FIRST_USER, password, "here")
    files = [path for path in station.folder.rglob("controller.db*") if path.is_file()]
    assert files
    for path in files:
        assert password.encode() not in path.read_bytes()
        assert token.encode() not in path.read_bytes()
