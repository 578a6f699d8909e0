"""A seeded TCP proxy between an agent and its broker: bad weather on the line, the same for the same seed.

It cuts the stream into MQTT packets and lets happen to them what a bad line and a broker may do: they come late and
slowly, the connection is lost in the middle of one or goes dead without a word, a QoS 1 message comes twice, two
messages of different topics change places. It never loses, changes or invents a packet on a connection that lives,
and never changes the order within one topic: that no broker may do.

Each direction of each connection draws from a generator of its own, named by seed, number of the connection and
direction, once for every packet: the same packets meet the same faults.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

from tests.rig.packets import PUBLISH, Cutter, Packet
from tests.rig.ports import LOOPBACK

_SLICE = 1_024
_HELD_S = 1.0
"""One that was to change places with the next goes on alone after this."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What may happen. Shares are of 1; all zero is a clear sky."""

    delay_ms: tuple[int, int] = (0, 0)
    """Each packet comes later by so much, least and most; none overtakes another by it."""
    bytes_per_s: int = 0
    """So much passes in each direction, 0 for no limit."""
    break_every: int = 0
    """A connection is lost after so many bytes on the average, both directions counted, 0 for never."""
    dead: float = 0.0
    """Of the breaks, those that begin with silence: nothing passes, and neither side is told."""
    dead_s: float = 1.0
    doubled: float = 0.0
    """Of the QoS 1 messages, those that come twice."""
    swapped: float = 0.0
    """Of the messages, those that let the next of another topic pass by."""


CLEAR = Weather()

_Queue = asyncio.Queue[tuple[float, bytes] | None]
"""What is to be sent, and when (time of the loop); None is the end."""


@dataclass(frozen=True, slots=True)
class _Fate:
    """Six draws for one packet, taken whether or not the weather uses them."""

    late: float
    doubled: float
    swapped: float
    lost: float
    at: float
    dead: float

    @classmethod
    def draw(cls, rng: random.Random) -> "_Fate":
        return cls(*(rng.random() for _ in range(6)))


@dataclass(eq=False)
class _Line:
    """One connection of the agent with its own to the broker."""

    number: int
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    dead: bool = False
    cut: bool = False


class FaultProxy:
    """`up` and `down` count bytes towards the broker and towards the agent; `breaks` the connections lost here."""

    def __init__(self, broker_port: int, weather: Weather = CLEAR, seed: int = 0) -> None:
        self.weather = weather
        self.passed = {"up": 0, "down": 0}
        self.breaks = 0
        self.lines = 0
        self.told = {"doubled": 0, "swapped": 0, "dead": 0}
        self._broker_port = broker_port
        self._seed = seed
        self._open: set[_Line] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faults", daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def break_now(self) -> None:
        """Lose every connection there is."""
        asyncio.run_coroutine_threadsafe(self._break_all(), self._loop).result(10)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._finish(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, LOOPBACK, 0)

    async def _break_all(self) -> None:
        self.breaks += len(self._open)
        for line in tuple(self._open):
            self._lose(line)

    async def _finish(self) -> None:
        self._server.close()
        for line in tuple(self._open):
            self._lose(line)
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if tasks:  # their connections are gone: they end by themselves
            await asyncio.wait(tasks, timeout=5)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(self.lines, [writer])
        self.lines += 1
        self._open.add(line)
        try:
            to_broker = await asyncio.open_connection(LOOPBACK, self._broker_port)
            line.writers.append(to_broker[1])
            await asyncio.gather(
                self._carry(line, "up", reader, to_broker[1]), self._carry(line, "down", to_broker[0], writer)
            )
        except OSError:
            self._lose(line)  # the broker is away
        finally:
            self._open.discard(line)
            for each in line.writers:
                each.transport.abort()

    async def _carry(self, line: _Line, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until that side ends or the line is lost; then the other side is told."""
        queue: _Queue = asyncio.Queue()
        sender = asyncio.create_task(self._send(line, way, queue, writer))
        due = 0.0
        async for packet, fate in self._reordered(random.Random(f"{self._seed}/{line.number}/{way}"), reader):
            least, most = self.weather.delay_ms
            due = max(due, self._loop.time() + (least + fate.late * (most - least)) / 1000)
            await self._hand_on(line, packet, fate, queue, due)
            if fate.doubled < self.weather.doubled and packet.qos == 1:
                self.told["doubled"] += 1
                queue.put_nowait((due, packet.again().raw))
            if line.cut:
                break
        queue.put_nowait(None)
        await sender
        writer.close()

    async def _reordered(self, rng: random.Random, reader: asyncio.StreamReader) -> AsyncIterator[tuple[Packet, _Fate]]:
        """The packets that come in, some messages changed with the next of another topic."""
        held: list[tuple[Packet, _Fate]] = []
        async for packet in _packets(reader):
            coming = [] if packet is None else [(packet, _Fate.draw(rng))]
            if held and coming and coming[0][0].kind == PUBLISH and coming[0][0].topic != held[0][0].topic:
                self.told["swapped"] += 1
                out, held = [*coming, *held], []
            elif not held and coming and self._lets_pass(*coming[0]):
                out, held = [], coming
            else:
                out, held = [*held, *coming], []
            for each in out:
                yield each
        for each in held:
            yield each

    def _lets_pass(self, packet: Packet, fate: _Fate) -> bool:
        return packet.kind == PUBLISH and fate.swapped < self.weather.swapped

    async def _hand_on(self, line: _Line, packet: Packet, fate: _Fate, queue: _Queue, due: float) -> None:
        """To the sender; or only its beginning, and then nothing any more."""
        size, every = len(packet.raw), self.weather.break_every
        if not every or fate.lost >= size / every:
            queue.put_nowait((due, packet.raw))
            return
        queue.put_nowait((due, packet.raw[: int(fate.at * size)]))
        await queue.join()
        if fate.dead < self.weather.dead and not line.cut:
            self.told["dead"] += 1
            line.dead = True
            await asyncio.sleep(self.weather.dead_s)
        self.breaks += not line.cut
        self._lose(line)

    async def _send(self, line: _Line, way: str, queue: _Queue, writer: asyncio.StreamWriter) -> None:
        """At its time and at the speed of the line, so that a break meets a message in its middle."""
        free = 0.0
        while (item := await queue.get()) is not None:
            due, data = item
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            for at in range(0, len(data), _SLICE):
                if line.dead or line.cut:
                    break
                piece = data[at : at + _SLICE]
                if self.weather.bytes_per_s:
                    free = max(free, self._loop.time()) + len(piece) / self.weather.bytes_per_s
                    await asyncio.sleep(max(0.0, free - self._loop.time()))
                await self._pass(line, way, piece, writer)
            queue.task_done()

    async def _pass(self, line: _Line, way: str, piece: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(piece)
            await writer.drain()
            self.passed[way] += len(piece)
        except OSError:
            line.cut = True

    def _lose(self, line: _Line) -> None:
        """A reset, as from a router that forgot the connection; what is on its way is lost."""
        if line.cut:
            return
        line.cut = True
        for writer in line.writers:
            sock: socket.socket | None = writer.get_extra_info("socket")
            if sock is not None:
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


async def _packets(reader: asyncio.StreamReader) -> AsyncIterator[Packet | None]:
    """Whole packets; None when there was none for a while."""
    cutter = Cutter()
    reading = asyncio.ensure_future(reader.read(65_536))
    try:
        while True:
            done, _ = await asyncio.wait({reading}, timeout=_HELD_S)
            if not done:
                yield None
                continue
            try:
                data = reading.result()
            except OSError:
                return
            if not data:
                return
            for packet in cutter.feed(data):
                yield packet
            reading = asyncio.ensure_future(reader.read(65_536))
    finally:
        reading.cancel()
