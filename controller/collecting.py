"""How often this process looks for objects that only hold each other."""

import gc

_NEW = 50_000
"""So many new objects before the youngest are looked at; Python's own 700 is a look for every broadcast planned."""
_TURNS = 20


def collect_rarely() -> None:
    """What is there now stays for good and is never looked at again; what comes is looked at in larger lots.

    Planning a province's week makes millions of values, none of them in a circle: a sixth of the time was looking.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW, _TURNS, _TURNS)
