"""The way to the broker, step by step: its name, its port, its certificate, the log-in, the box's own topics."""

import queue
import socket
import ssl
from contextlib import suppress
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.certificates import client_context
from edge_agent.doctor.findings import Finding, Part, bad, doubt, well
from edge_agent.settings import BrokerSettings
from edge_agent.words import Sentence
from protocol.topics import CONFIG, SpeakerTopic, build
from schedules.units import SpeakerId

_LIMIT_S = 8.0
_ARRIVES_S = 4.0


def check(settings: BrokerSettings, speaker: SpeakerId, agent_pid: str) -> list[Finding]:
    """Ends with the first step that fails. While an agent runs it has the only log-in, and is not disturbed."""
    findings: list[Finding] = []
    for step in (_name, _port, _certificate) if settings.tls else (_name, _port):
        findings.append(step(settings))
        if findings[-1].advice:
            return findings
    if agent_pid:
        return [*findings, doubt(Part.BROKER, "agent_runs", _AGENT_RUNS, _SEE_STATUS, pid=agent_pid)]
    return [*findings, *_log_in(settings, speaker)]


def _name(settings: BrokerSettings) -> Finding:
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return bad(Part.BROKER, "name", _NO_NAME, _MEND_NAME, host=settings.host, why=error.strerror or error)
    return well(Part.BROKER, "name", _NAME, host=settings.host, address=found[0][4][0])


def _port(settings: BrokerSettings) -> Finding:
    where = {"host": settings.host, "port": settings.port}
    try:
        socket.create_connection((settings.host, settings.port), _LIMIT_S).close()
    except OSError as error:
        return bad(Part.BROKER, "port", _NO_PORT, _MEND_PORT, **where, why=error.strerror or error)
    return well(Part.BROKER, "port", _PORT, **where)


def _certificate(settings: BrokerSettings) -> Finding:
    told: list[str] = []
    context = client_context(settings.ca_file, settings.fingerprint, told.append)
    try:
        with socket.create_connection((settings.host, settings.port), _LIMIT_S) as plain:
            context.wrap_socket(plain, server_hostname=settings.host).close()
    except (OSError, ssl.SSLError) as error:
        return bad(Part.BROKER, "certificate", _NO_TLS, _MEND_TLS, why=told[0] if told else error)
    return well(Part.BROKER, "certificate", _TLS)


def _log_in(settings: BrokerSettings, speaker: SpeakerId) -> list[Finding]:
    visit = _Visit(settings, speaker)
    try:
        return visit.findings()
    except OSError as error:
        where = {"host": settings.host, "port": settings.port}
        return [bad(Part.BROKER, "port", _NO_PORT, _MEND_PORT, **where, why=error)]
    finally:
        visit.leave()


class _Visit:
    """As the agent, with its id and its session: what waits there for the agent is looked at and not taken."""

    def __init__(self, settings: BrokerSettings, speaker: SpeakerId) -> None:
        self._settings = settings
        self._topic = build(SpeakerTopic(speaker, CONFIG))
        self._answers: queue.SimpleQueue[ReasonCode] = queue.SimpleQueue()
        self._arrived: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._client = client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=speaker, clean_session=False, protocol=mqtt.MQTTv311, manual_ack=True
        )
        client.username_pw_set(settings.username, settings.password)
        if settings.tls:
            client.tls_set_context(client_context(settings.ca_file, settings.fingerprint, lambda _sentence: None))
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message

    def findings(self) -> list[Finding]:
        user = self._settings.username
        self._client.connect(self._settings.host, self._settings.port)
        self._client.loop_start()
        code = self._answer()
        if code is None or code.is_failure:
            return [bad(Part.BROKER, "log_in", _NO_LOG_IN, _MEND_LOG_IN, user=user, why=code or "-")]
        found = [well(Part.BROKER, "log_in", _LOG_IN, user=user)]
        self._client.subscribe(self._topic, 1)
        code = self._answer()
        if code is None or code.is_failure:
            return [*found, bad(Part.BROKER, "topics", _NO_TOPICS, _MEND_TOPICS, why=code or "-")]
        return [*found, self._own_config()]

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _own_config(self) -> Finding:
        """Brokers may grant a subscription and keep the messages back: only what arrives is a proof."""
        with suppress(queue.Empty):
            while self._arrived.get(timeout=_ARRIVES_S) != self._topic:
                pass
            return well(Part.BROKER, "topics", _TOPICS)
        return doubt(Part.BROKER, "no_config", _NO_CONFIG, _MEND_CONFIG)

    def _answer(self) -> ReasonCode | None:
        with suppress(queue.Empty):
            return self._answers.get(timeout=_LIMIT_S)
        return None

    def _on_connect(
        self, _client: mqtt.Client, _user: Any, _flags: mqtt.ConnectFlags, code: ReasonCode, _more: Properties | None
    ) -> None:
        self._answers.put(code)

    def _on_subscribe(
        self, _client: mqtt.Client, _user: Any, _mid: int, codes: list[ReasonCode], _more: Properties | None
    ) -> None:
        self._answers.put(codes[0])

    def _on_message(self, _client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        with suppress(UnicodeDecodeError):
            self._arrived.put(message.topic)


_NAME = Sentence("Tìm thấy {host} ({address}).", "{host} is found ({address}).")
_NO_NAME = Sentence("Không tìm thấy tên {host}: {why}.", "The name {host} is not found: {why}.")
_MEND_NAME = Sentence(
    "Kiểm tra SIM 4G hoặc dây mạng (ip address, ping 1.1.1.1), rồi broker.host trong tệp cấu hình.",
    "Check the SIM card or the cable (ip address, ping 1.1.1.1), then broker.host in the config file.",
)
_PORT = Sentence("Nối được tới {host}:{port}.", "{host}:{port} accepts the connection.")
_NO_PORT = Sentence("Không nối được tới {host}:{port}: {why}.", "{host}:{port} cannot be reached: {why}.")
_MEND_PORT = Sentence(
    "Máy chủ có đang chạy không, tường lửa có mở cổng {port} không, broker.port có đúng không.",
    "See whether the broker runs, whether the firewall lets port {port} through, whether broker.port is right.",
)
_TLS = Sentence("Chứng thư của máy chủ đúng.", "The broker's certificate is right.")
_NO_TLS = Sentence("Chứng thư của máy chủ không được nhận: {why}.", "The broker's certificate is refused: {why}.")
_MEND_TLS = Sentence(
    "Xem đồng hồ của hộp loa có đúng không (date); broker.host phải là tên ghi trong chứng thư; lấy lại ca.crt hoặc "
    "dấu vân tay (broker.fingerprint) mới từ trung tâm. Không tắt TLS.",
    "See whether the box's clock is right (date); broker.host must be a name in the certificate; fetch ca.crt or the "
    "new fingerprint (broker.fingerprint) from the controller. Do not switch TLS off.",
)
_LOG_IN = Sentence("Đăng nhập được với tên {user}.", "Logged in as {user}.")
_NO_LOG_IN = Sentence("Máy chủ không cho {user} đăng nhập: {why}.", "The broker refuses to log {user} in: {why}.")
_MEND_LOG_IN = Sentence(
    "Mật khẩu trong broker.password_file không còn đúng hoặc loa đã bị thu hồi: xem trang của loa ở trung tâm, cấp "
    "lại.",
    "The password in broker.password_file is not right any more, or the speaker was revoked: see its page, issue a new "
    "one.",
)
_TOPICS = Sentence("Nhận được cấu hình của chính loa này.", "This speaker's own config arrives.")
_NO_TOPICS = Sentence(
    "Máy chủ không cho nghe chủ đề của chính loa này: {why}.", "The broker refuses the speaker's own topics: {why}."
)
_MEND_TOPICS = Sentence(
    "broker.username phải trùng với speaker; ở trung tâm chạy lại `python -m controller broker files`.",
    "broker.username must be the same as speaker; on the controller run `python -m controller broker files` again.",
)
_NO_CONFIG = Sentence(
    "Đăng nhập được nhưng chưa nhận được cấu hình của loa này.", "Logged in, but this speaker's config did not arrive."
)
_MEND_CONFIG = Sentence(
    "Loa đã được đặt vào địa bàn ở trung tâm chưa, chương trình trung tâm có đang chạy không; broker.username phải "
    "trùng với speaker.",
    "See whether the speaker was placed in an area, whether the controller runs; broker.username must be the same as "
    "speaker.",
)
_AGENT_RUNS = Sentence(
    "Chương trình của loa đang chạy (tiến trình {pid}) và giữ kết nối; không thử đăng nhập để khỏi ngắt nó.",
    "The agent runs (process {pid}) and has the connection; the log-in was not tried so as not to cut it.",
)
_SEE_STATUS = Sentence(
    "Xem `systemctl status loaxa-agent`; muốn thử cả đăng nhập: `sudo systemctl stop loaxa-agent` rồi chạy lại.",
    "See `systemctl status loaxa-agent`; to try the log-in too: `sudo systemctl stop loaxa-agent`, then run this "
    "again.",
)
