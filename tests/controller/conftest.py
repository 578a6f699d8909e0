"""A station for every test of the controller."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controller.world import World, world


@pytest.fixture
def station(tmp_path: Path) -> Iterator[World]:
    """The nine units, no quiet hours, SQLite."""
    with world(tmp_path) as made:
        yield made
