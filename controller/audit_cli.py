"""The commands about the audit: verify, head, export."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from controller import clock
from controller.chain import BadHead, Head, Verdict, check, head_json, read_head
from controller.csvs import BOM, csv_row
from controller.settings import BadSetting, Settings
from controller.store.audit import Entry
from controller.store.site import SITE_ID
from controller.store.unit import Store, Unit

DAMAGED = 1

_WHAT = {
    "altered": "its content was changed",
    "missing": "rows before it are missing or out of their place",
    "unchained": "it does not vouch for the row before it",
    "truncated": "the audit ends here, before the exported head",
    "rewritten": "its hash is not the one in the exported head",
}


@contextmanager
def _opened(settings: Settings) -> Iterator[Unit]:
    """The database as it is: nothing is founded, upgraded or written, so that a wrong folder is told as such."""
    url = sa.make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise BadSetting(f"there is no database {url.database}")
    store = Store(settings.database)
    try:
        with store.read() as unit:
            yield unit
    except DBAPIError as error:
        raise BadSetting(f"the audit cannot be read: {str(error.orig).strip().partition(chr(10))[0]}") from error
    finally:
        store.close()


def _verify(settings: Settings, parsed: argparse.Namespace) -> int:
    head = _kept_head(parsed.head) if parsed.head else None
    with _opened(settings) as unit:
        site = unit.site.get(SITE_ID)
        if head is not None and head.site != site:
            raise BadSetting(f"{parsed.head} is the head of another site: {head.site}, not {site}")
        verdict = check(unit.audit.walk(), head)
    _tell(verdict, head)
    return DAMAGED if verdict.faults else 0


def _kept_head(path: Path) -> Head:
    try:
        return read_head(path.read_text())
    except (OSError, UnicodeDecodeError, BadHead) as error:
        raise BadSetting(f"{path}: {error}") from error


def _tell(verdict: Verdict, head: Head | None) -> None:
    for fault in verdict.faults:
        print(f"row {fault.n}: {_WHAT[fault.damage]}")
    if verdict.faults:
        print(f"DAMAGED: {verdict.rows} rows")
        return
    print(f"sound: {verdict.rows} rows, the newest {verdict.n} {verdict.hash}")
    if head is None:
        print("without --head nothing tells whether the audit was rewritten as a whole or cut off at its end")


def _head(settings: Settings, parsed: argparse.Namespace) -> None:
    with _opened(settings) as unit:
        n, digest = unit.audit.head()
        print(head_json(Head(unit.site.get(SITE_ID), n, digest, clock.now_ms())), end="")


def _export(settings: Settings, parsed: argparse.Namespace) -> None:
    columns = Entry.__slots__
    with _opened(settings) as unit:
        if parsed.format == "csv":
            sys.stdout.write(BOM + csv_row(columns))
        for entry in unit.audit.walk():
            cells = {name: getattr(entry, name) for name in columns}
            line = csv_row(cells.values()) if parsed.format == "csv" else json.dumps(cells, ensure_ascii=False) + "\n"
            sys.stdout.write(line)


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put `audit …` into the parser of commands."""
    audit = commands.add_parser("audit", help="who did what").add_subparsers(required=True, metavar="what")
    verify = audit.add_parser("verify", parents=[common], help="tell whether it is what it was; ends with 1 if not")
    verify.add_argument("--head", type=Path, help="file of an exported head that was kept elsewhere")
    verify.set_defaults(run=_verify)
    head = audit.add_parser("head", parents=[common], help="print its head, to be kept elsewhere")
    head.set_defaults(run=_head)
    export = audit.add_parser("export", parents=[common], help="print all of it, the oldest first")
    export.add_argument("--format", choices=("json", "csv"), default="json", help="json: one row in each line")
    export.set_defaults(run=_export)
