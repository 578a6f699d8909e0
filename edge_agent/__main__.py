"""The command line of the edge agent: `python -m edge_agent run --config FILE`."""

import argparse
import logging
import os
import sys
from pathlib import Path

from edge_agent.database import DiskTrouble
from edge_agent.settings import BadSettings, load

EX_BAD_SETTINGS = 2
EX_CANNOT_START = 1


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="edge_agent", description="The program of one loudspeaker box.")
    run = parser.add_subparsers(dest="command", required=True).add_parser("run", help="run until stopped")
    run.add_argument("--config", default=os.environ.get("LOAXA_AGENT_CONFIG", ""), help="the box's TOML file")
    run.add_argument("--verbose", action="store_true", help="log every step")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Returns the exit code: 0 stopped, 1 cannot start, 2 bad config, 75 start me again."""
    arguments = _arguments(words)
    if not arguments.config:
        print("name the config file with --config or LOAXA_AGENT_CONFIG", file=sys.stderr)
        return EX_BAD_SETTINGS
    logging.basicConfig(
        level=logging.DEBUG if arguments.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    try:
        settings = load(Path(arguments.config))
    except BadSettings as error:
        print(f"bad config: {error}", file=sys.stderr)
        return EX_BAD_SETTINGS
    from edge_agent.clock import SystemClock
    from edge_agent.startup import Agent

    try:
        return Agent(settings, SystemClock()).run()
    except (OSError, DiskTrouble) as error:
        print(f"the agent cannot start: {error}", file=sys.stderr)
        return EX_CANNOT_START


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
