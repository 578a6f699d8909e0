"""Registers several speakers by the controller's own command, in one process: starting Python nine times is slow."""

import sys
from collections.abc import Sequence

from controller.cli import main as controller


def main(arguments: Sequence[str]) -> int:
    """`arguments`: those of every `speaker add`, then `--`, then area, name and folder of each speaker."""
    split = arguments.index("--")
    common, places = arguments[:split], arguments[split + 1 :]
    for area, name, out in zip(*[iter(places)] * 3, strict=True):
        status = controller(["speaker", "add", *common, "--area", area, "--name", name, "--out", out])
        if status != 0:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
