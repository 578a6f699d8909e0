"""What an enrolling box keeps on its disk: its key, the request that is under way, and at the end its config."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from protocol.box_config import CA_NAME, KEY_NAME, PASSWORD_NAME, BoxConfig
from protocol.enrolment import Ask, Grant, Offer
from protocol.keys import SigningKey

REQUEST_NAME = "enrolment.json"


class Unusable(Exception):
    """A file is there that cannot be used; the sentence names it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request under way, with what only the box knows: its number and the private half of the sealing key."""

    controller: str
    ask: Ask
    offer: Offer
    box_nonce: str
    sealing_private: str


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def own_key(folder: Path) -> SigningKey:
    """The box's key pair, made when there is none; raises Unusable."""
    path = folder / KEY_NAME
    if not path.exists():
        write_private(path, SigningKey.generate().seed_hex + "\n")
    if path.stat().st_mode & 0o077:
        raise Unusable(f"others can read {path}; run: chmod 600 {path}")
    try:
        return SigningKey.from_seed_hex(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Unusable(f"{path} holds no key: {error}") from error


def keep_request(folder: Path, request: Request) -> None:
    write_private(folder / REQUEST_NAME, json.dumps(asdict(request)))


def kept_request(folder: Path, controller: str, public_key: str) -> Request | None:
    """The request that a restart interrupted, if it was this key's at this controller."""
    try:
        value: dict[str, Any] = json.loads((folder / REQUEST_NAME).read_text(encoding="utf-8"))
        found = Request(**{**value, "ask": Ask(**value["ask"]), "offer": Offer(**value["offer"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if (found.controller, found.ask.public_key) == (controller, public_key) else None


def forget_request(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / REQUEST_NAME).unlink()


def write_config(config: Path, grant: Grant, told: BoxConfig) -> None:
    """The password and the authority first, the config last: with it the box is enrolled. `told` has the rest."""
    folder = config.parent
    write_private(folder / PASSWORD_NAME, grant.password + "\n")
    if grant.ca_pem:
        write_private(folder / CA_NAME, grant.ca_pem)
    write_private(config, told.toml())
    forget_request(folder)
