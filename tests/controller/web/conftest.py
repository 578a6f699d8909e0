"""The application on a real socket of this machine: `site` over a real store, `plain` over a desk in memory."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from controller.desk.accounts import Ledger
from controller.desk.desk import Desk
from controller.desk.values import Person
from controller.rights import EVERYWHERE, Role
from controller.web.app import create_app
from controller.web.server import WebServer
from controller.web.services import Services
from schedules.units import AreaId
from tests.controller.web.desk_in_memory import NOW, DeskInMemory
from tests.controller.world import CHEAP, PASSWORD, World, world
from tests.rig.ports import free_port

MAX_UPLOAD = 3_000_000
HTMX = {"HX-Request": "true"}


class Visitor(httpx.Client):
    """A browser of somebody who is signed in; every request carries the CSRF token."""

    person: Person
    csrf: str = ""

    def sign_in(self, username: str, password: str = PASSWORD) -> httpx.Response:
        answer = self.post("/api/v1/session", json={"username": username, "password": password})
        if answer.is_success:
            self.csrf = self.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return answer


@dataclass
class Site:
    """`world` is what stands behind it; `client` is an administrator everywhere, `stranger` is not signed in."""

    base: str
    world: World
    accounts: Ledger
    server: WebServer
    thread: threading.Thread
    services: Services
    uploads: Path
    closing: ExitStack
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def as_(self, role: Role, area: AreaId = EVERYWHERE, name: str = "") -> Visitor:
        """A signed-in client of somebody with `role` in `area`; `name` tells two of a kind apart."""
        person = self.world.person(role, area, name)
        if person.username not in self.visitors:
            visitor = self.closing.enter_context(Visitor(base_url=self.base, timeout=20))
            assert visitor.sign_in(person.username).is_success
            self.visitors[person.username] = visitor
        self.visitors[person.username].person = person
        return self.visitors[person.username]

    @property
    def client(self) -> Visitor:
        return self.as_(Role.ADMINISTRATOR, name="admin")

    @property
    def stranger(self) -> Visitor:
        """A new browser."""
        return self.closing.enter_context(Visitor(base_url=self.base, timeout=20))


@dataclass
class Plain:
    """Over a desk in memory. `client` is signed in; `csrf` is its token; `stranger` is not signed in."""

    base: str
    desk: DeskInMemory
    accounts: Ledger
    server: WebServer
    thread: threading.Thread
    services: Services
    uploads: Path
    client: Visitor
    stranger: Visitor

    @property
    def csrf(self) -> str:
        return self.client.csrf

    def form(self, **fields: object) -> dict[str, object]:
        return {"csrf_token": self.csrf, **fields}

    @property
    def guarded(self) -> dict[str, str]:
        return {"X-CSRF-Token": self.csrf}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Đầm Hà without speakers; the clock stands (`site.world.now`)."""
    with running(tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For many tests that change nothing which another would miss."""
    with running(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Plain]:
    with imagined(tmp_path) as plain:
        yield plain


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plain]:
    """For many tests that change nothing."""
    with imagined(tmp_path_factory.mktemp("site")) as plain:
        yield plain


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    with ExitStack() as closing:
        behind = closing.enter_context(world(folder))
        accounts = Ledger(behind.store, lambda: behind.now, CHEAP)
        app = made(behind.desk, accounts, behind, folder / "incoming")
        base, server, thread = closing.enter_context(served(app))
        yield Site(base, behind, accounts, server, thread, app.state.services, folder / "incoming", closing)


@contextmanager
def imagined(folder: Path) -> Iterator[Plain]:
    desk, uploads = DeskInMemory(folder), folder / "incoming"
    with world(folder / "world") as behind:
        behind.now = NOW
        accounts = Ledger(behind.store, lambda: behind.now, CHEAP)
        app = made(desk, accounts, behind, uploads)
        with (
            served(app) as (base, server, thread),
            Visitor(base_url=base, timeout=20) as client,
            Visitor(base_url=base, timeout=20) as stranger,
        ):
            behind.person(Role.ADMINISTRATOR, name="admin")
            assert client.sign_in("admin").is_success
            # Here the tests carry the token themselves.
            del client.headers["X-CSRF-Token"]
            plain = Plain(base, desk, accounts, server, thread, app.state.services, uploads, client, stranger)
            yield plain


def made(desk: Desk, accounts: Ledger, behind: World, uploads: Path) -> FastAPI:
    return create_app(
        desk,
        accounts,
        behind.room,
        secure_cookies=False,
        upload_dir=uploads,
        now=lambda: behind.now,
        max_upload_bytes=MAX_UPLOAD,
    )


@contextmanager
def served(app: FastAPI, port: int = 0, trusted_proxies: str = "") -> Iterator[tuple[str, WebServer, threading.Thread]]:
    """The application on a port (0: a free one): its address, the server and its thread; stopped on leaving."""
    port = port or free_port()
    server = WebServer(app, host="127.0.0.1", port=port, trusted_proxies=trusted_proxies)
    thread = threading.Thread(target=server.run, name="web")
    thread.start()
    try:
        for _ in range(1000):
            if server.started or not thread.is_alive():
                break
            threading.Event().wait(0.01)
        assert server.started
        yield f"http://127.0.0.1:{port}", server, thread
    finally:
        server.should_exit = True
        thread.join(10)
