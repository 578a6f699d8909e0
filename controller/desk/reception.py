"""Where boxes knock that nobody knows yet: what they ask is kept within bounds, and they learn how it stands.

Whoever reaches the controller may knock, so nothing here costs much or stays long: a request is shown only after the
box proved that it holds its key, it is over after an hour, one network has few of them, and a flood from many pushes
out the flood's own.
"""

import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.throttle import Throttle, network_of
from controller.ids import new_id
from controller.language import n_
from controller.store.enrolments import Enrolment, EnrolmentState
from controller.store.unit import Unit
from protocol.enrolment import (
    NONCE_BYTES,
    Ask,
    Offer,
    claim_code,
    commitment_of,
    reveal_bytes,
    transcript,
    usable_sealing_key,
)
from protocol.keys import verify
from schedules.units import UtcMs

WAITING_MS = 3_600_000
"""A request nobody decided on is over then; the box asks anew, with another code."""
MOST_WAITING = 40
MOST_OF_A_NETWORK = 10
ENROLMENTS = "enrolments"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands; `answer` is for the accepted box alone."""

    state: EnrolmentState
    answer: dict[str, str] | None


class Reception:
    def __init__(self, room: Room, throttle: Throttle) -> None:
        self._room, self._throttle = room, throttle

    def knock(self, ask: Ask, source: str) -> Offer:
        """A box asks to be taken in; returns what the controller says to it."""
        if not usable_sealing_key(ask.sealing_key):
            raise Refusal("bad-key", n_("Khóa hộp loa gửi lên không dùng được."), field="sealing_key")
        now, network = self._room.now(), network_of(source)
        if (left := self._throttle.take((("knock", network),), now)) > 0:
            raise _later(left)
        signer = self._room.planner.signer
        offer = Offer(new_id("en"), signer.site, signer.root_public, secrets.token_hex(NONCE_BYTES))
        with self._room.store.write() as unit:
            unit.enrolments.forget(now)
            self._make_room(unit, network, now)
            until = UtcMs(now + WAITING_MS)
            unit.enrolments.add(Enrolment(offer.enrolment, ask, network, offer.nonce, now, until))
        return offer

    @staticmethod
    def _make_room(unit: Unit, network: str, now: UtcMs) -> None:
        leaving = who_leaves(unit.enrolments.waiting(now), network)
        if leaving is not None:
            unit.enrolments.drop(leaving)
            unit.changed(ENROLMENTS)

    def reveal(self, enrolment: str, box_nonce: str, signature: str) -> Standing:
        """The box proves that it holds its key, reveals its number and asks how its request stands."""
        with self._room.store.read() as unit:
            found = self._proven(unit, enrolment, box_nonce, signature)
        if not found.code:
            with self._room.store.write() as unit:
                found = self._proven(unit, enrolment, box_nonce, signature)
                unit.enrolments.reveal(enrolment, box_nonce, self._code(found, box_nonce))
                unit.changed(ENROLMENTS)
        return Standing(found.state, json.loads(found.answer) if found.answer else None)

    def _proven(self, unit: Unit, enrolment: str, box_nonce: str, signature: str) -> Enrolment:
        found = unit.enrolments.get(enrolment, self._room.now())
        if found is None:
            raise unknown_enrolment()
        signed = reveal_bytes(self._offer(found), box_nonce)
        if commitment_of(box_nonce) != found.ask.commitment or not verify(found.ask.public_key, signed, signature):
            raise Refusal("not-proven", n_("Hộp loa không chứng minh được khóa của mình."), status=403)
        return found

    def _offer(self, found: Enrolment) -> Offer:
        return offer_of(self._room, found)

    def _code(self, found: Enrolment, box_nonce: str) -> str:
        return claim_code(transcript(found.ask, self._offer(found), box_nonce))


def offer_of(room: Room, found: Enrolment) -> Offer:
    """What the controller said to this box."""
    signer = room.planner.signer
    return Offer(found.id, signer.site, signer.root_public, found.nonce)


def who_leaves(waiting: Sequence[Enrolment], network: str) -> str | None:
    """Whose request makes room for one more from `network`; None: there is room. Refusal when there is none.

    The oldest of the network that has most: who floods pushes out their own, never somebody's only one.
    """
    counts = Counter(each.source for each in waiting)
    if counts[network] >= MOST_OF_A_NETWORK:
        raise _later(WAITING_MS // MOST_OF_A_NETWORK)
    if len(waiting) < MOST_WAITING:
        return None
    most = max(counts.values())
    if most == 1:
        raise _later(WAITING_MS // MOST_WAITING)
    return next(each.id for each in waiting if counts[each.source] == most)


def forget_enrolments(unit: Unit, now: UtcMs) -> None:
    """Ticks: what nobody decided on in time is gone, from the pages too."""
    if unit.enrolments.forget(now):
        unit.changed(ENROLMENTS)


def unknown_enrolment() -> Refusal:
    return Refusal(
        "unknown-enrolment",
        n_("Không có yêu cầu này, hoặc đã quá một giờ. Hộp loa tự gửi yêu cầu khác, với mã khác."),
        status=404,
    )


def _later(left_ms: int) -> Refusal:
    return Refusal(
        "too-many-requests",
        n_("Có quá nhiều hộp loa xin vào. Hãy đợi %(seconds)s giây rồi thử lại."),
        status=429,
        params={"seconds": -(-left_ms // 1000)},
    )
