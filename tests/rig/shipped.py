"""mosquitto as it ships: its configuration, certificates and start script, on free loopback ports in a folder."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.demo.processes import Program, wait_until
from tests.rig.ports import LOOPBACK, free_port, is_free

SHIPPED = Path(__file__).resolve().parents[2] / "deploy/mosquitto"


@dataclass(frozen=True)
class ShippedMosquitto:
    """The ports within the machine (plain) and without (TLS); `folder` has `broker/` (who may), `tls/` and `log`."""

    folder: Path
    inside: int
    outside: int

    @property
    def authority(self) -> Path:
        """The certificate by which its own is believed."""
        return self.folder / "tls/ca.crt"


def make_certificate(folder: Path) -> None:
    """Its certificate, and the authority that signed it, in `folder/tls`."""
    script = str(SHIPPED / "make-certificate.sh")
    subprocess.run([script, str(folder / "tls"), "localhost", LOOPBACK], check=True, capture_output=True)


@contextmanager
def shipped_mosquitto(folder: Path) -> Iterator[ShippedMosquitto]:
    """Running over `folder`, whose `broker/` and `tls/` are there already; stopped at the end."""
    made = ShippedMosquitto(folder, free_port(), free_port())
    program = shipped_program(made)
    program.start()
    try:
        wait_until(lambda: not is_free(made.outside), 10, "mosquitto listens")
        yield made
    finally:
        program.stop()


def shipped_program(made: ShippedMosquitto) -> Program:
    """It over `made.folder`, not yet started."""
    configuration = made.folder / "mosquitto.conf"
    configuration.write_text(_configuration(made))
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    command = (str(SHIPPED / "run.sh"), str(configuration), str(made.folder / "broker"))
    return Program("mosquitto", command, made.folder / "log", path)


def _configuration(made: ShippedMosquitto) -> str:
    """The shipped one, with this folder and these ports in the places of those of a container."""
    text = (SHIPPED / "mosquitto.conf").read_text()
    for told, here in (
        ("/broker/", f"{made.folder}/broker/"),
        ("/run/secrets/broker_certificate", f"{made.folder}/tls/broker.crt"),
        ("/run/secrets/broker_key", f"{made.folder}/tls/broker.key"),
        ("listener 1883", f"listener {made.inside} {LOOPBACK}"),
        ("listener 8883", f"listener {made.outside} {LOOPBACK}"),
    ):
        assert told in text
        text = text.replace(told, here)
    if os.getuid() == 0:
        text += "user root\n"  # it would otherwise become a user that cannot read this test's folder
    return text


def write_access(folder: Path, users: Mapping[str, str]) -> None:
    """Let these users, by their passwords, do everything, and nobody else anything."""
    passwords = folder / "new"
    passwords.write_text("".join(f"{user}:{password}\n" for user, password in users.items()))
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
    (folder / "broker/acl").write_text("topic readwrite #\n")
    passwords.chmod(0o644)
    passwords.replace(folder / "broker/passwd")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of `broker`, before it starts: it lets in `s-one` with the password `first`."""
    make_certificate(tmp_path)
    (tmp_path / "broker").mkdir()
    write_access(tmp_path, {"s-one": "first"})
    return tmp_path


@pytest.fixture
def broker(folder: Path) -> Iterator[ShippedMosquitto]:
    """One of a test's own, running."""
    with shipped_mosquitto(folder) as made:
        yield made
