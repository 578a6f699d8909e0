"""The nine units of Đầm Hà of 2022, each of which gets one speaker in the demonstration."""

from controller.seed import UNITS as SEEDED

UNITS: tuple[tuple[str, str], ...] = tuple((code, f"{kind} {name}") for code, kind, name in SEEDED)
"""GSO code and full name, as `python -m controller seed dam-ha` lays them out."""
