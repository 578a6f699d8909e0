"""Planning a province: the hourly roll, the full week from nothing, the pages of a day; and how each grows.

Every figure on SQLite and on a real PostgreSQL, at 200, 2,000 and 20,000 speakers; the aims are for 2,000. The pages
are asked for over HTTP from the real web server, by somebody who sees the whole province, first byte to last.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import httpx
from argon2 import PasswordHasher

from bench.figures import Figure, alone, span
from bench.province import NOW, Province, province
from bench.workplace import Workplace
from controller.desk.accounts import Ledger
from controller.desk.office import Office
from controller.rights import EVERYWHERE, Grant, Role
from controller.store.values import User
from controller.web.app import create_app
from controller.web.server import WebServer
from deploy.demo.ports import LOOPBACK, free_port
from deploy.demo.processes import wait_until
from schedules.units import UtcMs
from tests.rig.postgres import postgres

SIZES = (200, 2_000, 20_000)
AIMED = 2_000
GROWTH = 11
"""Ten times the speakers are not begun without so much more time than the size before took."""
HOUR_MS = 3_600_000
HOURS = 24
"""A whole day rolled hour by hour: some hours bring nothing new, others the programme of every commune."""
REPEATS = 9
ROLL_S, REBUILD_S, PAGE_MS = 1.0, 10.0, 150.0
PAGES = {"the page of today": "/", "the programme of a day": "/lich?xem=ngay", "the API's day": "/api/v1/broadcasts"}
WORD = "một câu dài dễ nhớ 2026"


def run(place: Workplace) -> list[Figure]:
    """The smallest first, so that a machine that is too slow still tells something."""
    figures: list[Figure] = []
    took: dict[str, float] = {}
    for size in SIZES:
        for name, database in (("SQLite", _sqlite), ("PostgreSQL", postgres)):
            if took.get(name, 0.0) * GROWTH > place.seconds_left():
                place.say(f"{name}, {size:,} speakers: left out, there is no time for them on this machine")
                continue
            begun = time.monotonic()
            with database() as url, province(place, size, url) as built:
                place.say(f"{name}, {size:,} speakers in {len(built.communes)} areas")
                figures += _measure(place, name, built)
            took[name] = time.monotonic() - begun
    return figures


@contextmanager
def _sqlite() -> Iterator[str]:
    yield ""


def _measure(place: Workplace, name: str, built: Province) -> list[Figure]:
    aimed = built.speakers == AIMED
    what = f"{name}, {built.speakers:,} speakers"
    rebuilt = _seconds(partial(_roll, built, NOW))
    place.say(f"  a week planned in {rebuilt:.2f} s")
    rolls = [_seconds(partial(_roll, built, UtcMs(NOW + hour * HOUR_MS))) for hour in range(1, HOURS + 1)]
    place.say(f"  an hour rolled in {median(rolls):.3f} s, the fullest in {max(rolls):.3f} s")
    figures = [
        alone(f"{what}: the week from nothing", rebuilt, "s", at_most=REBUILD_S if aimed else None),
        alone(f"{what}: hourly roll", median(rolls), "s", spread=span(rolls), at_most=ROLL_S if aimed else None),
        alone(f"{what}: the fullest hour's roll", max(rolls), "s", at_most=ROLL_S if aimed else None),
    ]
    with _signed_in(place.folder, built) as client:
        for page, path in PAGES.items():
            taken = [_seconds(partial(_get, client, path)) * 1000 for _ in range(REPEATS)]
            place.say(f"  {page} in {median(taken):.0f} ms")
            limit = PAGE_MS if aimed else None
            figures.append(alone(f"{what}: {page}", median(taken), "ms", spread=span(taken), at_most=limit))
    return figures


def _roll(built: Province, now: UtcMs) -> None:
    with built.store.write() as unit:
        built.planner.roll(unit, now)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _get(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"


@contextmanager
def _signed_in(folder: Path, built: Province) -> Iterator[httpx.Client]:
    """A browser of somebody who may see everything, at a real server over the province."""
    accounts = Ledger(built.store, lambda: NOW)
    with built.store.write() as unit:
        unit.people.add(User("u-1", "leader", "Lãnh đạo", PasswordHasher().hash(WORD), False), NOW, "bench")
        unit.people.set_grants("u-1", [Grant(Role.ADMINISTRATOR, EVERYWHERE)], NOW, "bench")
    room, port = built.room, free_port()
    app = create_app(
        Office(room), accounts, room, secure_cookies=False, upload_dir=folder / "incoming", now=lambda: NOW
    )
    server = WebServer(app, host=LOOPBACK, port=port)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), 30, "the server answers")
        with httpx.Client(base_url=f"http://{LOOPBACK}:{port}", timeout=60) as client:
            assert client.post("/api/v1/session", json={"username": "leader", "password": WORD}).is_success
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
