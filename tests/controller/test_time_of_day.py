"""The controller says what time it is: at once, signed for the one question, each speaker within its own allowance."""

from itertools import count

import pytest

from controller.keys import SITE_ROLES, KeyRing
from controller.link import Incoming
from controller.signing import Signer
from controller.time_of_day import AT_ONCE, EVERY_US, TimeOfDay
from protocol.belief import judge_answer
from protocol.codec import dump
from protocol.judgement import Trust
from protocol.keys import Role, SigningKey
from protocol.messages import ClockAnswer, ClockAsk, KeyEntry, Keys
from protocol.topics import CLOCK_ASK, STATUS, SpeakerTopic, build
from schedules.units import SpeakerId, UtcMs

NOW_US = 1_795_000_000_000_000
BOX = SpeakerId("s-box")
OTHER = SpeakerId("s-other")


def ring() -> KeyRing:
    return KeyRing({role: SigningKey.generate() for role in SITE_ROLES})


class Station:
    """Answers, and a clock that the test moves."""

    def __init__(self) -> None:
        keys = ring()
        self.now_us = NOW_US
        self.replies: list[tuple[str, bytes]] = []
        self.answers = TimeOfDay(Signer("dam-ha", keys), self.read, lambda *reply: self.replies.append(reply))
        session = keys[Role.SESSION]
        listed = Keys(1, UtcMs(0), (KeyEntry(session.key_id, "session", session.public_hex),))
        self.trust = Trust("dam-ha", BOX, keys[Role.ROOT].public_hex, listed, None, {})
        self._nonces = count()

    def read(self) -> int:
        self.now_us += 7
        return self.now_us

    def ask(self, speaker: SpeakerId = BOX, *, by: SpeakerId | None = None, retained: bool = False) -> ClockAsk:
        ask = ClockAsk(speaker, f"n-{next(self._nonces)}", 55)
        topic = build(SpeakerTopic(by or speaker, CLOCK_ASK))
        assert self.answers.hear(Incoming(topic, dump(ask), retained, (1, 1)))
        return ask


@pytest.fixture
def station() -> Station:
    return Station()


def test_an_answer_is_believed_by_who_asked(station: Station) -> None:
    ask = station.ask()
    ((topic, payload),) = station.replies
    answer = judge_answer(topic, payload, station.trust, {ask.nonce: ask.asked_us})
    assert answer == ClockAnswer(BOX, ask.nonce, 55, NOW_US + 7, NOW_US + 14)


def test_what_is_no_question_about_the_time_is_left_to_others(station: Station) -> None:
    topic = build(SpeakerTopic(BOX, STATUS))
    assert not station.answers.hear(Incoming(topic, b"{}", False, (1, 1)))


def test_a_clock_that_steps_back_meanwhile_makes_no_answer_before_its_question(station: Station) -> None:
    readings = iter([NOW_US, NOW_US - 5_000_000])
    answers = TimeOfDay(Signer("dam-ha", ring()), lambda: next(readings), lambda *reply: station.replies.append(reply))
    answers.hear(Incoming(build(SpeakerTopic(BOX, CLOCK_ASK)), dump(ClockAsk(BOX, "n", 1)), False, (1, 1)))
    assert len(station.replies) == 1


def test_nobody_asks_for_another_nor_by_a_kept_message_nor_in_broken_words(station: Station) -> None:
    station.ask(OTHER, by=BOX)
    station.ask(retained=True)
    assert station.answers.hear(Incoming(build(SpeakerTopic(BOX, CLOCK_ASK)), b"{", False, (1, 1)))
    assert station.answers.hear(Incoming("loaxa/v1/speakers/NO/clock/ask", b"{}", False, (1, 1)))
    assert station.replies == []


def test_one_that_asks_too_much_takes_nothing_from_the_others(station: Station) -> None:
    for _ in range(10 * AT_ONCE):
        station.ask()
    assert len(station.replies) == AT_ONCE
    station.ask(OTHER)
    assert len(station.replies) == AT_ONCE + 1
    station.now_us += EVERY_US
    for _ in range(5):
        station.ask()
    assert len(station.replies) == AT_ONCE + 2
    station.now_us += 100 * AT_ONCE * EVERY_US
    for _ in range(10 * AT_ONCE):
        station.ask()
    assert len(station.replies) == 2 * AT_ONCE + 2


def test_a_controllers_clock_set_back_a_year_silences_nobody(station: Station) -> None:
    for _ in range(2 * AT_ONCE):
        station.ask()
    station.now_us -= 365 * 86_400_000_000
    station.ask()
    station.now_us += EVERY_US
    station.ask()
    assert len(station.replies) == AT_ONCE + 1
