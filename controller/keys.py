"""The site's private keys: one file per role in the data folder, mode 0600, never in the database.

Beside `schedule.key` there may be `schedule.next.key`, made for a key list that the root has not signed yet, and for
an instant `schedule.former.key`, kept until the list that replaces it is committed. The root's own `root.key` may be
kept on another machine; then `root.public` tells its public half.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from protocol.keys import Role, SigningKey

SITE_ROLES = (Role.ROOT, Role.SCHEDULE, Role.EMERGENCY, Role.CONFIG, Role.SESSION)
SIGNING_ROLES = SITE_ROLES[1:]
"""The roles whose keys the running controller needs."""
ROOT_PUBLIC = "root.public"
NEXT, FORMER = ".next", ".former"


class KeysMissing(Exception):
    """A key file is not there or not readable although the site exists already; the data folder is incomplete."""


class Ring(Protocol):
    """The keys by role, as the signing gate needs them."""

    def __getitem__(self, role: Role) -> SigningKey: ...

    @property
    def root_public(self) -> str: ...


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The site's keys by role."""

    keys: Mapping[Role, SigningKey]

    def __getitem__(self, role: Role) -> SigningKey:
        return self.keys[role]

    @property
    def root_public(self) -> str:
        return self.keys[Role.ROOT].public_hex


class KeyFolder:
    """The key files, read anew when one was replaced: a command rotates keys while the controller runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = -1
        self._keys: dict[Role, SigningKey] = {}
        self.check()

    def check(self) -> None:
        """Raises KeysMissing unless every key of the running controller, and the root's public half, is here."""
        for role in SIGNING_ROLES:
            self[role]  # reads it
        if self.holds(Role.ROOT) and not self._public.exists():
            write_private(self._public, self[Role.ROOT].public_hex + "\n")
        self.root_public  # noqa: B018  # reads it

    def path(self, role: Role, which: str = "") -> Path:
        return self.folder / f"{role.value}{which}.key"

    @property
    def _public(self) -> Path:
        return self.folder / ROOT_PUBLIC

    def holds(self, role: Role) -> bool:
        return self.path(role).exists()

    def __getitem__(self, role: Role) -> SigningKey:
        try:
            stamp = self.folder.stat().st_mtime_ns
            if stamp != self._seen:
                self._keys, self._seen = {}, stamp
            if role not in self._keys:
                self._keys[role] = read_key(self.path(role))
        except (OSError, ValueError) as error:
            raise KeysMissing(f"the {role.value} key in {self.path(role)} cannot be read: {error}") from error
        return self._keys[role]

    @property
    def root_public(self) -> str:
        """The public half of the newest root, which new boxes pin."""
        try:
            return self._public.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise KeysMissing(f"neither {self.path(Role.ROOT)} nor {self._public} can be read: {error}") from error

    def upcoming(self, role: Role) -> SigningKey | None:
        """The key that waits for a list that names it."""
        path = self.path(role, NEXT)
        return read_key(path) if path.exists() else None

    def prepare(self, role: Role) -> SigningKey:
        """Make the key that shall follow; one that waits already is thrown away."""
        key = SigningKey.generate()
        write_private(self.path(role, NEXT), key.seed_hex + "\n")
        return key

    def step(self, role: Role) -> None:
        """The key that waited is the one to sign with from now on; the one before waits for `settle`."""
        write_private(self.path(role, FORMER), self[role].seed_hex + "\n")
        self.path(role, NEXT).replace(self.path(role))
        sync_folder(self.folder)

    def settle(self, listed: Collection[str]) -> None:
        """Put back a key of which the change was cut off: the newest list names `listed`. Forget the others."""
        for role in SIGNING_ROLES:
            former = self.path(role, FORMER)
            if not former.exists():
                continue
            if self[role].key_id not in listed and read_key(former).key_id in listed:
                self.path(role).replace(self.path(role, NEXT))
                former.replace(self.path(role))
            else:
                former.unlink()
            sync_folder(self.folder)

    def name_root(self, public: str) -> None:
        write_private(self._public, public + "\n")


def read_key(path: Path) -> SigningKey:
    """The key of a seed file; raises OSError or ValueError."""
    return SigningKey.from_seed_hex(path.read_text(encoding="ascii"))


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
    sync_folder(path.parent)


def make_keys(folder: Path) -> KeyFolder:
    """A key for every role; those that are there already are kept (a first start that was cut off)."""
    for role in SITE_ROLES:
        path = folder / f"{role.value}.key"
        if not path.exists():
            write_private(path, SigningKey.generate().seed_hex + "\n")
    return load_keys(folder)


def load_keys(folder: Path) -> KeyFolder:
    """The keys of an existing site; raises KeysMissing."""
    return KeyFolder(folder)
