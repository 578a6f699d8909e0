"""Every broker and every database that the controller runs with."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from controller.store.unit import Store
from tests.controller.world import World, world
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


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A station over SQLite and over a real PostgreSQL, each with a database of its own."""
    if request.param == "sqlite":
        url = ""
    else:
        server = sa.make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
        name = f"t{uuid.uuid4().hex[:12]}"
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        url = str(server.set(database=name))
    with world(tmp_path, url) as made:
        yield made
