"""A box that asks to be taken in, over HTTP, without the agent's loop: one step at a time."""

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from protocol.enrolment import (
    Answer,
    Ask,
    Grant,
    Offer,
    SealingKey,
    claim_code,
    commitment_of,
    open_answer,
    reveal_bytes,
    transcript,
)
from protocol.keys import SigningKey


@dataclass
class NewBox:
    """`knock`, then `reveal` as often as one likes."""

    client: httpx.Client
    hostname: str = "raspberrypi"
    key: SigningKey = field(default_factory=SigningKey.generate)
    sealing: SealingKey = field(default_factory=SealingKey.generate)
    nonce: str = field(default_factory=lambda: secrets.token_hex(32))
    offer: Offer = field(init=False)

    @property
    def ask(self) -> Ask:
        return Ask(
            self.key.public_hex,
            self.sealing.public_hex,
            commitment_of(self.nonce),
            self.hostname,
            "10000000abcd",
            "0.1.0",
        )

    def knock(self) -> httpx.Response:
        answer = self.client.post("/api/v1/enrolments", json=asdict(self.ask))
        if answer.status_code == 201:
            self.offer = Offer(**answer.json())
        return answer

    def reveal(self, **other: str) -> httpx.Response:
        signature = self.key.sign(reveal_bytes(self.offer, self.nonce))
        body = {"box_nonce": self.nonce, "signature": signature, **other}
        return self.client.post(f"/api/v1/enrolments/{self.offer.enrolment}/reveal", json=body)

    @property
    def said(self) -> str:
        return transcript(self.ask, self.offer, self.nonce)

    @property
    def code(self) -> str:
        return claim_code(self.said)

    def grant(self) -> Grant:
        """What it was given; the answer is there."""
        told: dict[str, Any] = self.reveal().json()
        assert told["state"] == "accepted", told
        return open_answer(Answer.of(told["answer"]), self.offer, self.said, self.sealing)

    def waits(self) -> "NewBox":
        """Knock and reveal, as a box does that is then listed."""
        assert self.knock().status_code == 201
        assert self.reveal().json() == {"state": "waiting", "answer": None}
        return self
