"""Bring the database to the newest schema; run at every start."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: sa.Engine) -> None:
    """Apply every migration that is missing, in one transaction."""
    with engine.connect().execution_options(loaxa_write=True) as connection, connection.begin():
        upgrade_to(connection, "head")


def upgrade_to(connection: sa.Connection, revision: str) -> None:
    """Apply the migrations up to `revision` in the caller's transaction."""
    command.upgrade(_config(connection), revision)
