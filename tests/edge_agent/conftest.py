"""A broker, a site and a box for each test, all real; everything is ended by its process id."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.box import Box, write_config
from tests.rig.mosquitto import Mosquitto
from tests.rig.site import Site


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def site(mosquitto: Mosquitto) -> Iterator[Site]:
    site = Site(mosquitto.port)
    yield site
    site.close()


@pytest.fixture
def box(tmp_path: Path, site: Site, mosquitto: Mosquitto) -> Iterator[Box]:
    """With its config file written, not yet started."""
    box = Box(write_config(tmp_path / "box", site, mosquitto.port))
    yield box
    box.kill9()
