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

TEMPLATE = "of_the_newest_schema"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[sa.URL]:
    """A server with a database TEMPLATE that the migrations made once for all tests of this process."""
    with postgres() as url:
        server = sa.make_url(url).set(drivername="postgresql+psycopg")
        make_database(server, TEMPLATE)
        store = Store(server.set(database=TEMPLATE).render_as_string(hide_password=False))
        store.upgrade()
        store.close()
        yield server


def make_database(server: sa.URL, name: str, template: str = "template1") -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()


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
        server: sa.URL = request.getfixturevalue("postgres_url")
        name = f"t{uuid.uuid4().hex[:12]}"
        make_database(server, name, TEMPLATE)
        url = str(server.set(database=name))
    with world(tmp_path, url) as made:
        yield made
