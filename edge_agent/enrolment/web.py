"""The controller over HTTP(S), as a box that it does not know yet reaches it: small JSON both ways, nothing else."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from edge_agent.certificates import Tell, client_context

TIMEOUT_S = 15
MOST_BYTES = 300_000


class BadAddress(ValueError):
    """Not an address of a controller."""


class Unreachable(Exception):
    """No answer, or none that a controller gives; may pass."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: dict[str, Any]

    @property
    def detail(self) -> str:
        """What a problem says (RFC 9457)."""
        return str(self.body.get("detail", f"HTTP {self.status}"))


class Controller:
    """`url` as a browser has it. `ca_file`, `fingerprint`: whose certificate it must show (edge_agent/certificates)."""

    def __init__(self, url: str, ca_file: str, fingerprint: str, tell: Tell) -> None:
        parts = urlsplit(url)
        try:
            self.host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise BadAddress(f"{url!r}: {error}") from error
        if parts.scheme not in ("http", "https") or not self.host or parts.query or parts.fragment:
            raise BadAddress(f"{url!r} is not the address of a controller, like https://station.example")
        self.encrypted = parts.scheme == "https"
        if fingerprint and not self.encrypted:
            raise BadAddress("a fingerprint is of no use without https://")
        self.url = url.rstrip("/")
        self._port = port or (443 if self.encrypted else 80)
        self._path = parts.path.rstrip("/")
        self._context = client_context(ca_file, fingerprint, tell) if self.encrypted else None

    def post(self, path: str, body: dict[str, str]) -> Reply:
        """Send `body` to `/api/v1` + `path`; raises Unreachable."""
        connection = self._connect()
        try:
            headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Language": "en"}
            connection.request("POST", f"{self._path}/api/v1{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            return _reply(answer.status, answer.read(MOST_BYTES + 1))
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{self.url} does not answer: {error}") from error
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._context is not None:
            return http.client.HTTPSConnection(self.host, self._port, timeout=TIMEOUT_S, context=self._context)
        return http.client.HTTPConnection(self.host, self._port, timeout=TIMEOUT_S)


def _reply(status: int, payload: bytes) -> Reply:
    if 300 <= status < 400:
        raise Unreachable(f"it points elsewhere (HTTP {status}); give the address that it points to")
    try:
        body = json.loads(payload) if len(payload) <= MOST_BYTES else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Unreachable(f"what answers is no controller (HTTP {status})")
    return Reply(status, body)
