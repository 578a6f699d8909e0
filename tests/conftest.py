"""What all tests share: where the repository is, and a profile for property tests on small machines."""

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
