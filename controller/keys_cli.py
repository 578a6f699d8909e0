"""The commands `keys …`: show the key lists, rotate or revoke a key, and have a root that is elsewhere sign."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller import clock
from controller.acts import record_command
from controller.founding import Founded, open_site
from controller.key_lists import (
    Change,
    NoList,
    changed,
    draft,
    follow,
    newest,
    of_role,
    signed_with,
    told,
)
from controller.keys import SIGNING_ROLES, KeyFolder, read_key, write_private
from controller.renewal import renew
from controller.said import said
from controller.settings import Settings
from controller.store.outbox import RANK_DOCUMENT
from controller.store.unit import Unit
from protocol.keys import Role, SigningKey
from protocol.messages import Keys
from protocol.topics import KeysTopic, build
from schedules.units import UtcMs


class Trouble(Exception):
    """The command cannot be done; the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Bench:
    """An open site with its key files."""

    founded: Founded
    folder: KeyFolder
    now: UtcMs

    @property
    def site(self) -> str:
        return self.founded.signer.site

    def held(self) -> Keys:
        with self.founded.store.read() as unit:
            return newest(unit)


def _show(bench: Bench, _: argparse.Namespace) -> None:
    held = bench.held()
    made = datetime.fromtimestamp(held.issued_ms / 1000, UTC).isoformat(timespec="seconds")
    print(f"key list {held.version}, made {made}")
    for role in (Role.ROOT, *SIGNING_ROLES):
        for each in of_role(held, role):
            print(f"  {role.value:9} {each.key}  {_whereabouts(bench.folder, role, each.key)}")
        upcoming = bench.folder.upcoming(role)
        if upcoming is not None and upcoming.key_id not in {each.key for each in held.keys}:
            print(f"  {role.value:9} {upcoming.key_id}  waits for a list that names it")
    with bench.founded.store.read() as unit:
        behind, known = _behind(unit, held.version)
    print(f"{known - behind} of {known} speakers have told that they hold this list")


def _whereabouts(folder: KeyFolder, role: Role, name: str) -> str:
    if folder.holds(role) and folder[role].key_id == name:
        return "is here" if role is Role.ROOT else "signs"
    return "is kept elsewhere" if role is Role.ROOT else "signs nothing any more; still believed"


def _behind(unit: Unit, version: int) -> tuple[int, int]:
    """Speakers that have not told that they hold the list, and all."""
    known = [each.id for each in unit.places.speakers()]
    holding = {each.speaker for each in unit.places.statuses() if said(each).keys_version >= version}
    return sum(1 for each in known if each not in holding), len(known)


def _rotate(bench: Bench, parsed: argparse.Namespace) -> None:
    role = Role(parsed.role)
    if role is Role.ROOT:
        _rotate_root(bench, parsed)
        return
    key = bench.folder.prepare(role)
    _propose(bench, Change(((role, key.public_hex),)), parsed.out)


def _rotate_root(bench: Bench, parsed: argparse.Namespace) -> None:
    held = bench.held()
    if parsed.root_public:
        public, roots = parsed.root_public.strip().lower(), _local_roots(bench)
    else:
        roots = _local_roots(bench)
        if not roots:
            raise Trouble("the root is kept elsewhere: make the new one there (`keys new-root`) and name --root-public")
        new = bench.folder.prepare(Role.ROOT)
        public, roots = new.public_hex, [*roots, new]
    go = [each.key for each in of_role(held, Role.ROOT)]
    _propose(bench, Change(((Role.ROOT, public),), go), parsed.out, roots)


def _revoke(bench: Bench, parsed: argparse.Namespace) -> None:
    """At once: the new key takes the place of every key of the role."""
    role, held = Role(parsed.role), bench.held()
    key = bench.folder.prepare(role)
    _propose(bench, Change(((role, key.public_hex),), [each.key for each in of_role(held, role)]), parsed.out)


def _retire(bench: Bench, parsed: argparse.Namespace) -> None:
    """The end of an overlap: only the keys that sign now stay."""
    held = bench.held()
    present = {bench.folder[role].key_id for role in SIGNING_ROLES}
    gone = [each.key for each in held.keys if each.role != Role.ROOT and each.key not in present]
    if not gone:
        raise Trouble("no key waits to be retired")
    _propose(bench, Change((), gone), parsed.out)


def _propose(bench: Bench, change: Change, out: Path | None, roots: Sequence[SigningKey] | None = None) -> None:
    """Sign the next list and take it in, or, when the root is elsewhere or a file is named, write it as a draft."""
    keys = changed(bench.held(), change, bench.folder.root_public, bench.now)
    payload = draft(bench.site, keys)
    local = _local_roots(bench) if roots is None else list(roots)
    if local and out is None:
        _take_in(bench, signed_with(payload, local))
        return
    if out is None:
        raise Trouble("the root is kept elsewhere: name a file with --out, to be signed there and taken in here")
    out.write_bytes(payload + b"\n")
    print(f"{out}: key list {keys.version}, to be signed (`keys sign`) and taken in (`keys take`)")


def _local_roots(bench: Bench) -> list[SigningKey]:
    return [bench.folder[Role.ROOT]] if bench.folder.holds(Role.ROOT) else []


def _take(bench: Bench, parsed: argparse.Namespace) -> None:
    _take_in(bench, _read(parsed.file))


def _take_in(bench: Bench, payload: bytes) -> None:
    """The list, the new signatures and the change of files: together, as far as a disk can."""
    folder, signer = bench.folder, bench.founded.signer
    with bench.founded.store.write() as unit:
        held = newest(unit)
        keys = follow(unit, bench.site, folder.root_public, payload)
        listed = {each.key for each in keys.keys}
        steps = _steps(folder, listed)
        unit.site.add_key_list(keys.version, payload.decode().strip())
        lost = {each.key for each in held.keys} - listed
        told_first = [build(KeysTopic(keys.version))]
        if not lost:  # with overlap speakers learn the new key before anything that it signed
            unit.outbox.dirty(told_first, RANK_DOCUMENT, bench.now)
        for role in steps:
            folder.step(role)
        count = renew(unit, signer, bench.now)
        if lost:  # and what is signed anew before the old key goes, so that nothing falls silent between
            unit.outbox.dirty(told_first, RANK_DOCUMENT, bench.now)
        changes = {"version": keys.version, "gone": sorted(lost), "come": sorted(listed - {k.key for k in held.keys})}
        record_command(unit, bench.now, "keys.take", f"keys:{keys.version}", changes)
    folder.settle(listed)
    _follow_root(folder, keys)
    print(f"key list {keys.version} is in force; {count} documents were signed anew")


def _steps(folder: KeyFolder, listed: set[str]) -> list[Role]:
    """Roles whose waiting key signs from now on; Trouble when the list leaves a role without a key that is here."""
    steps = []
    for role in SIGNING_ROLES:
        upcoming = folder.upcoming(role)
        if upcoming is not None and upcoming.key_id in listed:
            steps.append(role)
        elif folder[role].key_id not in listed:
            raise Trouble(f"the list names no {role.value} key that is here")
    return steps


def _follow_root(folder: KeyFolder, keys: Keys) -> None:
    """The root that the list names is the one that new boxes pin; a private half of it that is here moves up."""
    named = of_role(keys, Role.ROOT)[-1]
    folder.name_root(named.public)
    upcoming = folder.upcoming(Role.ROOT)
    if upcoming is not None and upcoming.key_id == named.key:
        folder.step(Role.ROOT)


def _sign(parsed: argparse.Namespace) -> None:
    """Needs no site: run it where the root is."""
    payload, roots = _read(parsed.file), [_root(path) for path in parsed.root]
    keys = told(payload)
    write_out = parsed.out or parsed.file
    write_out.write_bytes(signed_with(payload, roots) + b"\n")
    print(f"{write_out}: key list {keys.version}, signed by {', '.join(root.key_id for root in roots)}. It says:")
    for each in keys.keys:
        print(f"  {each.role:9} {each.key}")


def _root(path: Path) -> SigningKey:
    try:
        return read_key(path)
    except (OSError, ValueError) as error:
        raise Trouble(f"{path} is no seed file: {error}") from error


def _new_root(parsed: argparse.Namespace) -> None:
    if parsed.file.exists():
        raise Trouble(f"{parsed.file} is there already; a root key is never written over")
    root = SigningKey.generate()
    write_private(parsed.file, root.seed_hex + "\n")
    print(root.public_hex)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}") from error


def _with_site(do: Callable[[Bench, argparse.Namespace], None]) -> Callable[[Settings, argparse.Namespace], None]:
    def run(settings: Settings, parsed: argparse.Namespace) -> None:
        founded = open_site(settings)
        try:
            do(Bench(founded, founded.keys, clock.now_ms()), parsed)
        except NoList as error:
            raise Trouble(str(error)) from error
        finally:
            founded.store.close()

    return run


def _without_site(do: Callable[[argparse.Namespace], None]) -> Callable[[Settings, argparse.Namespace], None]:
    def run(_: Settings, parsed: argparse.Namespace) -> None:
        try:
            do(parsed)
        except NoList as error:
            raise Trouble(str(error)) from error

    return run


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put `keys …` into the parser of commands."""
    keys = commands.add_parser("keys", help="the keys that sign").add_subparsers(required=True, metavar="what")
    show = keys.add_parser("show", parents=[common], help="the newest key list, and where its keys are")
    show.set_defaults(run=_with_site(_show))

    out = argparse.ArgumentParser(add_help=False)
    out.add_argument("--out", type=Path, help="write the next list there, to be signed where the root is")
    rotate = keys.add_parser("rotate", parents=[common, out], help="a new key; what the old one signed stays valid")
    rotate.add_argument("role", choices=[role.value for role in (Role.ROOT, *SIGNING_ROLES)])
    rotate.add_argument("--root-public", help="public half of a new root that was made elsewhere")
    rotate.set_defaults(run=_with_site(_rotate))
    retire = keys.add_parser("retire", parents=[common, out], help="take keys that sign nothing any more off the list")
    retire.set_defaults(run=_with_site(_retire))
    revoke = keys.add_parser("revoke", parents=[common, out], help="a stolen key: a new one in its place, at once")
    revoke.add_argument("role", choices=[role.value for role in SIGNING_ROLES])
    revoke.set_defaults(run=_with_site(_revoke))
    take = keys.add_parser("take", parents=[common], help="take in a list that the root has signed")
    take.add_argument("file", type=Path)
    take.set_defaults(run=_with_site(_take))

    sign = keys.add_parser("sign", parents=[common], help="sign a list; needs no site, only the root's seed file")
    sign.add_argument("file", type=Path)
    sign.add_argument("--root", type=Path, action="append", required=True, help="a root's seed file; may be repeated")
    sign.add_argument("--out", type=Path, help="where to write it; else the file itself")
    sign.set_defaults(run=_without_site(_sign))
    new_root = keys.add_parser("new-root", parents=[common], help="make a root's seed file; prints its public half")
    new_root.add_argument("file", type=Path)
    new_root.set_defaults(run=_without_site(_new_root))
