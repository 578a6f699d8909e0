"""The shipped mosquitto configuration, certificates and start script, with a real mosquitto."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.demo.processes import Program, wait_until
from tests.rig.ports import LOOPBACK, free_port, is_free


@dataclass(frozen=True)
class Broker:
    folder: Path
    inside: int
    outside: int

    def publish(self, user: str, password: str) -> int:
        """The exit status of publishing over TLS as `user`."""
        command = [
            "mosquitto_pub",
            "-h",
            LOOPBACK,
            "-p",
            str(self.outside),
            "--cafile",
            str(self.folder / "tls/ca.crt"),
        ]
        ended = subprocess.run(
            [*command, "-u", user, "-P", password, "-t", "x", "-m", "1", "-q", "1"],
            capture_output=True,
            timeout=20,
            check=False,
        )
        return ended.returncode


@pytest.fixture
def folder(tmp_path: Path, repository: Path) -> Path:
    certificate = str(repository / "deploy/mosquitto/make-certificate.sh")
    subprocess.run([certificate, str(tmp_path / "tls"), "localhost", LOOPBACK], check=True, capture_output=True)
    (tmp_path / "broker").mkdir()
    write_access(tmp_path, {"s-one": "first"})
    return tmp_path


def write_access(folder: Path, users: dict[str, str]) -> None:
    passwords = folder / "new"
    passwords.write_text("".join(f"{user}:{password}\n" for user, password in users.items()))
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
    (folder / "broker/acl").write_text("topic readwrite #\n")
    passwords.chmod(0o644)
    passwords.replace(folder / "broker/passwd")


@pytest.fixture
def broker(folder: Path, repository: Path) -> Iterator[Broker]:
    ports = free_port(), free_port()
    text = (repository / "deploy/mosquitto/mosquitto.conf").read_text()
    for told, here in (
        ("/broker/", f"{folder}/broker/"),
        ("/run/secrets/broker_certificate", f"{folder}/tls/broker.crt"),
        ("/run/secrets/broker_key", f"{folder}/tls/broker.key"),
        ("listener 1883", f"listener {ports[0]} {LOOPBACK}"),
        ("listener 8883", f"listener {ports[1]} {LOOPBACK}"),
    ):
        assert told in text
        text = text.replace(told, here)
    if os.getuid() == 0:
        text += "user root\n"  # it would otherwise become a user that cannot read this test's folder
    (folder / "mosquitto.conf").write_text(text)
    script = str(repository / "deploy/mosquitto/run.sh")
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    program = Program(
        "mosquitto", (script, str(folder / "mosquitto.conf"), str(folder / "broker")), folder / "log", path
    )
    program.start()
    try:
        wait_until(lambda: not is_free(ports[1]), 10, "mosquitto listens")
        yield Broker(folder, *ports)
    finally:
        program.stop()


def test_boxes_come_in_by_tls_with_their_own_credential(broker: Broker) -> None:
    assert broker.publish("s-one", "first") == 0
    assert broker.publish("s-one", "wrong") != 0
    assert broker.publish("s-two", "second") != 0


def test_a_new_box_may_connect_soon_after_the_controller_wrote_it(broker: Broker) -> None:
    write_access(broker.folder, {"s-one": "first", "s-two": "second"})
    wait_until(lambda: broker.publish("s-two", "second") == 0, 15, "the new box may connect", every=0.3)
    write_access(broker.folder, {"s-two": "second"})
    wait_until(lambda: broker.publish("s-one", "first") != 0, 15, "the removed box may not", every=0.3)


def test_mosquitto_said_nothing_strange(broker: Broker) -> None:
    assert broker.publish("s-one", "first") == 0
    log = (broker.folder / "log").read_text().lower()
    assert "error" not in log
    assert "unknown" not in log


@pytest.mark.skipif(os.getuid() != 0, reason="only root hands files to other users")
def test_secrets_are_made_once_and_readable_by_their_own_user_only(tmp_path: Path, repository: Path) -> None:
    for part in ("deploy/docker", "deploy/mosquitto"):
        shutil.copytree(repository / part, tmp_path / part)
    script = str(tmp_path / "deploy/docker/make-secrets.sh")
    subprocess.run([script, "loa.example"], check=True, capture_output=True)
    secrets = tmp_path / "secrets"
    password = (secrets / "database_password").read_text()
    assert password in (secrets / "database_url").read_text()
    assert len(password) == 48
    for name, owner in (("database_password", 999), ("database_url", 10001), ("broker_password", 10001)):
        made = (secrets / name).stat()
        assert (made.st_uid, made.st_mode & 0o777) == (owner, 0o400)
    again = subprocess.run([script, "loa.example"], capture_output=True, check=False)
    assert again.returncode == 1
    assert (secrets / "database_password").read_text() == password
