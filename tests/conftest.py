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


_LONG = (
    "tests/system",
    "tests/browser",
    "tests/edge_agent",
    "tests/audio",
    "tests/schedules/test_against_ical_js.py",
    "tests/controller/web/test_anything.py",
    "tests/protocol/test_codec.py",
    "tests/schedules/test_playhead_properties.py",
    "tests/controller",
)
"""Folders that start whole programs, then single files that compute for long, then many files of some seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that with two workers neither waits for the other's last file."""
    items.sort(key=lambda item: next((rank for rank, f in enumerate(_LONG) if item.nodeid.startswith(f)), len(_LONG)))
