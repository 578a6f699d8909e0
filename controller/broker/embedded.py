"""Run the embedded broker in a thread with a loop of its own."""

import asyncio
import hmac
import logging
import threading
from collections.abc import Callable

from controller.broker.acl import CONTROLLER
from controller.broker.files import BROKER_USERS
from controller.broker.guarded import GuardedBroker, Known
from controller.broker.passwords import verify_password
from controller.store.unit import Store

log = logging.getLogger(__name__)

START_SECONDS = 10
STOP_SECONDS = 3


class BrokerFailed(Exception):
    """The embedded broker cannot listen (is the port taken?)."""


class EmbeddedBroker:
    """Users are the store's broker users; the controller itself connects with a password made at each start."""

    def __init__(self, host: str, port: int, store: Store, controller_password: str) -> None:
        self._host, self._port, self._store = host, port, store
        self._controller_password = controller_password
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._broker: GuardedBroker | None = None
        self._unhear: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    def start(self) -> None:
        """Return when it listens; raises BrokerFailed."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS) or self._failure is not None:
            raise BrokerFailed(f"the broker cannot listen on {self._host}:{self._port}: {self._failure}")
        self._unhear = self._store.on_commit(self._heard)

    def stop(self) -> None:
        self._unhear()
        self._unhear = lambda: None
        if self._loop is not None and self._ending is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self._failure = error
            log.debug("the embedded broker ended", exc_info=True)
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        self._broker = broker = GuardedBroker(self._host, self._port, self._authenticate)
        await broker.start()
        self._ready.set()
        await self._ending.wait()
        await asyncio.wait_for(broker.shutdown(), STOP_SECONDS)

    def _heard(self, changes: frozenset[str]) -> None:
        """After a commit: whoever is let in no more, or by another password only, is put out now."""
        if BROKER_USERS not in changes or self._loop is None or self._broker is None:
            return
        with self._store.read() as unit:
            proofs = {name: hashed for name, _role, hashed in unit.places.broker_users()}
        if self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._broker.keep_only(proofs), self._loop)

    async def _authenticate(self, username: str, password: str) -> Known | None:
        return await asyncio.to_thread(self._known, username, password)

    def _known(self, username: str, password: str) -> Known | None:
        if username == CONTROLLER:
            right = hmac.compare_digest(password.encode(), self._controller_password.encode())
            return Known(CONTROLLER, "") if right else None
        with self._store.read() as unit:
            known = unit.places.broker_user(username)
        if known is None or not verify_password(password, known[1]):
            return None
        return Known(*known)
