"""The command line of the edge agent: `python -m edge_agent run|enrol|doctor|selftest --config FILE`."""

import argparse
import faulthandler
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from edge_agent import logs
from edge_agent.clock import SystemClock
from edge_agent.database import DiskTrouble
from edge_agent.doctor.findings import Finding, all_well, as_json, as_lines
from edge_agent.enrolment.options import add_options
from edge_agent.lock import Occupied, held
from edge_agent.settings import BadSettings, Settings, load
from edge_agent.thrift import share_one_heap
from edge_agent.words import Lang

EX_BAD_SETTINGS = 2
EX_CANNOT_START = EX_NOT_WELL = 1


def _arguments(words: list[str]) -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", default=os.environ.get("LOAXA_AGENT_CONFIG", ""), help="the box's TOML file")
    common.add_argument("--lang", type=Lang, choices=list(Lang), default=Lang.VI, help="language of sentences")
    logged = argparse.ArgumentParser(add_help=False)
    logged.add_argument("--log", choices=logs.FORMS, default="text", help="form of the log lines")
    logged.add_argument("--log-level", choices=logs.LEVELS, default="info", help="the least important that is logged")
    logged.add_argument("--verbose", action="store_const", dest="log_level", const="debug", help="log every step")
    parser = argparse.ArgumentParser(prog="edge_agent", description="The program of one loudspeaker box.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", parents=[common, logged], help="run until stopped")
    add_options(
        commands.add_parser("enrol", parents=[common, logged], help="ask a controller to be taken in, then run")
    )
    doctor = commands.add_parser("doctor", parents=[common], help="look at the box and say what to do")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    selftest = commands.add_parser("selftest", parents=[common], help="play a quiet sweep and measure it")
    selftest.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Returns the exit code: 0 stopped or all well, 1 cannot start or not well, 2 bad config, 75 start me again."""
    arguments = _arguments(words)
    if not arguments.config:
        print("name the config file with --config or LOAXA_AGENT_CONFIG", file=sys.stderr)
        return EX_BAD_SETTINGS
    config = Path(arguments.config)
    try:
        match arguments.command:
            case "doctor":
                from edge_agent.doctor.examine import examine

                return _told(examine(config, SystemClock()), arguments)
            case "selftest":
                from edge_agent.selftest import run

                return _told(run(config, SystemClock()), arguments)
            case "enrol":
                return _enrol(config, arguments)
        return _run(load(config), arguments)
    except BadSettings as error:
        print(f"bad config: {error}", file=sys.stderr)
        if not Path(arguments.config).exists():
            print("a new box: python -m edge_agent enrol --controller ADDRESS --config FILE", file=sys.stderr)
        return EX_BAD_SETTINGS


def _told(findings: Iterable[Finding], arguments: argparse.Namespace) -> int:
    """Print each as it comes, or all as one object."""
    found = []
    for finding in findings:
        found.append(finding)
        if not arguments.json:
            print(*as_lines(finding, arguments.lang), sep="\n", flush=True)
    if arguments.json:
        print(as_json(found, arguments.lang))
    return 0 if all_well(found) else EX_NOT_WELL


def _enrol(config: Path, arguments: argparse.Namespace) -> int:
    from edge_agent.enrolment.command import CannotEnrol, enrol

    logs.set_up(arguments.log, arguments.log_level)
    try:
        enrol(arguments, SystemClock())
    except CannotEnrol as error:
        print(f"not enrolled: {error}", file=sys.stderr)
        return EX_CANNOT_START
    return 0 if arguments.no_run else _run(load(config), arguments)


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    logs.set_up(arguments.log, arguments.log_level)
    # The watchdog ends a stuck agent by SIGABRT: what every thread was at goes to the log.
    faulthandler.enable()
    share_one_heap()
    from edge_agent.machine import LinuxMachine
    from edge_agent.startup import Agent

    try:
        with held(settings.data):
            return Agent(settings, LinuxMachine(), arguments.lang).run()
    except (OSError, DiskTrouble, Occupied) as error:
        print(f"the agent cannot start: {error}", file=sys.stderr)
        return EX_CANNOT_START


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
