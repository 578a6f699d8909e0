"""A speech service on loopback, good or bad by the path it is asked at; a real HTTP server."""

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.audio import sounds

RATE = 16_000


def spoken_tone(text: str, rate: float = 1.0, pitch: float = 1.0) -> bytes:
    """50 ms a letter of 150 Hz, s16 mono at RATE."""
    return sounds.tone(0.05 * len(text) / rate, 150.0 * pitch, 0.4, RATE)


def wav(pcm: bytes, claimed: int | None = None) -> bytes:
    return sounds.wav_header(len(pcm) if claimed is None else claimed, RATE) + pcm


def mp3(pcm: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        return sounds.write(Path(folder, "x"), [pcm], RATE, "mp3").read_bytes()


@dataclass
class Service:
    """What was asked, and what it is told to fail at: so many requests to /flaky get a 503."""

    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    flaky: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()

    class Handler(_Handler):
        state = service

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            service.ending.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: Service

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self.state.asked.append({"path": self.path})
        self._send(200, wav(spoken_tone("x" * 40)), "audio/wav")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers.get("Content-Type", "")
        asked = json.loads(body) if "json" in kind else {"text": body.decode()}
        self.state.asked.append(asked | {"path": self.path, "secret": self.headers.get("X-Key", "")})
        text, rate, pitch = asked["text"], float(asked.get("speed", 1)), float(asked.get("pitch", 1))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # whoever asked may have gone, as it should
            getattr(self, "_" + self.path.strip("/"))(text, spoken_tone(text, rate, pitch))

    def _send(self, status: int, data: bytes, kind: str, length: int | None = None, **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _wav(self, text: str, pcm: bytes) -> None:
        self._send(200, wav(pcm), "audio/wav")

    def _mp3(self, text: str, pcm: bytes) -> None:
        self._send(200, mp3(pcm), "audio/mpeg")

    def _pcm(self, text: str, pcm: bytes) -> None:
        self._send(200, pcm, "application/octet-stream")

    def _json(self, text: str, pcm: bytes) -> None:
        told = {"data": {"audio": base64.b64encode(wav(pcm)).decode()}}
        self._send(200, json.dumps(told).encode(), "application/json")

    def _flaky(self, text: str, pcm: bytes) -> None:
        if self.state.flaky > 0:
            self.state.flaky -= 1
            self._send(503, b"busy", "text/plain")
        else:
            self._wav(text, pcm)

    def _slow(self, text: str, pcm: bytes) -> None:
        self.state.ending.wait(20)

    def _trickling(self, text: str, pcm: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.state.ending.wait(0.05):
            self.wfile.write(b"R")

    def _broken(self, text: str, pcm: bytes) -> None:
        self._send(500, b"<h1>oh</h1>", "text/html")

    def _unknown(self, text: str, pcm: bytes) -> None:
        self._send(404, b"", "text/plain")

    def _html(self, text: str, pcm: bytes) -> None:
        self._send(200, b"<!doctype html><title>Log in</title>" * 50, "text/html")

    def _endless(self, text: str, pcm: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.state.ending.is_set():
            self.wfile.write(bytes(65_536))

    def _short(self, text: str, pcm: bytes) -> None:
        self._send(200, wav(pcm)[:-2_000], "audio/wav", length=len(wav(pcm)))
        self.close_connection = True

    def _cut(self, text: str, pcm: bytes) -> None:
        self._send(200, wav(pcm[: len(pcm) // 2], claimed=len(pcm)), "audio/wav")

    def _moved(self, text: str, pcm: bytes) -> None:
        self._send(302, b"", "text/plain", Location=self.state.url("/wav"))

    def _silent(self, text: str, pcm: bytes) -> None:
        self._send(200, wav(bytes(len(pcm))), "audio/wav")

    def _playlist(self, text: str, pcm: bytes) -> None:
        self._send(200, b"ffconcat version 1.0\nfile /etc/hostname\n", "audio/wav")

    def _hours(self, text: str, pcm: bytes) -> None:
        self._send(200, wav(sounds.tone(1.0, rate=RATE) * 120), "audio/wav")
