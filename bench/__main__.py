"""`python -m bench [name …] [--json FILE]`: run benches, print the table, write the figures."""

import argparse
import signal
import sys
from pathlib import Path

from bench.figures import table, write
from bench.registry import BENCHES, chosen, run_all


def main() -> int:
    """0: all measured. 1: some bench failed. A missed aim is shown, not an error: machines differ."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed and memory against a peer.")
    parser.add_argument("names", nargs="*", choices=[*(bench.name for bench in BENCHES), []], metavar="name",
                        help=", ".join(f"{bench.name} ({bench.title})" for bench in BENCHES))  # fmt: skip
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures go")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures, failures = run_all(chosen(asked.names))
    print(table(figures))
    write(figures, asked.json)
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
