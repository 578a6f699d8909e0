"""The site's private keys: one file per role in the data folder, mode 0600, never in the database."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from protocol.keys import Role, SigningKey

SITE_ROLES = (Role.ROOT, Role.SCHEDULE, Role.EMERGENCY, Role.CONFIG, Role.SESSION)


class KeysMissing(Exception):
    """A key file is not there or not readable although the site exists already; the data folder is incomplete."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The site's keys by role."""

    keys: Mapping[Role, SigningKey]

    def __getitem__(self, role: Role) -> SigningKey:
        return self.keys[role]


def write_private(path: Path, text: str) -> None:
    """Write a secret file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_keys(folder: Path) -> KeyRing:
    """A key for every role; those that are there already are kept (a first start that was cut off)."""
    for role in SITE_ROLES:
        path = folder / f"{role.value}.key"
        if not path.exists():
            write_private(path, SigningKey.generate().seed_hex + "\n")
    return load_keys(folder)


def load_keys(folder: Path) -> KeyRing:
    """The keys of an existing site; raises KeysMissing."""
    found: dict[Role, SigningKey] = {}
    for role in SITE_ROLES:
        path = folder / f"{role.value}.key"
        try:
            found[role] = SigningKey.from_seed_hex(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise KeysMissing(f"the {role.value} key in {path} cannot be read: {error}") from error
    return KeyRing(found)
