"""Answers about the time: believed once, for one open question of one speaker, and refused by name otherwise."""

from dataclasses import replace

import pytest

from protocol.belief import judge_answer
from protocol.codec import Malformed
from protocol.envelope import signed_bytes
from protocol.judgement import Awaits, Deferred, Disbelieved, Judgement, Refused, Trust
from protocol.keys import Role
from protocol.messages import ClockAnswer, Signed
from schedules.units import SpeakerId
from tests.protocol.examples import ANSWER, ASK, COMMAND, KEYS, RECEIPT, SITE, STRANGER, TRUST, sealed, topic_of

OPEN = {ASK.nonce: ASK.asked_us}


def hear(
    payload: bytes, topic: str = "", trust: Trust = TRUST, asked: dict[str, int] = OPEN
) -> ClockAnswer | Disbelieved | Deferred | Judgement:
    return judge_answer(topic or topic_of(ANSWER), payload, trust, asked)


def test_an_answer_to_an_open_question_is_believed_without_a_clock() -> None:
    assert hear(sealed(ANSWER)) == ANSWER


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (b"?" * 300_000, Refused.SIZE),
        (b"{}", Refused.FORM),
        (sealed(COMMAND), Refused.FORM),
        (sealed(ANSWER, site="hai-ha"), Refused.SITE),
        (sealed(ANSWER, KEYS[Role.SCHEDULE]), Refused.KEY),
        (sealed(ANSWER, KEYS[Role.SPEAKER], KEYS[Role.ROOT]), Refused.KEY),
        (sealed(ANSWER).replace(b'"received_us":17', b'"received_us":16'), Refused.SIGNATURE),
        (sealed(replace(ANSWER, nonce="another")), Refused.NONCE),
        (sealed(replace(ANSWER, asked_us=ANSWER.asked_us + 1)), Refused.NONCE),
    ],
)
def test_a_hostile_answer_is_refused_by_name(payload: bytes, name: Refused) -> None:
    refused = hear(payload)
    assert isinstance(refused, Disbelieved)
    assert refused.name is name


def test_an_answer_for_another_speaker_is_not_ours() -> None:
    other = replace(ANSWER, speaker=SpeakerId("s-other"))
    for topic in (topic_of(ANSWER), topic_of(other)):
        refused = hear(sealed(other), topic)
        assert isinstance(refused, Disbelieved)
        assert refused.name in (Refused.FORM, Refused.AUDIENCE)


@pytest.mark.parametrize("message", [RECEIPT, COMMAND])
def test_what_else_the_session_key_signs_is_no_answer(message: Signed) -> None:
    refused = hear(sealed(message), topic_of(message))
    assert isinstance(refused, Disbelieved)
    assert refused.name is Refused.FORM


def test_a_replayed_answer_answers_nothing() -> None:
    refused = hear(sealed(ANSWER), asked={})
    assert isinstance(refused, Disbelieved)
    assert refused.name is Refused.NONCE


def test_a_key_that_no_list_names_is_not_believed_yet() -> None:
    assert hear(sealed(ANSWER, STRANGER)) == hear(sealed(ANSWER), trust=replace(TRUST, keys=None))
    deferred = hear(sealed(ANSWER, STRANGER))
    assert isinstance(deferred, Deferred)
    assert deferred.name is Awaits.KEY


def test_an_answer_that_went_before_the_question_came_is_none() -> None:
    with pytest.raises(Malformed, match="before"):
        signed_bytes(SITE, replace(ANSWER, sent_us=ANSWER.received_us - 1))
