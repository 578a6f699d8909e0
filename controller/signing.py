"""The signing gate: the one place that signs, and it signs no broadcast that is not exactly what was approved."""

from dataclasses import dataclass

from controller.keys import KeyRing
from controller.proof import NotApproved, Proof
from protocol.belief import role_for
from protocol.canonical import sha256_hex
from protocol.envelope import seal, signed_bytes
from protocol.keys import Role
from protocol.messages import BroadcastOrder, ClockAnswer, Command, Config, KeyEntry, Keys, Plan, Receipt
from schedules.units import BulletinId, UtcMs


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed document: the payload to publish, and the SHA-256 of its signed bytes."""

    payload: str
    sha256: str


class Signer:
    """Seals documents of one site, each with the key of its role."""

    def __init__(self, site: str, ring: KeyRing) -> None:
        self.site = site
        self._ring = ring

    @property
    def root_public(self) -> str:
        return self._ring[Role.ROOT].public_hex

    def _seal(self, message: Keys | Plan | BroadcastOrder | Config | Command | Receipt | ClockAnswer) -> Sealed:
        signed = signed_bytes(self.site, message)
        return Sealed(seal(signed, self._ring[role_for(message)]).decode(), sha256_hex(signed))

    def broadcast(self, order: BroadcastOrder, bulletin: BulletinId, proof: Proof | None) -> Sealed:
        """Seal a broadcast of `bulletin`, proved by its schedule's `proof`; raises NotApproved.

        A cancelled order only takes back and needs no proof: a bulletin withdrawn later must be stoppable.
        """
        if not order.cancelled:
            if proof is None:
                raise NotApproved(f"broadcast {order.broadcast.id} comes without a proof")
            proof.check(order, bulletin)
        return self._seal(order)

    def plain(self, message: Plan | Config | Command | Receipt | ClockAnswer) -> Sealed:
        """Seal a document that says nothing on air."""
        return self._seal(message)

    def key_list(self, version: int, issued: UtcMs) -> Sealed:
        """The list of the keys that speakers shall believe, signed by the root key."""
        roles = (Role.SCHEDULE, Role.EMERGENCY, Role.CONFIG, Role.SESSION)
        entries = tuple(KeyEntry(self._ring[role].key_id, role.value, self._ring[role].public_hex) for role in roles)
        return self._seal(Keys(version, issued, entries))
