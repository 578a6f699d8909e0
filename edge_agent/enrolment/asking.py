"""Asks to be taken in until staff decided: a request, its code, and questions that grow rarer."""

import logging
import secrets
from collections.abc import Callable
from pathlib import Path

from edge_agent.clock import Clock
from edge_agent.enrolment import machine
from edge_agent.enrolment.files import Request, forget_request, keep_request, kept_request
from edge_agent.enrolment.web import Controller, Reply, Unreachable
from protocol.enrolment import (
    NONCE_BYTES,
    Answer,
    Ask,
    Grant,
    NotGenuine,
    Offer,
    SealingKey,
    claim_code,
    commitment_of,
    open_answer,
    reveal_bytes,
    transcript,
)
from protocol.keys import SigningKey
from protocol.release import VERSION

_log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 15.0
NO_ANSWER_PAUSE_S = 60.0
MOST_REQUESTS = 24
"""Each lasts an hour at the controller: after a day without a decision the box gives up."""
REQUEST_S = 2 * 3_600
"""A controller that answers nothing any more is asked no longer than this about one request."""
_NOT_FOUND, _FORBIDDEN, _TOO_MANY = 404, 403, 429


class GaveUp(Exception):
    """The box was not taken in; the sentence says why."""


class Asking:
    """`show(code)` is called with each new code, once the controller shows it too."""

    def __init__(
        self, clock: Clock, controller: Controller, folder: Path, key: SigningKey, show: Callable[[str], None]
    ) -> None:
        self._clock, self._controller, self._folder, self._key, self._show = clock, controller, folder, key, show

    def ask(self) -> tuple[Grant, Offer]:
        """Ask until taken in; raises GaveUp."""
        for _ in range(MOST_REQUESTS):
            request = kept_request(self._folder, self._controller.url, self._key.public_hex) or self._new()
            grant = self._wait(request)
            if grant is not None:
                return grant, request.offer
            forget_request(self._folder)
            _log.info("the request is over; asking anew, with another code")
        raise GaveUp("nobody took this box in for a day; start it again when somebody looks at the new speakers")

    def _new(self) -> Request:
        """A request that the controller has taken, kept over a power cut."""
        sealing, box_nonce = SealingKey.generate(), secrets.token_hex(NONCE_BYTES)
        ask = Ask(
            self._key.public_hex,
            sealing.public_hex,
            commitment_of(box_nonce),
            machine.hostname(),
            machine.serial(),
            VERSION,
        )
        body = {name: str(getattr(ask, name)) for name in Ask.__slots__}
        reply = self._until_answered("/enrolments", body)
        if reply.status != 201:
            raise GaveUp(f"the controller refuses: {reply.detail}")
        try:
            offer = Offer(**{name: str(reply.body[name]) for name in Offer.__slots__})
        except KeyError as error:
            raise GaveUp(f"what answers is no controller of this version: no {error}") from error
        request = Request(self._controller.url, ask, offer, box_nonce, sealing.private_hex)
        keep_request(self._folder, request)
        return request

    def _until_answered(self, path: str, body: dict[str, str]) -> Reply:
        """For as long as the network or the controller is away, or asks for patience."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                reply = self._controller.post(path, body)
            except Unreachable as error:
                _log.warning("%s", error)
            else:
                if reply.status < 500 and reply.status != _TOO_MANY:
                    return reply
                _log.warning("the controller says: %s", reply.detail)
            self._pause(pause)
            pause = min(NO_ANSWER_PAUSE_S, pause * 2)

    def _wait(self, request: Request) -> Grant | None:
        """Ask how it stands until it is decided; None when the request is over. Raises GaveUp when turned away."""
        said = transcript(request.ask, request.offer, request.box_nonce)
        signature = self._key.sign(reveal_bytes(request.offer, request.box_nonce))
        body = {"box_nonce": request.box_nonce, "signature": signature}
        until, pause, shown = self._clock.monotonic_s() + REQUEST_S, FIRST_PAUSE_S, False
        while self._clock.monotonic_s() < until:
            reply = self._until_answered(f"/enrolments/{request.offer.enrolment}/reveal", body)
            if reply.status in (_NOT_FOUND, _FORBIDDEN):
                return None
            state = reply.body.get("state")
            if state == "accepted":
                return self._opened(reply, request, said)
            if state == "rejected":
                forget_request(self._folder)
                raise GaveUp("staff turned this box away; ask them, then start it again")
            if state != "waiting":
                raise GaveUp(f"the controller refuses: {reply.detail}")
            if not shown:
                shown = True
                self._show(claim_code(said))
            self._pause(pause)
            pause = min(LONGEST_PAUSE_S, pause * 1.25)
        return None

    @staticmethod
    def _opened(reply: Reply, request: Request, said: str) -> Grant:
        try:
            answer = Answer.of(reply.body.get("answer"))
            return open_answer(answer, request.offer, said, SealingKey.from_hex(request.sealing_private))
        except NotGenuine as error:
            raise GaveUp(f"the answer is not believed: {error}. Is somebody between this box and the site?") from error

    def _pause(self, seconds: float) -> None:
        self._clock.sleep_until_ns(self._clock.monotonic_ns() + int(seconds * 1e9))
