"""What all tests share: where the repository is, a profile for property tests on small machines, and the order."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("small-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("small-machine"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "small-machine")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the working tree."""
    return Path(__file__).resolve().parent.parent


_LONG = ("tests/system", "tests/browser", "tests/edge_agent", "tests/audio", "tests/controller")
"""Folders that start whole programs, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that with two workers neither waits for the other's last file."""
    items.sort(key=lambda item: next((rank for rank, f in enumerate(_LONG) if item.nodeid.startswith(f)), len(_LONG)))
