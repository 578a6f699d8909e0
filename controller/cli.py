"""The controller's commands: serve, speaker add, seed, db upgrade, broker files, monitor add, keys, voices, audit."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from controller import clock, keys_cli, logs, people_cli, voices_cli
from controller.acts import record_command
from controller.audit_cli import add_commands
from controller.broker.acl import MONITOR
from controller.broker.files import keep_broker_files, write_broker_files
from controller.broker.passwords import hash_password, new_password
from controller.enrol import FolderTaken, NewSpeaker, NoSuchArea, add_speaker
from controller.founding import open_site
from controller.keys import KeysMissing
from controller.reach import speakers_broker
from controller.restoring import ask
from controller.seed import seed_dam_ha
from controller.settings import BadSetting, Settings, read_settings
from protocol.topics import NotOurTopic, checked_id

BAD_INPUT = 2


class Stop(Exception):
    """A command cannot be done; the sentence says why."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code: 0 done, 2 bad input."""
    parsed = _parser().parse_args(arguments)
    logs.set_up(getattr(parsed, "log", "text"))
    try:
        settings = _settings(parsed)
        return int(parsed.run(settings, parsed) or 0)
    except (BadSetting, FolderTaken, NoSuchArea, KeysMissing, keys_cli.Trouble, Stop) as error:
        print(f"loaxa: {error}", file=sys.stderr)
        return BAD_INPUT


def _settings(parsed: argparse.Namespace) -> Settings:
    given = {
        "data": parsed.data,
        "database_url": parsed.database_url,
        "http_host": getattr(parsed, "host", None),
        "http_port": getattr(parsed, "port", None),
        "broker_host": getattr(parsed, "broker_host", None),
        "broker_port": getattr(parsed, "broker_port", None),
        "broker_url": getattr(parsed, "broker_url", None),
    }
    return read_settings(os.environ, given)


def _serve(settings: Settings, _: argparse.Namespace) -> None:
    from controller.broker.embedded import BrokerFailed
    from controller.startup import serve

    try:
        serve(settings, lambda line: print(line, flush=True))
    except BrokerFailed as error:
        raise Stop(str(error)) from error


def _speaker_add(settings: Settings, parsed: argparse.Namespace) -> None:
    founded = open_site(settings)
    try:
        new = NewSpeaker(parsed.area, parsed.name, parsed.sink)
        zone, broker = settings.time_zone, speakers_broker(settings)
        speaker = add_speaker(founded.store, founded.signer, new, broker, parsed.out, clock.now_ms(), zone)
        keep_broker_files(founded.store, settings)
    finally:
        founded.store.close()
    print(f"{speaker} {parsed.out / 'agent.toml'}")


def _seed(settings: Settings, parsed: argparse.Namespace) -> None:
    founded = open_site(settings)
    try:
        print(f"{seed_dam_ha(founded.store, parsed.demo, clock.now_ms())} areas added")
    finally:
        founded.store.close()


def _upgrade(settings: Settings, _: argparse.Namespace) -> None:
    open_site(settings).store.close()
    print("the database is up to date")


def _restore(settings: Settings, _: argparse.Namespace) -> None:
    store = open_site(settings).store
    try:
        with store.write() as unit:
            epoch = ask(unit, clock.now_ms())
    finally:
        store.close()
    print(
        f"asked for epoch {epoch}: the running controller, or the next that is started, listens to the speakers for up "
        "to 45 s and then says everything anew; until then its pages say that nothing is sent"
    )


def _broker_files(settings: Settings, parsed: argparse.Namespace) -> None:
    if not settings.broker_password:
        raise Stop("LOAXA_BROKER_PASSWORD or LOAXA_BROKER_PASSWORD_FILE must give the controller's broker password")
    store = open_site(settings).store
    try:
        paths = write_broker_files(store, parsed.out, settings.broker_username, settings.broker_password)
    finally:
        store.close()
    print(*paths, sep="\n")


def _monitor_add(settings: Settings, parsed: argparse.Namespace) -> None:
    try:
        name = checked_id(parsed.name)
    except NotOurTopic as error:
        raise Stop(str(error)) from error
    password = new_password()
    store = open_site(settings).store
    try:
        with store.write() as unit:
            held = unit.places.broker_user(name)
            if name == settings.broker_username or (held is not None and held[0] != MONITOR):
                raise Stop(f"{name} is the name of another broker user")
            unit.places.put_broker_user(name, MONITOR, hash_password(password))
            record_command(unit, clock.now_ms(), "monitor.add", f"monitor:{name}", {"name": name})
        keep_broker_files(store, settings)
    finally:
        store.close()
    print(f"{name} {password}")


def _openapi(settings: Settings, _: argparse.Namespace) -> None:
    from controller.startup import openapi

    print(json.dumps(openapi(settings), ensure_ascii=False, indent=2))


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, help="folder of everything the controller keeps")
    common.add_argument("--database-url", help="PostgreSQL or SQLite; default: SQLite in the data folder")
    parser = argparse.ArgumentParser(prog="python -m controller", description="LoaXã's controller.")
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", parents=[common], help="run the controller until it is told to end")
    serve.add_argument("--host", help="address of the pages and the API")
    serve.add_argument("--port", type=int, help="port of the pages and the API")
    serve.add_argument("--broker-host", help="address of the embedded broker")
    serve.add_argument("--broker-port", type=int, help="port of the embedded broker")
    serve.add_argument("--broker-url", help="mqtt://host:port of an external broker")
    serve.add_argument("--log", choices=logs.FORMS, default="text", help="form of the log lines")
    serve.set_defaults(run=_serve)

    speaker = commands.add_parser("speaker", help="speakers").add_subparsers(required=True, metavar="what")
    add = speaker.add_parser("add", parents=[common], help="make a speaker and write its box's config file")
    add.add_argument("--area", required=True, help="id, GSO code or full name of its area")
    add.add_argument("--name", required=True, help="name for people")
    add.add_argument("--out", type=Path, required=True, help="folder for the box's files")
    add.add_argument("--sink", choices=("wav", "card", "null"), default="wav", help="where the box plays")
    add.add_argument("--broker-host", help="address of the embedded broker")
    add.add_argument("--broker-port", type=int, help="port of the embedded broker")
    add.add_argument("--broker-url", help="mqtt://host:port of an external broker")
    add.set_defaults(run=_speaker_add)

    seed = commands.add_parser("seed", help="lay out places").add_subparsers(required=True, metavar="what")
    dam_ha = seed.add_parser("dam-ha", parents=[common], help="huyện Đầm Hà of 2022 with its nine units")
    dam_ha.add_argument("--demo", action="store_true", help="no quiet hours, may be run by one person")
    dam_ha.set_defaults(run=_seed)

    database = commands.add_parser("db", help="the database").add_subparsers(required=True, metavar="what")
    database.add_parser("upgrade", parents=[common], help="bring the schema to the newest").set_defaults(run=_upgrade)

    restore = commands.add_parser(
        "restore", parents=[common], help="after a restore from a backup: begin a new epoch and publish all of it"
    )
    restore.set_defaults(run=_restore)

    broker = commands.add_parser("broker", help="the broker").add_subparsers(required=True, metavar="what")
    files = broker.add_parser("files", parents=[common], help="write mosquitto's password and ACL files")
    files.add_argument("--out", type=Path, required=True, help="folder for passwd and acl")
    files.set_defaults(run=_broker_files)

    monitor = commands.add_parser("monitor", help="monitors").add_subparsers(required=True, metavar="what")
    watch = monitor.add_parser("add", parents=[common], help="make a read-only broker account; prints its password")
    watch.add_argument("--name", required=True, help="the account's name")
    watch.set_defaults(run=_monitor_add)

    add_commands(commands, common)
    people_cli.add_commands(commands, common)
    keys_cli.add_commands(commands, common)
    voices_cli.add_commands(commands, common)

    openapi = commands.add_parser("openapi", parents=[common], help="print the REST API's OpenAPI document")
    openapi.set_defaults(run=_openapi)
    return parser
