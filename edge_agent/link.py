"""The MQTT connection: paho-mqtt behind the few words that the agent needs."""

import logging
import random
from collections.abc import Callable, Iterable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.certificates import client_context
from edge_agent.settings import BrokerSettings
from protocol.codec import MAX_DOCUMENT_BYTES
from protocol.topics import ROOT

_log = logging.getLogger(__name__)

KEEPALIVE_S = 30
IN_FLIGHT = 20
_SUBSCRIBE_BATCH = 50
_AUDIO = f"{ROOT}/audio/"
"""With QoS 0: what a broken connection lost is asked for again, and must not come once more by the session too."""

Received = Callable[[str, bytes, int, int], None]
"""Called with topic, payload, message id and QoS, on the network thread: must not block."""


class Link:
    """Connects, stays connected with random back-off, publishes and subscribes. Safe from any thread.

    A message is acknowledged only when `acknowledge` is called for it.
    """

    def __init__(self, settings: BrokerSettings, client_id: str, will: tuple[str, bytes]) -> None:
        self._settings = settings
        self.received: Received = lambda _topic, _payload, _mid, _qos: None
        self.came_up: Callable[[], None] = lambda: None
        self.went_down: Callable[[], None] = lambda: None
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            manual_ack=True,
        )
        client.username_pw_set(settings.username, settings.password)
        if settings.tls:
            client.tls_set_context(client_context(settings.ca_file, settings.fingerprint, self._certificate_refused))
        client.max_inflight_messages_set(IN_FLIGHT)
        client.will_set(will[0], will[1], qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        self._client = client

    @property
    def connected(self) -> bool:
        return self._client.is_connected()

    def start(self) -> None:
        """Begin to connect; returns at once, whether or not the broker is there."""
        self._spread_reconnects()
        self._client.connect_async(self._settings.host, self._settings.port, KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def restart(self) -> None:
        """Disconnect and connect again, so that the broker sends again what was not acknowledged."""
        self.stop()
        self.start()

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> mqtt.MQTTMessageInfo | None:
        """Send; None when there is no connection or the message is too big (paho would loop on it for ever)."""
        if not self.connected or len(payload) > MAX_DOCUMENT_BYTES:
            return None
        info = self._client.publish(topic, payload, qos=qos, retain=retain)
        return info if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def subscribe(self, filters: Iterable[str]) -> None:
        """Subscribe with QoS 1; retained messages come again even when already subscribed."""
        wanted = [(name, 0 if name.startswith(_AUDIO) else 1) for name in filters]
        for at in range(0, len(wanted), _SUBSCRIBE_BATCH):
            if self.connected:
                self._client.subscribe(wanted[at : at + _SUBSCRIBE_BATCH])

    def unsubscribe(self, filters: Iterable[str]) -> None:
        names = list(filters)
        if names and self.connected:
            self._client.unsubscribe(names)

    def acknowledge(self, mid: int, qos: int) -> None:
        self._client.ack(mid, qos)

    def _spread_reconnects(self) -> None:
        """A broker that comes back must not meet a thousand boxes in the same second."""
        self._client.reconnect_delay_set(
            min_delay=random.randint(1, 3),  # noqa: S311
            max_delay=random.randint(15, 45),  # noqa: S311
        )

    def _certificate_refused(self, sentence: str) -> None:
        _log.error("no connection to %s:%d: %s", self._settings.host, self._settings.port, sentence)

    def _on_connect(
        self, _client: mqtt.Client, _user: Any, _flags: mqtt.ConnectFlags, code: ReasonCode, _more: Properties | None
    ) -> None:
        if code.is_failure:
            _log.warning("the broker refuses the connection: %s", code)
            return
        _log.info("connected to %s:%d", self._settings.host, self._settings.port)
        self.came_up()

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _user: Any,
        _flags: mqtt.DisconnectFlags,
        code: ReasonCode,
        _more: Properties | None,
    ) -> None:
        _log.info("disconnected: %s", code)
        self._spread_reconnects()
        self.went_down()

    def _on_message(self, _client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self.acknowledge(message.mid, message.qos)
            return
        self.received(topic, bytes(message.payload), message.mid, message.qos)
