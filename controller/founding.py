"""The first start of a site: its identity, its keys, its first administrator. Every start: open what there is."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import ArgumentError, OperationalError

from controller import clock
from controller.carrying import carry_approvals
from controller.key_lists import newest
from controller.keys import KeyFolder, load_keys, make_keys
from controller.settings import BadSetting, Settings
from controller.signing import Signer
from controller.store.outbox import RANK_DOCUMENT
from controller.store.site import EPOCH, SITE_ID
from controller.store.unit import Store
from protocol.topics import KeysTopic, NotOurTopic, build, checked_id
from schedules.wall import UnknownZone, zone_of

KEYS_FOLDER = "keys"


@dataclass(frozen=True, slots=True)
class Founded:
    """An open site."""

    store: Store
    signer: Signer
    keys: KeyFolder


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; waits for whoever holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_site(settings: Settings) -> Founded:
    """Open the site in the data folder, founding it when it is not there. Safe for several processes at once."""
    _check(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        store = Store(settings.database)
    except (ValueError, ArgumentError) as error:
        raise BadSetting(f"LOAXA_DATABASE_URL: {error}") from error
    with exclusive(settings.data / "founding.lock"):
        try:
            store.upgrade()
        except OperationalError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise BadSetting(f"LOAXA_DATABASE_URL: the database cannot be opened: {reason}") from error
        site, keys = _found(store, settings)
        signer = Signer(site, keys)
        with store.read() as unit:
            signer.stopped = unit.site.silent
        return Founded(store, signer, keys)


def _check(settings: Settings) -> None:
    try:
        checked_id(settings.site)
        zone_of(settings.time_zone)
    except (NotOurTopic, UnknownZone) as error:
        raise BadSetting(str(error)) from error


def _found(store: Store, settings: Settings) -> tuple[str, KeyFolder]:
    folder = settings.data / KEYS_FOLDER
    with store.read() as unit:
        site = unit.site.get(SITE_ID)
    if site:
        with store.write() as unit:
            carry_approvals(unit, clock.now_ms())
        keys = load_keys(folder)
        with store.read() as unit:
            keys.settle({each.key for each in newest(unit).keys})
        return site, keys
    keys = make_keys(folder)
    signer = Signer(settings.site, keys)
    now = clock.now_ms()
    with store.write() as unit:
        unit.site.put(SITE_ID, settings.site)
        unit.site.put(EPOCH, "1")
        carry_approvals(unit, now)
        unit.site.add_key_list(1, signer.key_list(1, now).payload)
        unit.outbox.dirty([build(KeysTopic(1))], RANK_DOCUMENT, now)
    return settings.site, keys
