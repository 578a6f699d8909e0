"""The unit of work: one transaction, its repositories, and what has to be told after its commit."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from controller.store.audit import Audit
from controller.store.broadcasts import Broadcasts
from controller.store.bulletins import Bulletins
from controller.store.changes import Approvals
from controller.store.engine import open_engine
from controller.store.enrolments import Enrolments
from controller.store.groups import Groups
from controller.store.invitations import Invitations
from controller.store.marks import mark_writes
from controller.store.migrate import upgrade
from controller.store.outbox import Outbox
from controller.store.parts import Parts
from controller.store.people import People
from controller.store.places import Places
from controller.store.playbacks import Playbacks
from controller.store.readings import OwnReadings
from controller.store.recordings import Recordings
from controller.store.reforms import Reforms
from controller.store.site import Site
from controller.store.templates import Templates
from controller.store.voices import StationVoices

log = logging.getLogger(__name__)

_WRITER = 0x10A8A
"""The PostgreSQL advisory lock that makes writers take turns, as SQLite's single writer does by itself."""

Listener = Callable[[frozenset[str]], None]


class Unit:
    """The repositories over one transaction. Nobody calls commit: leaving the block does."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.changes: set[str] = set()
        self.site = Site(connection)
        self.people = People(connection)
        self.invitations = Invitations(connection)
        self.places = Places(connection)
        self.enrolments = Enrolments(connection)
        self.groups = Groups(connection)
        self.reforms = Reforms(connection)
        self.readings = OwnReadings(connection)
        self.bulletins = Bulletins(connection)
        self.parts = Parts(connection)
        self.recordings = Recordings(connection)
        self.voices = StationVoices(connection)
        self.templates = Templates(connection)
        self.approvals = Approvals(connection)
        self.broadcasts = Broadcasts(connection)
        self.playbacks = Playbacks(connection)
        self.audit = Audit(connection)
        self.outbox = Outbox(connection, self.changes)

    def changed(self, *keys: str) -> None:
        """Tell listeners these keys after the commit, and only then."""
        self.changes.update(keys)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """All of the block or, when it raises, nothing of it; what the unit did before stands either way."""
        before = set(self.changes)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            self.changes.intersection_update(before)
            raise


class Store:
    """The database: `read()` and `write()` give a Unit; writers of one process take turns."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        mark_writes(self._engine)
        self._writing = threading.Lock()
        self._listeners: list[Listener] = []

    def upgrade(self) -> None:
        """Bring the schema to the newest."""
        with self._writing:
            upgrade(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def on_commit(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(changes)` after each commit that changed something told; returns the undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """A consistent view; changes nothing."""
        with self._engine.connect() as connection, connection.begin() as transaction:
            yield Unit(connection)
            transaction.rollback()

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """One transaction: all of it or, when the block raises, nothing. Never nest, never do slow work inside."""
        with self._writing, self._engine.connect().execution_options(loaxa_write=True) as connection:
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER})
                unit = Unit(connection)
                yield unit
            changes = frozenset(unit.changes)
        if changes:
            self._tell(changes)

    def _tell(self, changes: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(changes)
            except Exception:
                log.exception("a listener failed; the commit stands")
