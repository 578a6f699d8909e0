"""A box that enrols: its files, its code through the loudspeaker, and what it makes of a controller's answers."""

import hashlib
import json
import ssl
import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from controller.keys import KeyRing
from controller.signing import Signer
from edge_agent.__main__ import main
from edge_agent.clock import SystemClock
from edge_agent.enrolment import machine
from edge_agent.enrolment.announcing import NAME, Announcement, said
from edge_agent.enrolment.asking import Asking, GaveUp
from edge_agent.enrolment.files import kept_request, own_key
from edge_agent.enrolment.web import BadAddress, Controller, Unreachable
from edge_agent.settings import load
from edge_agent.sinks.port import BLOCK_FRAMES, RATE
from protocol.enrolment import (
    Answer,
    Ask,
    Grant,
    Offer,
    claim_code,
    seal_grant,
    signed_answer,
    transcript,
)
from protocol.keys import Role, SigningKey
from schedules.units import UtcMs
from tests.rig.ports import LOOPBACK

SITE = Signer("dam-ha", KeyRing({role: SigningKey.generate() for role in Role}))
STRANGER = Signer("dam-ha", KeyRing({role: SigningKey.generate() for role in Role}))
OFFER = Offer("en-1", "dam-ha", SITE.root_public, "cd" * 32)
GRANT = Grant("s-new", "", 1884, False, "", "its own password")


@dataclass
class Fake:
    """A controller of few words: each request is answered by the next of `answers`; then by the last again."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    url: str = ""
    asked: Ask | None = None
    offer: Offer = OFFER
    site: Signer = SITE

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.heard.append((path, body))
        if path == "/api/v1/enrolments" and (not self.answers or self.answers[0][0] != 429):
            self.asked = Ask(**body)
            return 201, asdict(self.offer)
        status, told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return status, (self.accepted(body["box_nonce"]) if told == "accepted" else told)

    def accepted(self, box_nonce: str) -> dict[str, Any]:
        assert self.asked is not None
        words = transcript(self.asked, self.offer, box_nonce)
        ephemeral, sealed = seal_grant(GRANT, self.asked.sealing_key, words)
        signature = self.site.enrolment(signed_answer(words, ephemeral, sealed))
        answer = Answer(ephemeral, sealed, signature, self.site.key_list(1, UtcMs(1)).payload)
        return {"state": "accepted", "answer": {name: getattr(answer, name) for name in Answer.__slots__}}


@contextmanager
def answering(*answers: tuple[int, Any], tls: ssl.SSLContext | None = None) -> Iterator[Fake]:
    fake = Fake(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, told = fake.answer(self.path, body)
            payload = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            """Be quiet."""

    server = HTTPServer((LOOPBACK, 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    fake.url = f"{'https' if tls else 'http'}://{LOOPBACK}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


class Hurried(SystemClock):
    """Pauses take no time; they are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.paused_s = 0.0

    def sleep_until_ns(self, instant: int) -> None:
        self.paused_s += max(0, instant - super().monotonic_ns()) / 1e9

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + int(self.paused_s * 1e9)

    def monotonic_s(self) -> float:
        return self.monotonic_ns() / 1e9


def asking(fake: Fake, folder: Path, shown: list[str]) -> Asking:
    controller = Controller(fake.url, "", "", lambda _: None)
    return Asking(Hurried(), controller, folder, own_key(folder), shown.append)


WAITING = (200, {"state": "waiting", "answer": None})
ACCEPTED = (200, "accepted")


def test_it_shows_one_code_waits_and_is_given_what_is_its_own(tmp_path: Path) -> None:
    shown: list[str] = []
    with answering(WAITING, (503, {"detail": "later"}), (429, {"detail": "later"}), WAITING, ACCEPTED) as fake:
        grant, offer = asking(fake, tmp_path, shown).ask()
    assert grant == GRANT
    assert offer == fake.offer
    assert fake.asked is not None
    assert shown == [claim_code(transcript(fake.asked, offer, fake.heard[-1][1]["box_nonce"]))]
    assert fake.asked.public_key == own_key(tmp_path).public_hex
    sent = json.dumps(fake.heard[0])
    assert own_key(tmp_path).seed_hex not in sent
    assert fake.heard[-1][1]["box_nonce"] not in sent


def test_a_restart_goes_on_with_the_same_request_and_code(tmp_path: Path) -> None:
    first: list[str] = []
    again: list[str] = []
    with answering(WAITING, (200, {"state": "strange"})) as fake:
        with pytest.raises(GaveUp):
            asking(fake, tmp_path, first).ask()
        assert (tmp_path / "enrolment.json").stat().st_mode & 0o777 == 0o600
        assert kept_request(tmp_path, "http://elsewhere", own_key(tmp_path).public_hex) is None
        fake.answers = [WAITING, ACCEPTED]
        assert asking(fake, tmp_path, again).ask()[0] == GRANT
    assert first == again
    assert [path for path, _ in fake.heard].count("/api/v1/enrolments") == 1


def test_a_request_that_is_over_is_made_anew_with_another_code(tmp_path: Path) -> None:
    shown: list[str] = []
    with answering(WAITING, (404, {"detail": "over"}), WAITING, ACCEPTED) as fake:
        asking(fake, tmp_path, shown).ask()
    assert len(set(shown)) == 2


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([WAITING, (200, {"state": "rejected", "answer": None})], "turned this box away"),
        ([(404, {"detail": "over"})], "nobody took this box in"),
        ([(200, {"state": "accepted", "answer": {"sealed": "00"}})], "not believed"),
    ],
)
def test_it_gives_up_with_a_sentence(tmp_path: Path, answers: list[tuple[int, Any]], says: str) -> None:
    with answering(*answers) as fake, pytest.raises(GaveUp, match=says):
        asking(fake, tmp_path, []).ask()
    assert not (tmp_path / "enrolment.json").exists() or says == "not believed"


def test_an_answer_of_another_site_is_not_believed(tmp_path: Path) -> None:
    with answering(ACCEPTED) as fake:
        fake.site = STRANGER
        with pytest.raises(GaveUp, match="not signed by the root key"):
            asking(fake, tmp_path, []).ask()


def test_what_answers_may_be_no_controller() -> None:
    with answering((301, {}), (200, b"<html>"), (200, b"x" * 400_000)) as fake:
        fake.answer = lambda path, body: fake.answers.pop(0)  # type: ignore[method-assign]
        controller = Controller(fake.url, "", "", lambda _: None)
        for _ in range(3):
            with pytest.raises(Unreachable):
                controller.post("/enrolments", {})
    with pytest.raises(Unreachable):
        controller.post("/enrolments", {})
    for url in ("station.example", "ftp://station.example", "https://", "http://a:b", "https://a/?b"):
        with pytest.raises(BadAddress):
            Controller(url, "", "", lambda _: None)


def test_by_https_nothing_is_sent_before_the_certificate_is_right(tmp_path: Path, repository: Path) -> None:
    script = str(repository / "deploy/mosquitto/make-certificate.sh")
    for name in ("tls", "other"):
        subprocess.run([script, str(tmp_path / name), LOOPBACK], check=True, capture_output=True)
    pem = (tmp_path / "tls/broker.crt").read_text(encoding="ascii")
    shown = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    context, told = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[str]()
    context.load_cert_chain(tmp_path / "tls/broker.crt", tmp_path / "tls/broker.key")
    with answering((200, {"state": "waiting"}), tls=context) as fake:
        for ca_file, fingerprint in (("other/ca.crt", ""), ("", "0" * 64), ("", "")):
            controller = Controller(fake.url, str(tmp_path / ca_file) if ca_file else "", fingerprint, told.append)
            with pytest.raises(Unreachable):
                controller.post("/enrolments/en-1/reveal", {"box_nonce": "secret"})
        assert not fake.heard
        assert len(told) == 3
        assert all("certificate is refused" in sentence for sentence in told)
        for ca_file, fingerprint in (("tls/ca.crt", ""), ("", shown)):
            controller = Controller(fake.url, str(tmp_path / ca_file) if ca_file else "", fingerprint, told.append)
            assert controller.post("/enrolments/en-1/reveal", {"box_nonce": ""}).body == {"state": "waiting"}


def test_without_a_config_file_run_says_how_a_box_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--config", str(tmp_path / "agent.toml")]) == 2
    assert "enrol --controller" in capsys.readouterr().err


def test_the_command_writes_a_config_from_which_the_box_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "box" / "agent.toml"
    with answering(ACCEPTED) as fake:
        words = ["enrol", "--controller", fake.url, "--config", str(config), "--sink", "null", "--silent", "--no-run"]
        words += ["--amplifier-command", "/usr/local/bin/relay 'phòng loa'"]
        assert main(words) == 0
        settings = load(config)
        assert main(words) == 0
        assert len(fake.heard) == 2
    assert (settings.speaker, settings.site, settings.root_public) == ("s-new", "dam-ha", SITE.root_public)
    assert (settings.broker.host, settings.broker.port, settings.broker.password) == (LOOPBACK, 1884, GRANT.password)
    assert settings.amplifier.command == ("/usr/local/bin/relay", "phòng loa")
    assert settings.signing_key.public_hex == (fake.asked.public_key if fake.asked else "")
    modes = {path.name: path.stat().st_mode & 0o777 for path in config.parent.iterdir()}
    assert modes == {"agent.key": 0o600, "broker.password": 0o600, "agent.toml": 0o600}
    assert main(["enrol", "--controller", "nonsense", "--config", str(tmp_path / "other.toml")]) == 1
    assert "not the address of a controller" in capsys.readouterr().err


def test_the_code_is_said_digit_by_digit() -> None:
    once, digits = said("01234567"), said("00000000")
    assert once != digits
    assert len(once) // 2 > 6 * RATE
    loudest = max(abs(value) for value in array("h", once))
    assert 3_000 < loudest < 9_000
    announcement = Announcement(once, (0, 1))
    blocks = [announcement.fill(BLOCK_FRAMES, 0) for _ in range(len(once) // 2 // BLOCK_FRAMES + 1)]
    assert b"".join(blocks).rstrip(b"\0") == once.rstrip(b"\0")
    assert announcement.sounding() == (NAME,)
    assert announcement.fill(BLOCK_FRAMES, 0) == bytes(2 * BLOCK_FRAMES)
    assert announcement.sounding() == ()
    for _ in range(RATE // BLOCK_FRAMES - 1):
        assert not any(announcement.fill(BLOCK_FRAMES, 0))
    assert announcement.fill(BLOCK_FRAMES, 0) == blocks[0]


def test_the_sounds_are_small_and_what_our_voice_says(tmp_path: Path, repository: Path) -> None:
    kept = repository / "edge_agent" / "enrolment" / "sounds"
    made = [sys.executable, "-m", "audio.claim_sounds", str(tmp_path)]
    subprocess.run(made, check=True, timeout=60, cwd=repository)
    assert {path.name for path in kept.iterdir()} == {path.name for path in tmp_path.iterdir()}
    assert sum(path.stat().st_size for path in kept.iterdir()) < 60_000
    for path in kept.iterdir():
        assert abs(path.stat().st_size - (tmp_path / path.name).stat().st_size) < 100


def test_a_serial_number_is_told_if_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "serial").write_bytes(b"10000000abcd\0")
    assert machine.serial((tmp_path / "none", tmp_path / "serial")) == "10000000abcd"
    assert machine.serial((tmp_path / "none",)) == ""
