"""The one connection to the broker: paho, wrapped so that the rest knows neither it nor its threads."""

import logging
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from protocol.topics import (
    ALL_CLOCK_ASKS_FILTER,
    ALL_PLAYBACKS_FILTER,
    ALL_STATUS_FILTER,
    ALL_WANTS_FILTER,
    CONTROLLER_STATUS,
)

log = logging.getLogger(__name__)

MAX_PAYLOAD_BYTES = 262_144
"""Never published larger: paho would send an oversize message again for ever."""
KEEPALIVE_SECONDS = 15
IN_FLIGHT = 20

FILTERS = (CONTROLLER_STATUS, ALL_STATUS_FILTER, ALL_WANTS_FILTER, ALL_PLAYBACKS_FILTER, ALL_CLOCK_ASKS_FILTER)


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and who we are there. `tls` with `ca_file` "" trusts the system's authorities."""

    host: str
    port: int
    username: str
    password: str
    tls: bool = False
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came; `token` acknowledges it."""

    topic: str
    payload: bytes
    retained: bool
    token: tuple[int, int]


def broker_address(url: str, username: str, password: str, ca_file: str) -> BrokerAddress:
    """Read `mqtt://host:port` or `mqtts://host:port`; ValueError otherwise."""
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise ValueError(f"{url!r} is not mqtt://host:port or mqtts://host:port")
    tls = parts.scheme == "mqtts"
    return BrokerAddress(parts.hostname, parts.port or (8883 if tls else 1883), username, password, tls, ca_file)


class TooLarge(ValueError):
    """A payload that no box would accept and that a broker may cut the connection for."""


class Link:
    """Connects and connects again for ever; callbacks run on its own thread and must not block."""

    def __init__(
        self,
        address: BrokerAddress,
        will: bytes,
        *,
        on_up: Callable[[], None],
        on_down: Callable[[], None],
        on_message: Callable[[Incoming], None],
        on_published: Callable[[int], None],
    ) -> None:
        self._address = address
        self._on_up, self._on_down = on_up, on_down
        self._on_message, self._on_published = on_message, on_published
        self._client = self._make(will)

    def _make(self, will: bytes) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._address.username,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            manual_ack=True,
        )
        client.username_pw_set(self._address.username, self._address.password)
        if self._address.tls:
            client.tls_set(ca_certs=self._address.ca_file or None, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        client.max_inflight_messages_set(IN_FLIGHT)
        client.reconnect_delay_set(min_delay=1, max_delay=random.randint(4, 8))  # noqa: S311  # spreads a herd
        client.will_set(CONTROLLER_STATUS, will, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_publish = self._published
        client.on_message = self._message
        return client

    def start(self) -> None:
        self._client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE_SECONDS)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int | None:
        """Hand over at QoS 1; returns the number that on_published will name, None when it cannot go now.

        Raises TooLarge.
        """
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise TooLarge(f"{len(payload)} bytes on {topic} are more than {MAX_PAYLOAD_BYTES}")
        if not self._client.is_connected():
            return None
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        # Queued although the connection just went: paho itself sends it later, so it counts as handed over.
        return info.mid if info.rc in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN) else None

    def acknowledge(self, message: Incoming) -> None:
        self._client.ack(*message.token)

    def _connected(
        self, client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            log.error("the broker refuses us: %s", code)
            return
        client.subscribe([(pattern, 1) for pattern in FILTERS])

    def _subscribed(self, *_: object) -> None:
        self._on_up()

    def _disconnected(
        self, _client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _properties: Properties | None
    ) -> None:
        log.info("broker connection lost: %s", code)
        self._on_down()

    def _published(
        self, _client: mqtt.Client, _data: object, mid: int, _code: ReasonCode, _properties: Properties
    ) -> None:
        self._on_published(mid)

    def _message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        token = (message.mid, message.qos)
        self._on_message(Incoming(message.topic, bytes(message.payload), message.retain, token))
