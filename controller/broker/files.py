"""Write mosquitto's password and ACL files from the store."""

import logging
import os
import threading
from pathlib import Path

from controller.broker.acl import MONITOR, mosquitto_acl
from controller.broker.passwords import hash_password
from controller.settings import Settings
from controller.store.unit import Store

PASSWORD_FILE = "passwd"  # noqa: S105  # the file's name
ACL_FILE = "acl"
RETRY_SECONDS = 10
BROKER_USERS = "broker-users"
"""Told after a commit that let somebody in or out."""

log = logging.getLogger(__name__)


def write_broker_files(store: Store, out: Path, controller: str, controller_password: str) -> tuple[Path, Path]:
    """Write `passwd` and `acl` into `out`, each whole or not at all; mosquitto reads them again on SIGHUP."""
    with store.read() as unit:
        users = unit.places.broker_users()
    lines = [f"{username}:{hashed}" for username, _role, hashed in users]
    lines.append(f"{controller}:{hash_password(controller_password)}")
    out.mkdir(parents=True, exist_ok=True)
    passwords, acl = out / PASSWORD_FILE, out / ACL_FILE
    _write(passwords, "\n".join(lines) + "\n")
    _write(acl, mosquitto_acl([name for name, role, _ in users if role == MONITOR], controller))
    return passwords, acl


def keep_broker_files(store: Store, settings: Settings) -> None:
    """Write the files anew if the settings name a folder for them."""
    if settings.broker_files:
        write_broker_files(store, Path(settings.broker_files), settings.broker_username, settings.broker_password)


class BrokerFiles:
    """Keeps mosquitto's files as the store has it, from any thread; what the disk refuses is tried again."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._writing = threading.Lock()

    def heard(self, changes: frozenset[str]) -> None:
        """After a commit."""
        if BROKER_USERS in changes:
            self.keep()

    def keep(self) -> None:
        try:
            with self._writing:
                keep_broker_files(self._store, self._settings)
        except OSError:
            log.exception("mosquitto's files cannot be written; tried again in %s s", RETRY_SECONDS)
            again = threading.Timer(RETRY_SECONDS, self.keep)
            again.daemon = True
            again.start()


def _write(path: Path, text: str) -> None:
    """Readable by owner and group: mosquitto runs as a user of its own, in a group that it shares."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
