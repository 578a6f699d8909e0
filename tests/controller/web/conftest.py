"""The application on a real socket of this machine, over a desk in memory, with a client that is signed in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from controller.web.app import create_app
from controller.web.server import WebServer
from controller.web.services import Services
from tests.controller.web.desk_in_memory import NOW, AccountsInMemory, DeskInMemory
from tests.controller.world import world
from tests.rig.ports import free_port

MAX_UPLOAD = 3_000_000
HTMX = {"HX-Request": "true"}


@dataclass
class Site:
    """`client` is signed in; `csrf` is its token; `stranger` is not signed in."""

    base: str
    desk: DeskInMemory
    accounts: AccountsInMemory
    server: WebServer
    thread: threading.Thread
    services: Services
    uploads: Path
    client: httpx.Client
    stranger: httpx.Client
    csrf: str = ""

    def sign_in(self) -> None:
        answer = self.client.post("/api/v1/session", json={"username": "admin", "password": self.accounts.password})
        self.csrf = answer.json()["csrf_token"]

    def form(self, **fields: object) -> dict[str, object]:
        return {"csrf_token": self.csrf, **fields}

    @property
    def guarded(self) -> dict[str, str]:
        return {"X-CSRF-Token": self.csrf}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For many tests that change nothing."""
    with running(tmp_path_factory.mktemp("site")) as site:
        yield site


@contextmanager
def running(tmp_path: Path) -> Iterator[Site]:
    desk, accounts = DeskInMemory(tmp_path), AccountsInMemory()
    uploads = tmp_path / "uploads"
    with (
        world(tmp_path / "world") as beside,
        served(
            app := create_app(
                desk,
                accounts,
                beside.room,
                secure_cookies=False,
                upload_dir=uploads,
                now=lambda: NOW,
                max_upload_bytes=MAX_UPLOAD,
            )
        ) as (base, server, thread),
        httpx.Client(base_url=base) as client,
        httpx.Client(base_url=base) as stranger,
    ):
        site = Site(base, desk, accounts, server, thread, app.state.services, uploads, client, stranger)
        site.sign_in()
        yield site


@contextmanager
def served(app: FastAPI) -> Iterator[tuple[str, WebServer, threading.Thread]]:
    """The application on a free port: its address, the server and its thread; stopped on leaving."""
    port = free_port()
    server = WebServer(app, host="127.0.0.1", port=port)
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
