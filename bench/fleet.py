"""A thousand light receivers in one process: `python -m bench.fleet --port P --count N --filter F …`.

Each is one socket that speaks just enough MQTT 3.1.1 to subscribe with QoS 1 and acknowledge (paho's select() loop
carries about 340 clients per process). Standard output gets JSON lines: {"ready": N} when all are subscribed, then
for each topic that all N have wholly received {"topic", "first_ns", "last_ns", "payload"}: times on the machine's
monotonic clock, the payload (the last receiver's) in base64. It ends when standard input closes.
"""

import argparse
import base64
import json
import select
import socket
import struct
import sys
import time
from collections.abc import Sequence

IN_FLIGHT = 50
"""Connections begun and not yet subscribed: the broker's listen backlog is about 100."""
_READ = 65_536


def text(value: str) -> bytes:
    """A UTF-8 string with its two length bytes (MQTT 3.1.1, 1.5.3)."""
    raw = value.encode()
    return struct.pack(">H", len(raw)) + raw


def packet(first: int, body: bytes) -> bytes:
    """A packet with its fixed header (2.2)."""
    length, left = bytearray(), len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        length.append(digit | (0x80 if left else 0))
        if not left:
            return bytes([first]) + bytes(length) + body


def connect(client: str) -> bytes:
    """CONNECT, clean session, no keep-alive (3.1)."""
    return packet(0x10, text("MQTT") + b"\x04\x02\x00\x00" + text(client))


def subscribe(filters: Sequence[str]) -> bytes:
    """SUBSCRIBE number 1, QoS 1 (3.8)."""
    return packet(0x82, b"\x00\x01" + b"".join(text(name) + b"\x01" for name in filters))


def split(buffer: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends; None when it is not all there."""
    length = shift = 0
    for place in range(at + 1, min(at + 5, len(buffer))):
        digit = buffer[place]
        length |= (digit & 0x7F) << shift
        if not digit & 0x80:
            end = place + 1 + length
            return (place + 1, end) if end <= len(buffer) else None
        shift += 7
    return None


class Arrivals:
    """Which receivers have which topic; tells once when the last has it."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._have: dict[bytes, bytearray] = {}
        self._missing: dict[bytes, int] = {}
        self._first_ns: dict[bytes, int] = {}

    def add(self, receiver: int, topic: bytes, payload: bytes) -> None:
        """An empty payload clears a topic and is nobody's document."""
        have = self._have.get(topic)
        if have is None:
            have = self._have[topic] = bytearray(self._count)
            self._missing[topic] = self._count
            self._first_ns[topic] = time.monotonic_ns()
        if have[receiver] or not payload:
            return
        have[receiver] = 1
        self._missing[topic] -= 1
        if not self._missing[topic]:
            self._tell(topic, payload, time.monotonic_ns())

    def _tell(self, topic: bytes, payload: bytes, last_ns: int) -> None:
        tell(
            topic=topic.decode(), first_ns=self._first_ns[topic], last_ns=last_ns,
            payload=base64.b64encode(payload).decode(),
        )  # fmt: skip


class Fleet:
    """All receivers and one epoll loop."""

    def __init__(self, port: int, count: int, filters: Sequence[str]) -> None:
        self._port = port
        self._count = count
        self._subscribe = subscribe(filters)
        self._arrivals = Arrivals(count)
        self._poll = select.epoll()
        self._sockets: dict[int, tuple[int, socket.socket]] = {}
        self._rest: dict[int, bytes] = {}
        self._begun = self._ready = 0

    def run(self) -> None:
        """Until standard input closes, or a receiver is thrown out (OSError)."""
        stdin = sys.stdin.fileno()
        self._poll.register(stdin, select.EPOLLIN)
        self._begin_some()
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == stdin:
                    return
                self._read(descriptor)

    def _begin_some(self) -> None:
        while self._begun < self._count and self._begun - self._ready < IN_FLIGHT:
            connection = socket.create_connection(("127.0.0.1", self._port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(connect(f"bench-{self._begun}"))
            self._sockets[connection.fileno()] = (self._begun, connection)
            self._poll.register(connection, select.EPOLLIN)
            self._begun += 1

    def _read(self, descriptor: int) -> None:
        receiver, connection = self._sockets[descriptor]
        data = connection.recv(_READ)
        if not data:
            raise ConnectionError(f"the broker threw receiver {receiver} out")
        buffer = self._rest.pop(descriptor, b"") + data
        at = 0
        while whole := split(buffer, at):
            start, end = whole
            self._take(receiver, connection, buffer[at], buffer[start:end])
            at = end
        if at < len(buffer):
            self._rest[descriptor] = buffer[at:]

    def _take(self, receiver: int, connection: socket.socket, first: int, body: bytes) -> None:
        match first & 0xF0:
            case 0x30:  # PUBLISH (3.3)
                length = 2 + int.from_bytes(body[:2])
                at = length + 2 if first & 0x06 else length
                self._arrivals.add(receiver, body[2:length], body[at:])
                if first & 0x06:
                    connection.send(b"\x40\x02" + body[length:at])
            case 0x20:  # CONNACK (3.2)
                if body[1]:
                    raise ConnectionRefusedError(f"the broker refuses receiver {receiver}: {body[1]}")
                connection.sendall(self._subscribe)
            case 0x90:  # SUBACK (3.9)
                self._ready += 1
                self._begin_some()
                if self._ready == self._count:
                    tell(ready=self._count)


def tell(**line: object) -> None:
    print(json.dumps(line), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fleet")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--filter", action="append", required=True)
    asked = parser.parse_args()
    Fleet(asked.port, asked.count, asked.filter).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
