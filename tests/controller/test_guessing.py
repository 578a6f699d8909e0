"""Ten thousand guesses: how few of them are looked at, and that the rightful person comes in all the same."""

from collections.abc import Callable

import pytest

from controller.desk.accounts import Ledger, Visit
from controller.desk.refusal import Refusal
from controller.desk.throttle import MOST_COUNTERS, Throttle, hold_off, keys_of, network_of
from controller.rights import Role
from schedules.units import UtcMs
from tests.controller.world import CHEAP, PASSWORD, World

GUESSES = 10_000
EACH_MS = 100
"""Between two guesses: ten a second, for a quarter of an hour."""
HOME = Visit("203.0.113.7", "Firefox")


@pytest.fixture
def ledger(station: World) -> Ledger:
    station.person(Role.EDITOR, name="lan")
    return Ledger(station.store, lambda: station.now, CHEAP)


def looked_at(station: World, ledger: Ledger, source_of: Callable[[int], str], name: str = "lan") -> int:
    """Of so many guesses, how many reached the password."""
    seen = 0
    for n in range(GUESSES):
        station.now = UtcMs(station.now + EACH_MS)
        with pytest.raises(Refusal) as caught:
            ledger.sign_in(name, f"guess {n}", Visit(source_of(n)))
        seen += caught.value.code == "wrong-credentials"
    return seen


def test_from_one_address(station: World, ledger: Ledger) -> None:
    seen = looked_at(station, ledger, lambda _: "198.51.100.1")
    assert 3 < seen <= 20
    with station.store.read() as unit:
        entries = [each for each in unit.audit.walk() if each.action == "session.refuse"]
    assert len(entries) == seen, "what was looked at is written down"
    assert {(each.who, each.source, each.subject) for each in entries} == {("", "198.51.100.1", "person:lan")}
    with pytest.raises(Refusal):
        ledger.sign_in("lan", PASSWORD, Visit("198.51.100.1"))
    assert ledger.sign_in("lan", PASSWORD, HOME).token, "whoever comes from elsewhere does not wait for it"


def test_from_two_hundred_addresses(station: World, ledger: Ledger) -> None:
    entrance = ledger.sign_in("lan", PASSWORD, HOME)
    assert looked_at(station, ledger, lambda n: f"10.1.1.{n % 200}") <= 100
    at_work = Visit("192.0.2.99", "Firefox", (entrance.device,))
    assert ledger.sign_in("lan", PASSWORD, at_work).token, "the browser is known"
    assert ledger.sign_in("lan", PASSWORD, HOME).token, "so is the network of a live session"
    with pytest.raises(Refusal) as caught:
        ledger.sign_in("lan", PASSWORD, Visit("192.0.2.100", "Firefox", ("0" * 16 + "." + "0" * 32,)))
    assert caught.value.code == "too-many-tries", "a made-up mark is no mark"


def test_a_known_browser_guesses_no_faster(station: World, ledger: Ledger) -> None:
    mark = ledger.sign_in("lan", PASSWORD, HOME).device
    seen = 0
    for n in range(1_000):
        station.now = UtcMs(station.now + EACH_MS)
        with pytest.raises(Refusal) as caught:
            ledger.sign_in("lan", f"guess {n}", Visit("203.0.113.7", "Firefox", (mark,)))
        seen += caught.value.code == "wrong-credentials"
    assert seen <= 15


def test_the_mark_of_one_is_not_the_mark_of_another(station: World, ledger: Ledger) -> None:
    station.person(Role.ADMINISTRATOR, name="chief")
    mark = ledger.sign_in("lan", PASSWORD, HOME).device
    for n in range(3):
        with pytest.raises(Refusal):
            ledger.sign_in("chief", f"guess {n}", Visit("198.51.100.9", "", (mark,)))
    with pytest.raises(Refusal) as caught:
        ledger.sign_in("chief", "guess", Visit("198.51.100.9", "", (mark,)))
    assert caught.value.code == "too-many-tries"


def test_a_flood_of_names_does_not_wash_away_who_guesses() -> None:
    throttle, now = Throttle(), UtcMs(1_000_000)
    guesser = keys_of("lan", "198.51.100.1", "")
    for _ in range(3):
        hold_off(throttle, guesser, now)
    for n in range(MOST_COUNTERS):
        throttle.take((("pair", f"name{n}", "x"),), now)
    with pytest.raises(Refusal):
        hold_off(throttle, guesser, now)


def test_many_at_once_are_not_one() -> None:
    throttle, now = Throttle(), UtcMs(1_000_000)
    taken = [throttle.take(keys_of("lan", "198.51.100.1", ""), now) for _ in range(100)]
    assert taken.count(0) == 3


def test_a_day_later_it_begins_anew() -> None:
    throttle, keys = Throttle(), keys_of("lan", "198.51.100.1", "")
    now = UtcMs(1_000_000)
    for _ in range(200):
        throttle.take(keys, now)
        now = UtcMs(now + 300_000)
    later = UtcMs(now + 86_400_001)
    assert [throttle.take(keys, later) for _ in range(4)][:3] == [0, 0, 0]


@pytest.mark.parametrize(
    ("source", "network"),
    [("198.51.100.1", "198.51.100.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("unix", "unix"), ("", "")],
)
def test_whose_an_address_is(source: str, network: str) -> None:
    assert network_of(source) == network
