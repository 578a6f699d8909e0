"""The command line of the demonstration: `python -m deploy.demo once|up`."""

import argparse
import sys
from pathlib import Path

from deploy.demo.once import once
from deploy.demo.report import write_whole
from deploy.demo.source import Source
from deploy.demo.up import up


def _path(text: str) -> Path | None:
    """An argument that make hands on whether it was given or not."""
    return Path(text) if text else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    one = modes.add_parser("once", help="one bulletin to nine speakers, with proof")
    one.add_argument("--text", type=_path, help="UTF-8 text file to read out")
    one.add_argument("--audio", type=_path, help="recording to send instead")
    one.add_argument("--report", type=_path, help="write the result here as JSON")
    one.add_argument("--data", type=_path, help="keep everything in this new folder, the recordings too")
    one.add_argument("--status", type=_path, help="write the exit status into this file and end with 0")
    stay = modes.add_parser("up", help="the same station, kept up for you to use")
    stay.add_argument("--data", type=Path, default=Path(".demo"), help="where it keeps everything")
    stay.add_argument("--sound", action="store_true", help="let the first speaker be heard on this machine")
    return parser


def main() -> int:
    arguments = _parser().parse_args()
    if arguments.mode == "up":
        return up(arguments.data.resolve(), arguments.sound)
    status = 1
    try:
        status = once(Source(arguments.text, arguments.audio), arguments.report, arguments.data)
    finally:
        if arguments.status is not None:
            write_whole(arguments.status, f"{status}\n")
    return 0 if arguments.status is not None else status


if __name__ == "__main__":
    sys.exit(main())
