"""The one start-up file: starts every part in order, stops them in reverse."""

import logging
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI

from audio.clips import ClipStore, RecordingStore
from controller import clock
from controller.adopting import adopt_uploads
from controller.broker.acl import CONTROLLER
from controller.broker.embedded import EmbeddedBroker
from controller.broker.files import BrokerFiles, keep_broker_files
from controller.clearing import Clearing
from controller.collecting import collect_rarely
from controller.desk.accounts import FIRST_USER, Ledger
from controller.desk.office import Office
from controller.desk.room import Room
from controller.founding import Founded, open_site
from controller.intake import Intake, Reply
from controller.link import BrokerAddress, Incoming, Link
from controller.oidc import provider_of
from controller.planning import Planner
from controller.preparation import Preparer
from controller.reach import box_broker, external_broker
from controller.relay import Relay
from controller.restoring import Restorer
from controller.settings import Settings
from controller.store.site import MARKER
from controller.store.unit import Store
from controller.ticker import Ticker
from controller.time_of_day import TimeOfDay
from controller.voices_cli import voices_of
from controller.web.app import create_app
from controller.web.server import WebServer
from protocol.codec import dump
from protocol.messages import ControllerStatus
from protocol.release import VERSION

log = logging.getLogger(__name__)

Say = Callable[[str], None]


SWITCH_SECONDS = 0.001
"""How long a busy thread may keep the interpreter: an order that is committed leaves while its page is still built."""


def serve(settings: Settings, say: Say) -> None:
    """Run until SIGTERM or SIGINT."""
    sys.setswitchinterval(SWITCH_SECONDS)
    collect_rarely()
    founded = open_site(settings)
    with ExitStack() as running:
        running.callback(founded.store.close)
        accounts = Ledger(founded.store, clock.now_ms)
        if (password := accounts.found()) is not None:
            say(f"LoaXã one-time password for {FIRST_USER}: {password}")
        desk = _start_station(settings, founded, running)
        _serve_web(settings, desk, accounts, say)


def _start_station(settings: Settings, founded: Founded, running: ExitStack) -> Office:
    """Everything but the pages: broker, relay, intake, preparation, ticker."""
    store, signer = founded.store, founded.signer
    voices = voices_of(settings)
    clips = ClipStore(settings.data / "clips")
    recordings = RecordingStore(settings.data / "recordings")
    planner = Planner(signer, settings.time_zone, settings.horizon_days)
    with store.write() as unit:
        unit.bulletins.fold_missing()
        if not signer.stopped:
            planner.roll(unit, clock.now_ms())
    address = _broker(settings, founded, running)
    own = own_status(store)
    relay = Relay(store, clips, own, lambda: signer.stopped)

    def reply(answer: Reply) -> None:
        link.publish(answer.topic, answer.payload, retain=False)

    intake = Intake(
        store,
        signer,
        settings.time_zone,
        acknowledge=lambda message: link.acknowledge(message),
        reply=reply,
    )

    time_of_day = TimeOfDay(signer, clock.now_us, lambda topic, payload: link.publish(topic, payload, retain=False))

    def hear(message: Incoming) -> None:
        if time_of_day.hear(message):
            link.acknowledge(message)
            return
        relay.hear(message)
        intake.hear(message)

    link = Link(
        address,
        dump(replace(own, online=False)),
        on_up=relay.up,
        on_down=relay.down,
        on_message=hear,
        on_published=relay.published,
    )
    _start(running, intake.start, intake.stop)
    relay.start(link)
    _start(running, link.start, link.stop)
    running.callback(relay.stop)
    adopt_uploads(store, recordings, settings.data / "uploads", clock.now_ms())
    preparer = Preparer(store, clips, settings.data / "work", recordings, voices, settings.time_zone)
    _start(running, preparer.start, preparer.stop)
    restorer = Restorer(signer, founded.keys, settings.time_zone, clock.now_ms())
    clearing = Clearing(store, clips, recordings, settings.keep_days)
    ticker = Ticker(store, planner, restorer, clearing)
    _start(running, ticker.start, ticker.stop)
    return Office(
        Room(
            store,
            planner,
            clips,
            recordings,
            lambda topic, payload: link.publish(topic, payload, retain=False) is not None,
            clock.now_ms,
            box_broker(settings),
            voices,
        )
    )


def _start(running: ExitStack, start: Callable[[], None], stop: Callable[[], None]) -> None:
    start()
    running.callback(stop)


def _broker(settings: Settings, founded: Founded, running: ExitStack) -> BrokerAddress:
    """The broker's address; starts the embedded one when no other is named."""
    if settings.broker_url:
        keep_broker_files(founded.store, settings)
        running.callback(founded.store.on_commit(BrokerFiles(founded.store, settings).heard))
        return external_broker(settings)
    password = secrets.token_urlsafe(32)
    broker = EmbeddedBroker(settings.broker_host, settings.broker_port, founded.store, password)
    _start(running, broker.start, broker.stop)
    return BrokerAddress(_reachable(settings.broker_host), settings.broker_port, CONTROLLER, password)


def _reachable(host: str) -> str:
    """Where to connect when a server listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "") else host  # noqa: S104  # compared, not bound


def own_status(store: Store) -> ControllerStatus:
    """What the controller says of itself, with the marker by which it knows a broker that remembers it."""
    with store.write() as unit:
        marker = unit.site.get(MARKER) or secrets.token_hex(16)
        unit.site.put(MARKER, marker)
        epoch, stopped = unit.site.epoch, unit.site.silent
    return ControllerStatus(clock.now_ms(), True, VERSION, secrets.token_hex(8), epoch, marker, stopped)


class _Server(WebServer):
    """Says when it answers."""

    announce: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self.announce()


def openapi(settings: Settings) -> dict[str, object]:
    """The REST API's OpenAPI document, from the routes as they are; opens a throw-away site for it."""
    with TemporaryDirectory() as folder:
        passing = replace(settings, data=Path(folder), database_url="")
        founded = open_site(passing)
        planner = Planner(founded.signer, passing.time_zone, passing.horizon_days)
        clips, recordings = ClipStore(passing.data / "clips"), RecordingStore(passing.data / "recordings")
        room = Room(founded.store, planner, clips, recordings, lambda _topic, _payload: False, clock.now_ms)
        desk = Office(room)
        document = _app(passing, desk, Ledger(founded.store, clock.now_ms)).openapi()
        founded.store.close()
    return document


def _app(settings: Settings, desk: Office, accounts: Ledger) -> FastAPI:
    return create_app(
        desk,
        accounts,
        desk.room,
        secure_cookies=settings.public_url.startswith("https://"),
        upload_dir=settings.data / "incoming",
        now=clock.now_ms,
        public_url=settings.public_url.rstrip("/"),
        oidc=provider_of(settings, clock.now_ms),
    )


def _serve_web(settings: Settings, desk: Office, accounts: Ledger, say: Say) -> None:
    app = _app(settings, desk, accounts)
    address = settings.public_url or f"http://{_reachable(settings.http_host)}:{settings.http_port}"
    server = _Server(app, host=settings.http_host, port=settings.http_port, trusted_proxies=settings.trusted_proxies)
    server.announce = lambda: say(f"LoaXã ready: {address}")
    # uvicorn raises the signal again when it has ended: by then it has been obeyed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run()
