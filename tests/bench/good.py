"""A bench for the tests of the registry: gives one figure at once."""

from bench.figures import Figure, alone
from bench.workplace import Workplace


def run(place: Workplace) -> list[Figure]:
    """How long it might have taken."""
    return [alone("seconds left", place.seconds_left(), "s")]
