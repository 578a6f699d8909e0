"""The signing gate: the one place that signs, and it signs no broadcast that is not exactly what was approved."""

from dataclasses import dataclass

from controller.keys import SIGNING_ROLES, Ring
from controller.proof import NotApproved, Proof
from protocol.belief import role_for
from protocol.canonical import sha256_hex
from protocol.envelope import Envelope, open_envelope, seal, signed_bytes
from protocol.keys import Role
from protocol.messages import BroadcastOrder, ClockAnswer, Command, Config, KeyEntry, Keys, Plan, Receipt
from schedules.units import BulletinId, UtcMs


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed document: the payload to publish, and the SHA-256 of its signed bytes."""

    payload: str
    sha256: str


class SigningStopped(Exception):
    """This controller is out of date, or listens before it begins a new epoch: it must not say anything."""


class Signer:
    """Seals documents of one site, each with the key of its role. What is `stopped` seals nothing but the time."""

    def __init__(self, site: str, ring: Ring) -> None:
        self.site = site
        self.stopped = False
        self._ring = ring

    @property
    def root_public(self) -> str:
        return self._ring.root_public

    @property
    def key_names(self) -> tuple[str, ...]:
        """Short names of the keys that sign now."""
        return tuple(self._ring[role].key_id for role in SIGNING_ROLES)

    def _seal(self, message: Keys | Plan | BroadcastOrder | Config | Command | Receipt | ClockAnswer) -> Sealed:
        if self.stopped and not isinstance(message, ClockAnswer):
            raise SigningStopped
        signed = signed_bytes(self.site, message)
        return Sealed(seal(signed, self._ring[role_for(message)]).decode(), sha256_hex(signed))

    def broadcast(self, order: BroadcastOrder, bulletin: BulletinId, proof: Proof | None) -> Sealed:
        """Seal a broadcast of `bulletin`, proved by its schedule's `proof`; raises NotApproved.

        A cancelled order only takes back and needs no proof: a bulletin withdrawn later must be stoppable.
        """
        self._prove(order, bulletin, proof)
        return self._seal(order)

    @staticmethod
    def _prove(order: BroadcastOrder, bulletin: BulletinId, proof: Proof | None) -> None:
        if not order.cancelled:
            if proof is None:
                raise NotApproved(f"broadcast {order.broadcast.id} comes without a proof")
            proof.check(order, bulletin)

    def plain(self, message: Plan | Config | Command | Receipt | ClockAnswer) -> Sealed:
        """Seal a document that says nothing on air."""
        return self._seal(message)

    def enrolment(self, answer: bytes) -> str:
        """Sign what a box that staff took in gets (protocol/enrolment.py); it says nothing on air."""
        return self._ring[Role.CONFIG].sign(answer)

    def key_list(self, version: int, issued: UtcMs) -> Sealed:
        """The list of the keys that speakers shall believe, signed by the root key."""
        keys = {role: self._ring[role] for role in (Role.ROOT, *SIGNING_ROLES)}
        entries = tuple(KeyEntry(key.key_id, role.value, key.public_hex) for role, key in keys.items())
        return self._seal(Keys(version, issued, entries))

    def is_old(self, opened: Envelope) -> bool:
        """It was signed by another key than that of now."""
        present = self._ring[role_for(opened.message)].key_id
        return present not in {signature.key for signature in opened.signatures}

    def plain_again(self, payload: str) -> str | None:
        """A plan or config of ours signed by the key of now, byte for byte; None when it is already."""
        opened = open_envelope(payload.encode())
        assert isinstance(opened.message, Plan | Config), "what says something on air has a gate of its own"
        return self._again(opened) if self.is_old(opened) else None

    def broadcast_again(
        self, opened: Envelope, order: BroadcastOrder, bulletin: BulletinId, proof: Proof | None
    ) -> str:
        """The same for a broadcast, through the same gate; raises NotApproved."""
        self._prove(order, bulletin, proof)
        return self._again(opened)

    def _again(self, opened: Envelope) -> str:
        if self.stopped:
            raise SigningStopped
        return seal(opened.signed, self._ring[role_for(opened.message)]).decode()
