"""Cuts a byte stream into MQTT 3.1.1 packets and says of each the little that the fault proxy must know."""

from dataclasses import dataclass

PUBLISH = 3
_DUP = 0x08


@dataclass(frozen=True, slots=True)
class Packet:
    """One whole control packet as it was on the wire."""

    raw: bytes

    @property
    def kind(self) -> int:
        """The control packet type (MQTT 3.1.1, section 2.2.1)."""
        return self.raw[0] >> 4

    @property
    def qos(self) -> int:
        return (self.raw[0] >> 1) & 3 if self.kind == PUBLISH else 0

    @property
    def topic(self) -> bytes:
        """Of a PUBLISH; empty for every other kind."""
        if self.kind != PUBLISH:
            return b""
        at = _body(self.raw)
        size = int.from_bytes(self.raw[at : at + 2], "big")
        return self.raw[at + 2 : at + 2 + size]

    def again(self) -> "Packet":
        """The same PUBLISH as a sender repeats it that saw no acknowledgement."""
        return Packet(bytes([self.raw[0] | _DUP]) + self.raw[1:])


def _body(raw: bytes) -> int:
    """Where the variable header begins: behind the remaining length, one to four bytes."""
    at = 1
    while raw[at] & 0x80:
        at += 1
    return at + 1


class Cutter:
    """Bytes in, whole packets out."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        self._rest += data
        packets = []
        while (size := self._whole()) is not None:
            packets.append(Packet(bytes(self._rest[:size])))
            del self._rest[:size]
        return packets

    def _whole(self) -> int | None:
        """The size of the first packet, None while it is not all here."""
        length, shift = 0, 0
        for at in range(1, min(5, len(self._rest))):
            length |= (self._rest[at] & 0x7F) << shift
            shift += 7
            if not self._rest[at] & 0x80:
                size = at + 1 + length
                return size if len(self._rest) >= size else None
        return None
