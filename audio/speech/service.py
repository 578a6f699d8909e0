"""A speech service of somebody else, asked over HTTP; only in a speaking process, which decodes nothing.

What comes is bounded in time and bytes, and handed on as it is. A redirection is not followed: the address is the one
that was configured, and no other.
"""

import base64
import binascii
import http.client
import json
import re
import signal
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from audio.sources import Manner
from audio.speech.specs import ServiceSpec
from audio.speech.voice import VoiceFailed
from audio.speech.wire import FILE, PCM, Answer

_PIECE = 65_536
_PAUSE_SECONDS = 0.3
"""Between two attempts."""
_PLACE = re.compile(r"\{(text|rate|rate_percent|pitch|pitch_percent)\}")


class _Late(Exception):
    """The attempt took too long."""


class _Again(VoiceFailed):
    """A failure that may have passed at the next attempt."""


class ServiceEngine:
    def __init__(self, spec: ServiceSpec) -> None:
        self._spec = spec

    def answer(self, text: str, manner: Manner) -> Answer:
        for attempt in range(self._spec.tries):
            try:
                return self._unpacked(self._once(text, manner))
            except _Again as failed:
                if attempt + 1 == self._spec.tries:
                    raise VoiceFailed(failed.code, failed.detail) from failed
                time.sleep(_PAUSE_SECONDS)
        raise VoiceFailed("service-refused", "no attempt is allowed")

    def _once(self, text: str, manner: Manner) -> bytes:
        try:
            with _within(self._spec.attempt_seconds):
                return self._fetch(text, manner)
        except (_Late, TimeoutError) as error:
            raise _Again("too-slow", f"no whole answer in {self._spec.attempt_seconds} s") from error
        except http.client.HTTPException as error:
            raise _Again("service-refused", f"{type(error).__name__}: {error}") from error
        except ssl.SSLCertVerificationError as error:
            raise VoiceFailed("service-unreachable", f"certificate: {error.verify_message}") from error
        except OSError as error:
            raise _Again("service-unreachable", f"{type(error).__name__}: {error}") from error

    def _fetch(self, text: str, manner: Manner) -> bytes:
        spec, parts = self._spec, urlsplit(self._spec.url)
        connection = _connection(spec)
        try:
            path = filled(parts.path or "/", text, manner, "url")
            query = filled(parts.query, text, manner, "url")
            body = filled(spec.body, text, manner, kind_of(spec.headers)).encode() if spec.body else None
            connection.request(spec.method, path + ("?" + query if query else ""), body, dict(spec.headers))
            response = connection.getresponse()
            _check_status(response.status)
            return _bounded(response, spec.most_bytes)
        finally:
            connection.close()

    def _unpacked(self, data: bytes) -> Answer:
        if self._spec.answer == "pcm":
            return Answer(PCM, self._spec.pcm_rate, data)
        return Answer(FILE, data=data if self._spec.answer == "file" else _from_json(data, self._spec.field))


def _connection(spec: ServiceSpec) -> http.client.HTTPConnection:
    parts = urlsplit(spec.url)
    assert parts.hostname, "checked when the configuration was read"
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=spec.ca_file or None)
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=spec.attempt_seconds, context=context)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=spec.attempt_seconds)


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status >= 500 or status == 429:
        raise _Again("service-refused", f"status {status}")
    raise VoiceFailed("service-refused", f"status {status}" + (", not followed" if 300 <= status < 400 else ""))


def _bounded(response: http.client.HTTPResponse, most: int) -> bytes:
    """All of the body. Less than was announced raises IncompleteRead."""
    announced, data = response.length, bytearray()
    while piece := response.read(_PIECE):
        data += piece
        if len(data) > most:
            raise VoiceFailed("not-sound", f"more than {most} bytes")
    if announced is not None and len(data) < announced:
        raise http.client.IncompleteRead(bytes(data), announced - len(data))
    return bytes(data)


def _from_json(data: bytes, field: str) -> bytes:
    try:
        found: Any = json.loads(data)
        for name in field.split("."):
            found = found[name]
        return base64.b64decode(found, validate=True)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, binascii.Error) as error:
        raise VoiceFailed("not-sound", f"no base64 in {field}: {type(error).__name__}") from error


def kind_of(headers: object) -> str:
    """How a text must be written into the body, by its content type: json, form, xml or plain."""
    told = {str(name).lower(): str(value).lower() for name, value in dict(headers).items()}  # type: ignore[call-overload]
    kind = told.get("content-type", "")
    return next((name for name, mark in (("json", "json"), ("url", "form-urlencoded"), ("xml", "xml")) if mark in kind),
                "plain")  # fmt: skip


def filled(template: str, text: str, manner: Manner, kind: str) -> str:
    """The template with its places filled: {text} written so that it stays one value there; {rate} and {pitch} as
    factors (1.20), {rate_percent} and {pitch_percent} as whole numbers."""
    written = {
        "json": lambda: json.dumps(text, ensure_ascii=False),
        "url": lambda: quote(text, safe=""),
        "xml": lambda: escape(text, {'"': "&quot;", "'": "&apos;"}),
    }.get(kind, lambda: text)()
    values = {
        "text": written,
        "rate": f"{manner.rate / 100:.2f}",
        "rate_percent": str(manner.rate),
        "pitch": f"{manner.pitch / 100:.2f}",
        "pitch_percent": str(manner.pitch),
    }
    return _PLACE.sub(lambda place: values[place[1]], template)


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """Raise _Late in this, the main thread, whatever it waits for: a body that trickles resets every socket's clock."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _Late

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
