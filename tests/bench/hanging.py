"""A bench for the tests of the registry: never ends by itself."""

import threading

from bench.figures import Figure
from bench.workplace import Workplace


def run(place: Workplace) -> list[Figure]:
    """Wait for nothing."""
    threading.Event().wait()
    return []
