"""The second factor: switched on with a code, asked for at every sign-in, each code once; recovery codes."""

from contextlib import nullcontext

import pytest

from controller.desk.accounts import TICKET_MS, Ledger, Visit
from controller.desk.refusal import Refusal
from controller.desk.second_factor import RECOVERY_CODES, STEP_MS, SecondFactor, code_at
from controller.desk.values import Person
from controller.rights import Role
from schedules.units import UtcMs
from tests.controller.world import CHEAP, PASSWORD, World

HOME = Visit("203.0.113.7", "Firefox")


@pytest.fixture
def ledger(station: World) -> Ledger:
    return Ledger(station.store, lambda: station.now, CHEAP)


@pytest.fixture
def lan(station: World) -> Person:
    return station.person(Role.EDITOR, name="lan")


def switched_on(station: World, ledger: Ledger, by: Person) -> tuple[str, tuple[str, ...]]:
    own = SecondFactor(station.room, ledger.throttle)
    secret = own.offer(by).secret
    codes = own.confirm(by, code_at(secret, station.now))
    station.now = UtcMs(station.now + STEP_MS)
    return secret, codes


def test_it_is_offered_and_confirmed(station: World, ledger: Ledger, lan: Person) -> None:
    own = SecondFactor(station.room, ledger.throttle)
    offer = own.offer(lan)
    assert offer == own.offer(lan), "the picture may be looked at twice"
    assert offer.address.startswith("otpauth://totp/")
    assert offer.secret in offer.address
    with pytest.raises(Refusal) as caught:
        own.confirm(lan, "000000" if code_at(offer.secret, station.now) != "000000" else "111111")
    assert caught.value.code == "wrong-code"
    assert ledger.sign_in("lan", PASSWORD, HOME).token, "not asked for before it is confirmed"
    codes = own.confirm(lan, code_at(offer.secret, station.now))
    assert len(set(codes)) == RECOVERY_CODES
    with pytest.raises(Refusal):
        own.offer(lan)


def test_a_password_alone_opens_nothing(station: World, ledger: Ledger, lan: Person) -> None:
    secret, _ = switched_on(station, ledger, lan)
    half = ledger.sign_in("lan", PASSWORD, HOME)
    assert not half.token
    assert ledger.person(half.ticket) is None
    whole = ledger.second_step(half.ticket, code_at(secret, station.now), HOME)
    person = ledger.person(whole.token)
    assert person is not None
    assert person.username == "lan"
    with pytest.raises(Refusal) as caught:
        ledger.second_step(half.ticket, code_at(secret, UtcMs(station.now + STEP_MS)), HOME)
    assert caught.value.code == "ticket-over", "a ticket opens once"


def test_a_code_opens_once(station: World, ledger: Ledger, lan: Person) -> None:
    secret, _ = switched_on(station, ledger, lan)
    code = code_at(secret, station.now)
    assert ledger.second_step(ledger.sign_in("lan", PASSWORD, HOME).ticket, code, HOME).token
    with pytest.raises(Refusal) as caught:
        ledger.second_step(ledger.sign_in("lan", PASSWORD, HOME).ticket, code, HOME)
    assert caught.value.code == "wrong-code"


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_telephones_clock_may_be_a_step_off(
    station: World, ledger: Ledger, lan: Person, steps: int, right: bool
) -> None:
    secret, _ = switched_on(station, ledger, lan)
    station.now = UtcMs(station.now + 10 * STEP_MS)
    ticket = ledger.sign_in("lan", PASSWORD, HOME).ticket
    code = code_at(secret, UtcMs(station.now + steps * STEP_MS))
    with nullcontext() if right else pytest.raises(Refusal):
        assert ledger.second_step(ticket, code, HOME).token


def test_a_ticket_lasts_five_minutes(station: World, ledger: Ledger, lan: Person) -> None:
    secret, _ = switched_on(station, ledger, lan)
    ticket = ledger.sign_in("lan", PASSWORD, HOME).ticket
    station.now = UtcMs(station.now + TICKET_MS + 1)
    with pytest.raises(Refusal) as caught:
        ledger.second_step(ticket, code_at(secret, station.now), HOME)
    assert caught.value.code == "ticket-over"


def test_codes_are_not_guessed(station: World, ledger: Ledger, lan: Person) -> None:
    switched_on(station, ledger, lan)
    ticket = ledger.sign_in("lan", PASSWORD, HOME).ticket
    seen = 0
    for n in range(1_000):
        station.now = UtcMs(station.now + 100)
        with pytest.raises(Refusal) as caught:
            ledger.second_step(ticket, f"x{n:05}", HOME)
        seen += caught.value.code == "wrong-code"
    assert seen <= 15


def test_a_recovery_code_opens_once(station: World, ledger: Ledger, lan: Person) -> None:
    _, codes = switched_on(station, ledger, lan)
    typed = codes[3].upper().replace("-", " ")
    assert ledger.second_step(ledger.sign_in("lan", PASSWORD, HOME).ticket, typed, HOME).token
    with pytest.raises(Refusal):
        ledger.second_step(ledger.sign_in("lan", PASSWORD, HOME).ticket, typed, HOME)
    with station.store.read() as unit:
        assert unit.people.recovery_codes_left(lan.id) == RECOVERY_CODES - 1


def test_it_is_switched_off_with_a_code(station: World, ledger: Ledger, lan: Person) -> None:
    secret, codes = switched_on(station, ledger, lan)
    own = SecondFactor(station.room, ledger.throttle)
    with pytest.raises(Refusal):
        own.switch_off(lan, "xxxxxx")
    fresh = own.renew(lan, code_at(secret, station.now))
    assert not set(fresh) & set(codes)
    own.switch_off(lan, fresh[0])
    assert ledger.sign_in("lan", PASSWORD, HOME).token
    with station.store.read() as unit:
        assert unit.people.recovery_codes_left(lan.id) == 0
        user = unit.people.by_id(lan.id)
    assert user is not None
    assert user.totp_secret == ""


def test_recovery_codes_are_kept_as_hashes(station: World, ledger: Ledger, lan: Person) -> None:
    _, codes = switched_on(station, ledger, lan)
    for path in station.folder.rglob("controller.db*"):
        data = path.read_bytes()
        assert not any(code.encode() in data or code.replace("-", "").encode() in data for code in codes)
