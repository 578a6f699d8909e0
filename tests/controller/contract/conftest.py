"""Every broker and every database that the controller runs with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.store.unit import Store
from tests.rig.broker import Broker, Embedded, MosquittoBroker
from tests.rig.postgres import postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def users(tmp_path: Path) -> Iterator[Store]:
    """A store for broker users."""
    store = Store(f"sqlite:///{tmp_path / 'users.db'}")
    store.upgrade()
    yield store
    store.close()


@pytest.fixture(params=["mosquitto", "embedded"])
def broker(request: pytest.FixtureRequest, tmp_path: Path, users: Store) -> Iterator[Broker]:
    """A broker not yet started; stopped at the end."""
    made: Broker = MosquittoBroker(tmp_path / "mosquitto", users) if request.param == "mosquitto" else Embedded(users)
    yield made
    made.stop()
