"""Answers speakers that ask what time it is: signed, for the one question, on the link's own thread and at once."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from controller.link import Incoming
from controller.signing import Signer
from protocol import topics
from protocol.codec import Malformed, load
from protocol.messages import ClockAnswer, ClockAsk
from schedules.units import SpeakerId

log = logging.getLogger(__name__)

AT_ONCE = 32
"""A speaker asks eight times in a round; it may have to begin anew when its connection comes and goes."""
EVERY_US = 2_000_000
MOST_SPEAKERS = 100_000
"""Remembered; the longest silent are forgotten first, which allows them more, not less."""


@dataclass(slots=True)
class _Allowance:
    left: int
    since_us: int


class TimeOfDay:
    """`now_us` is UTC in microseconds. What waited for a database would no longer be true: nothing here waits."""

    def __init__(self, signer: Signer, now_us: Callable[[], int], reply: Callable[[str, bytes], object]) -> None:
        self._signer, self._now_us, self._reply = signer, now_us, reply
        self._allowed: OrderedDict[SpeakerId, _Allowance] = OrderedDict()

    def hear(self, message: Incoming) -> bool:
        """Answer a question about the time; false when it is something else, or more than a speaker may ask."""
        received_us = self._now_us()
        if not message.topic.endswith(f"/{topics.CLOCK_ASK}"):
            return False
        speaker = _speaker_of(message.topic)
        if speaker is not None and not message.retained and self._may_ask(speaker, received_us):
            self._answer(speaker, message.payload, received_us)
        return True

    def _answer(self, speaker: SpeakerId, payload: bytes, received_us: int) -> None:
        try:
            ask = load(ClockAsk, payload)
        except Malformed as error:
            log.warning("a question about the time of %s is malformed: %s", speaker, error)
            return
        if ask.speaker != speaker:
            log.warning("%s asks about the time for %s", speaker, ask.speaker)
            return
        # An operating system's clock may step back between two readings.
        sent_us = max(received_us, self._now_us())
        answer = ClockAnswer(speaker, ask.nonce, ask.asked_us, received_us, sent_us)
        topic = topics.build(topics.SpeakerTopic(speaker, topics.CLOCK_ANSWER))
        self._reply(topic, self._signer.plain(answer).payload.encode())

    def _may_ask(self, speaker: SpeakerId, now_us: int) -> bool:
        """Each speaker has its own allowance: one that asks too much takes nothing from the others."""
        known = self._allowed.setdefault(speaker, _Allowance(AT_ONCE, now_us))
        self._allowed.move_to_end(speaker)
        while len(self._allowed) > MOST_SPEAKERS:
            self._allowed.popitem(last=False)
        if (gained := (now_us - known.since_us) // EVERY_US) > 0:
            known.left, known.since_us = min(AT_ONCE, known.left + gained), known.since_us + gained * EVERY_US
        elif now_us < known.since_us:
            known.since_us = now_us
        if known.left == 0:
            return False
        known.left -= 1
        return True


def _speaker_of(name: str) -> SpeakerId | None:
    try:
        topic = topics.parse(name)
    except topics.NotOurTopic:
        return None
    return topic.speaker if isinstance(topic, topics.SpeakerTopic) else None
