"""The box's connection by TLS to the shipped mosquitto: which certificates it takes, and what it says of others."""

import hashlib
import logging
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.demo.processes import wait_until
from edge_agent.certificates import client_context
from edge_agent.link import Link
from edge_agent.settings import BrokerSettings
from tests.rig.ports import LOOPBACK
from tests.rig.shipped import ShippedMosquitto, broker, folder

__all__ = ["broker", "folder"]  # the fixtures


@contextmanager
def linked(broker: ShippedMosquitto, ca_file: str = "", fingerprint: str = "", host: str = LOOPBACK) -> Iterator[Link]:
    settings = BrokerSettings(host, broker.outside, "s-one", "first", True, ca_file, fingerprint)
    link = Link(settings, "s-one", ("will", b""))
    link.start()
    try:
        yield link
    finally:
        link.stop()


@pytest.fixture
def shown(broker: ShippedMosquitto) -> str:
    """The fingerprint of the broker's certificate."""
    pem = (broker.folder / "tls/broker.crt").read_text(encoding="ascii")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def reached(broker: ShippedMosquitto, ca_file: str, fingerprint: str, told: list[str]) -> bool:
    """Whether a connection with these is made; `told` hears why not."""
    context = client_context(ca_file, fingerprint, told.append)
    try:
        with socket.create_connection((LOOPBACK, broker.outside), 5) as plain:
            context.wrap_socket(plain, server_hostname=LOOPBACK).close()
    except ssl.SSLCertVerificationError:
        return False
    return True


def test_the_right_authority_or_the_right_certificate_is_taken(broker: ShippedMosquitto, shown: str) -> None:
    authority, told = str(broker.folder / "tls/ca.crt"), list[str]()
    assert reached(broker, authority, "", told)
    assert reached(broker, "", shown, told)
    assert reached(broker, authority, shown, told)
    with linked(broker, authority, shown) as link:
        wait_until(lambda: link.connected, 10, "connected")
    assert not told


def test_any_other_is_refused_with_a_sentence(
    broker: ShippedMosquitto, shown: str, repository: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = str(repository / "deploy/mosquitto/make-certificate.sh")
    subprocess.run([script, str(broker.folder / "other"), LOOPBACK], check=True, capture_output=True)
    other, authority = str(broker.folder / "other/ca.crt"), str(broker.folder / "tls/ca.crt")
    wrong, told = "0" * 64, list[str]()
    for ca_file, fingerprint in ((other, ""), ("", ""), ("", wrong), (authority, wrong), (other, shown)):
        assert not reached(broker, ca_file, fingerprint, told), (ca_file, fingerprint)
    assert len(told) == 5
    assert all(sentence.startswith("the server's certificate is refused: ") for sentence in told)
    assert told[2].endswith(f"its fingerprint is {shown}, not {wrong}")
    with caplog.at_level(logging.ERROR, "edge_agent.link"), linked(broker, "", wrong) as link:
        wait_until(lambda: told[2] in caplog.text, 10, "the box's log says it")
        assert not link.connected


def test_a_renewed_certificate_is_of_the_same_authority(folder: Path, repository: Path) -> None:
    authority = (folder / "tls/ca.crt").read_bytes()
    before = (folder / "tls/broker.crt").read_bytes()
    script = str(repository / "deploy/mosquitto/make-certificate.sh")
    subprocess.run([script, str(folder / "tls"), LOOPBACK], check=True, capture_output=True)
    assert (folder / "tls/ca.crt").read_bytes() == authority
    assert (folder / "tls/broker.crt").read_bytes() != before
    verify = ["openssl", "verify", "-CAfile", str(folder / "tls/ca.crt"), str(folder / "tls/broker.crt")]
    subprocess.run(verify, check=True, capture_output=True)
