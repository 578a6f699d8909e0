"""amqtt's broker with its gaps closed: who is asked before anything else, own retained messages only, sizes.

What amqtt 0.12 does by itself, and why it is not enough (each seen, each held by the broker contract suite):
- on connect it takes over or deletes the session of the named client before it asks who that is;
- to a returning client it delivers the retained matches of everyone's filters without asking the ACL;
- a last will is published without asking the ACL;
- its loop over the subscriptions fails when one is added while a plugin is asked: here the question never waits;
- a silent client is never dropped, so its last will never comes;
- a packet may announce 256 MiB, and they are read.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from amqtt.adapters import ReaderAdapter, StreamReaderAdapter, StreamWriterAdapter, WriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt.connack import NOT_AUTHORIZED, ConnackPacket
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session
from amqtt.utils import gen_client_id

from controller.broker.acl import CONTROLLER, SPEAKER, Act, matches, may

log = logging.getLogger(__name__)

MAX_PACKET_BYTES = 300_000
"""The largest document is 256 KiB; a topic and a header come on top."""
CONNECT_SECONDS = 10
RETAINED_WINDOW = 20
"""Retained messages in flight to one new subscription, so that they never hold up what is new."""
REFUSED = 0x80
_ROLE = "loaxa.role"

_PROOF = "loaxa.proof"


@dataclass(frozen=True, slots=True)
class Known:
    """Who was let in: the role, and by which kept hash ("": by none that is kept)."""

    role: str
    proof: str


Authenticate = Callable[[str, str], Awaitable[Known | None]]
"""(username, password) → who that is, None when refused."""


class _BoundedReader(StreamReaderAdapter):  # type: ignore[misc]  # amqtt brings no types
    async def read(self, n: int = -1) -> bytes:
        if n > MAX_PACKET_BYTES:
            # Not an MQTTError: amqtt would pass over it and read the rest of the packet as packets.
            raise ConnectionAbortedError(f"a packet of {n} bytes is too large")
        data: bytes = await super().read(n)
        return data


class _Handler(BrokerProtocolHandler):  # type: ignore[misc]
    """Drops a client that was silent for one and a half times its keep-alive (MQTT 3.1.1, section 3.1.2.10)."""

    def handle_read_timeout(self) -> None:
        if self._reader_task is not None:
            self._reader_task.cancel()


class GuardedBroker(Broker):  # type: ignore[misc]
    """A broker that asks `authenticate` who connects and the ACL table what they may."""

    def __init__(self, host: str, port: int, authenticate: Authenticate) -> None:
        listener = {"type": "tcp", "bind": f"{host}:{port}", "max_connections": -1}
        super().__init__({"listeners": {"default": listener}, "plugins": {}}, loop=asyncio.get_running_loop())
        self._authenticate_user = authenticate
        self._deliveries: set[asyncio.Task[None]] = set()

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        await self._client_connected(listener_name, _BoundedReader(reader), StreamWriterAdapter(writer))

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> tuple[Any, Any]:
        """Read CONNECT, ask who it is, and only then touch the sessions."""
        handler, session = await self._read_connect(reader, writer)
        known = await self._authenticate_user(session.username or "", session.password or "")
        if known is None or not self._may_connect(session, known.role):
            await ConnackPacket.build(0, NOT_AUTHORIZED).to_stream(writer)
            await writer.close()
            raise MQTTError(f"refused {session.username!r} from {remote_address}:{remote_port}")
        session.attributes[_ROLE], session.attributes[_PROOF] = known.role, known.proof
        session.keep_alive = session.keep_alive * 3 // 2
        return handler, await self._resume(session)

    async def _read_connect(self, reader: ReaderAdapter, writer: WriterAdapter) -> tuple[Any, Session]:
        loop = asyncio.get_running_loop()
        try:
            reading = _Handler.init_from_connect(reader, writer, self.plugins_manager, loop=loop)
            return cast(tuple[Any, Session], await asyncio.wait_for(reading, CONNECT_SECONDS))
        except (OSError, TimeoutError, NoDataError, AMQTTError, UnicodeDecodeError) as error:
            await writer.close()
            raise MQTTError(f"no CONNECT: {error}") from error

    @staticmethod
    def _may_connect(session: Session, role: str) -> bool:
        """A speaker's and the controller's client id is their name, so that nobody takes another's session."""
        if role in (SPEAKER, CONTROLLER):
            session.client_id = session.username
        else:
            session.client_id = f"{session.username}/{session.client_id or gen_client_id()}"
        return not session.will_flag or may(session.username, role, Act.WRITE, session.will_topic)

    async def _resume(self, session: Session) -> Session:
        if session.clean_session or session.client_id not in self._sessions:
            await self._delete_session(session.client_id)
            session.parent = 0
            return session
        kept: Session = self._sessions[session.client_id][0]
        for name in ("will_flag", "will_message", "will_topic", "will_qos", "will_retain", "keep_alive", "username"):
            setattr(kept, name, getattr(session, name))
        kept.clean_session, kept.attributes, kept.parent = False, session.attributes, 1
        return kept

    async def _authenticate(self, session: Session, _: object) -> bool:
        return _ROLE in session.attributes

    async def _topic_filtering(self, session: Session, topic: str, action: Action) -> bool:
        """Never waits: amqtt asks it while it walks over its subscriptions."""
        if action is Action.SUBSCRIBE:
            return True
        act = Act.WRITE if action is Action.PUBLISH else Act.READ
        return may(session.username or "", session.attributes.get(_ROLE, ""), act, topic)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """On return of a session nothing is due (MQTT 3.1.1, 3.3.1.3: retained is for a new subscription)."""

    async def _handle_subscription(
        self, client_session: Session, handler: Any, subscribe_waiter: asyncio.Future[Any]
    ) -> None:
        request = subscribe_waiter.result()
        codes = [await self.add_subscription(each, client_session) for each in request.topics]
        await handler.mqtt_acknowledge_subscription(request.packet_id, codes)
        granted = [each for each, code in zip(request.topics, codes, strict=True) if code != REFUSED]
        task = asyncio.create_task(self._deliver_retained(granted, client_session, handler))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _deliver_retained(self, granted: list[tuple[str, int]], session: Session, handler: Any) -> None:
        """In a window, beside everything else, so that a slow reader holds up nothing."""
        window = asyncio.Semaphore(RETAINED_WINDOW)

        async def deliver(message: Any, qos: int) -> None:
            try:
                await handler.mqtt_publish(message.topic, message.data, qos, retain=True)
            except Exception as error:  # the client went away: its next subscription asks again
                log.debug("retained message not delivered: %s", error)
            finally:
                window.release()

        role, username = session.attributes.get(_ROLE, ""), session.username or ""
        running: set[asyncio.Task[None]] = set()
        for pattern, qos in granted:
            for topic in [name for name in self._retained_messages if matches(pattern, name)]:
                message = self._retained_messages.get(topic)
                if message is None or not message.data or not may(username, role, Act.READ, topic):
                    continue
                await window.acquire()
                task = asyncio.create_task(deliver(message, min(qos, message.qos or 0)))
                running.add(task)
                task.add_done_callback(running.discard)
        if running:
            await asyncio.wait(running)

    async def keep_only(self, proofs: Mapping[str, str]) -> None:
        """Put out everybody who was let in by a hash that is kept no more; `proofs`: those kept, by user."""
        for client_id, (session, handler) in list(self._sessions.items()):
            proof = session.attributes.get(_PROOF, "")
            if proof and proofs.get(session.username or "") != proof:
                log.info("%s is put out", session.username)
                session.attributes[_ROLE] = ""
                if session.transitions.is_connected():
                    await handler.handle_connection_closed()
                await self._delete_session(client_id)

    async def shutdown(self) -> None:
        for task in tuple(self._deliveries):
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
        await super().shutdown()
