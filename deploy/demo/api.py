"""A small client of the public REST API (docs/api.md), with nothing but the standard library."""

import http.client
import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30.0


class ApiProblem(Exception):
    """The controller refused: an RFC 9457 problem with its `status`, `code` and sentence."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail or f"HTTP {status}")
        self.status = status
        self.code = code
        self.detail = detail


class Api:
    """One person's session. Every call opens a connection of its own, so a restarted controller is no trouble."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.address = address.rstrip("/")
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80
        self._cookie = ""
        self._csrf = ""

    def sign_in(self, username: str, password: str) -> bool:
        """Begin a session; return whether the password must be changed before anything else."""
        answer = self.post("session", {"username": username, "password": password})
        self._csrf = str(answer["csrf_token"])
        return bool(answer["must_change_password"])

    def change_password(self, old: str, new: str) -> None:
        answer = self._call("PUT", "session/password", {"old": old, "new": new})
        if isinstance(answer, dict) and answer.get("csrf_token"):
            self._csrf = str(answer["csrf_token"])

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._call("POST", path, body if body is not None else {})

    def post_file(self, path: str, file: Path, fields: Mapping[str, str]) -> Any:
        """Send a form with one file (RFC 7578)."""
        boundary = uuid.uuid4().hex
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_quoted(file.name)}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        tail = f"\r\n--{boundary}--\r\n"
        length = len(head.encode()) + file.stat().st_size + len(tail)
        body = _pieces(head.encode(), file, tail.encode())
        return self._send("POST", path, body, f"multipart/form-data; boundary={boundary}", length)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        payload = None if body is None else json.dumps(body).encode()
        return self._send(method, path, payload, "application/json")

    def _send(
        self, method: str, path: str, body: bytes | Iterator[bytes] | None, content_type: str, length: int | None = None
    ) -> Any:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = content_type
        if length is not None:
            headers["Content-Length"] = str(length)
        if self._cookie:
            headers["Cookie"] = self._cookie
        if self._csrf:
            headers["X-CSRF-Token"] = self._csrf
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, f"/api/v1/{path}", body, headers)
            response = connection.getresponse()
            self._keep_cookie(response)
            return _answer(response.status, response.read())
        finally:
            connection.close()

    def _keep_cookie(self, response: http.client.HTTPResponse) -> None:
        cookies = [value.split(";", 1)[0] for value in response.headers.get_all("Set-Cookie") or []]
        if cookies:
            self._cookie = "; ".join(cookies)


def _answer(status: int, payload: bytes) -> Any:
    if status < 400:
        return json.loads(payload) if payload else None
    try:
        problem = json.loads(payload)
    except ValueError:
        problem = {}
    raise ApiProblem(status, str(problem.get("code", "")), str(problem.get("detail") or problem.get("title") or ""))


def _pieces(head: bytes, file: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with file.open("rb") as source:
        while piece := source.read(65_536):
            yield piece
    yield tail


def _quoted(name: str) -> str:
    return name.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
