"""The shipped mosquitto configuration, certificates and start script, with a real mosquitto."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.demo.processes import wait_until
from tests.rig.ports import LOOPBACK
from tests.rig.shipped import ShippedMosquitto, broker, folder, write_access

__all__ = ["broker", "folder"]  # the fixtures


def publish(broker: ShippedMosquitto, user: str, password: str) -> int:
    """The exit status of publishing over TLS as `user`."""
    command = ["mosquitto_pub", "-h", LOOPBACK, "-p", str(broker.outside), "--cafile", str(broker.authority)]
    who, what = ["-u", user, "-P", password], ["-t", "x", "-m", "1", "-q", "1"]
    return subprocess.run([*command, *who, *what], capture_output=True, timeout=20, check=False).returncode


def test_boxes_come_in_by_tls_with_their_own_credential(broker: ShippedMosquitto) -> None:
    assert publish(broker, "s-one", "first") == 0
    assert publish(broker, "s-one", "wrong") != 0
    assert publish(broker, "s-two", "second") != 0


def test_a_new_box_may_connect_soon_after_the_controller_wrote_it(broker: ShippedMosquitto) -> None:
    write_access(broker.folder, {"s-one": "first", "s-two": "second"})
    wait_until(lambda: publish(broker, "s-two", "second") == 0, 15, "the new box may connect", every=0.3)
    write_access(broker.folder, {"s-two": "second"})
    wait_until(lambda: publish(broker, "s-one", "first") != 0, 15, "the removed box may not", every=0.3)


def test_mosquitto_said_nothing_strange(broker: ShippedMosquitto) -> None:
    assert publish(broker, "s-one", "first") == 0
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
