"""Boxes that ask to be taken in, and boxes that are taken out, as both databases keep them."""

from controller.store.enrolments import Enrolment, EnrolmentState
from protocol.enrolment import Ask
from schedules.units import SpeakerId, UtcMs
from tests.controller.world import World

ASK = Ask("aa" * 32, "bb" * 32, "cc" * 32, "hộp-1", "10000000abcd", "0.1.0")


def test_what_a_box_asks_is_kept_until_its_time_is_over(either: World) -> None:
    now = either.now
    with either.store.write() as unit:
        unit.enrolments.add(Enrolment("en-2", ASK, "192.0.2.7", "dd" * 32, UtcMs(now + 1), UtcMs(now + 100)))
        unit.enrolments.add(Enrolment("en-1", ASK, "192.0.2.7", "dd" * 32, now, UtcMs(now + 50)))
        unit.enrolments.add(Enrolment("en-3", ASK, "192.0.2.8", "dd" * 32, now, UtcMs(now + 50)))
    with either.store.write() as unit:
        assert [each.id for each in unit.enrolments.waiting(now)] == ["en-1", "en-3", "en-2"]
        assert [each.id for each in unit.enrolments.waiting(UtcMs(now + 50))] == ["en-2"]
        unit.enrolments.reveal("en-1", "ee" * 32, "12345678")
        unit.enrolments.accept("en-1", SpeakerId("s-1"), '{"sealed": "…"}', "kythuat", UtcMs(now + 500))
        unit.enrolments.reject("en-3", "kythuat")
    with either.store.write() as unit:
        taken, refused = unit.enrolments.get("en-1", now), unit.enrolments.get("en-3", now)
        assert taken == Enrolment(
            "en-1", ASK, "192.0.2.7", "dd" * 32, now, UtcMs(now + 500), "ee" * 32, "12345678",
            EnrolmentState.ACCEPTED, SpeakerId("s-1"), '{"sealed": "…"}', "kythuat",
        )  # fmt: skip
        assert refused is not None
        assert refused.state is EnrolmentState.REJECTED
        assert [each.id for each in unit.enrolments.waiting(now)] == ["en-2"]
        assert unit.enrolments.forget(UtcMs(now + 100)) == 2
        assert unit.enrolments.get("en-3", now) is None
        unit.enrolments.drop("en-1")
        assert unit.enrolments.get("en-1", now) is None


def test_a_revoked_box_stands_where_it_stands_until_another_comes(either: World) -> None:
    one = either.add_speaker("one")
    with either.store.write() as unit:
        unit.places.put_broker_user(one, "speaker", "$7$")
        unit.places.revoke(one)
    with either.store.write() as unit:
        kept = unit.places.speaker(one)
        assert kept is not None
        assert kept.revoked
        assert unit.places.broker_user(one) is None
        unit.places.give_box(one, "ff" * 32)
    with either.store.read() as unit:
        kept = unit.places.speaker(one)
        assert kept is not None
        assert (kept.public_key, kept.revoked) == ("ff" * 32, False)
