"""Uploads: straight to disk, whole or not at all, never more than the limit."""

import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from controller.web import upload
from tests.controller.web.conftest import HTMX, MAX_UPLOAD, Plain

SOUND = bytes(range(256)) * 4000
PATHS = ("/ban-tin/moi", "/api/v1/bulletins/audio")


def _send(plain: Plain, path: str) -> httpx.Response:
    fields = {"title": "Ghi âm"} | ({"content": "audio", "csrf_token": plain.csrf} if path == PATHS[0] else {})
    headers = {} if path == PATHS[0] else plain.guarded
    return plain.client.post(path, data=fields, files={"file": ("loa phường.mp3", SOUND)}, headers=headers)


def test_the_file_arrives_as_it_was(plain: Plain) -> None:
    answer = _send(plain, PATHS[1])
    assert answer.status_code == 201
    assert answer.json()["filename"] == "loa phường.mp3"
    assert answer.headers["location"] == f"/api/v1/bulletins/{answer.json()['id']}"
    assert plain.desk.orders == [("audio", ("loa phường.mp3", SOUND))]


def test_the_form_does_the_same(plain: Plain) -> None:
    answer = _send(plain, PATHS[0])
    assert (answer.status_code, answer.headers["location"]) == (303, "/ban-tin/n-1")
    assert plain.desk.orders == [("audio", ("loa phường.mp3", SOUND))]


def test_what_the_desk_does_not_take_is_removed(plain: Plain) -> None:
    _send(plain, PATHS[1])
    assert not list(plain.uploads.iterdir())


@pytest.mark.parametrize("path", PATHS)
def test_too_large_by_its_announced_length(plain: Plain, path: str) -> None:
    with _connect(plain) as connection:
        connection.sendall(_head(plain, path, 2_000_000_000) + bytes(300_000))
        connection.settimeout(5)
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "connection: close" in answer.lower()
    assert not plain.uploads.exists()


@pytest.mark.parametrize("path", PATHS)
def test_too_large_while_it_streams(plain: Plain, path: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        for _ in range(4 * MAX_UPLOAD // 65536):
            sent += 65536
            yield bytes(65536)

    headers = {"Content-Type": "multipart/form-data; boundary=x", **plain.guarded}
    answer = plain.client.post(path, content=endless(), headers=headers)
    assert answer.status_code == 413
    assert "Hãy chọn tệp âm thanh không quá" in answer.text
    assert not list(plain.uploads.iterdir())
    if path.startswith("/api"):
        assert answer.json()["code"] == "too-large"


def test_a_body_that_is_no_upload_has_a_small_limit(plain: Plain) -> None:
    answer = plain.client.post("/api/v1/bulletins", content=bytes(5_000_000), headers=plain.guarded)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too-large"


def test_a_sender_who_goes_away_leaves_nothing(plain: Plain) -> None:
    with _connect(plain) as connection:
        connection.sendall(_head(plain, PATHS[1], 900_000) + bytes(300_000))
        assert _until(lambda: plain.uploads.exists() and any(plain.uploads.iterdir()))
    assert _until(lambda: not any(plain.uploads.iterdir()))
    assert not plain.desk.orders


def _connect(plain: Plain) -> socket.socket:
    address = urlsplit(plain.base)
    return socket.create_connection((address.hostname, address.port))


def _head(plain: Plain, path: str, length: int) -> bytes:
    """A request with the beginning of a file part."""
    cookie = "; ".join(f"{name}={value}" for name, value in plain.client.cookies.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nX-CSRF-Token: {plain.csrf}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {length}\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    ).encode()


def _until(condition: Callable[[], bool]) -> bool:
    return any(condition() or threading.Event().wait(0.02) for _ in range(250))


MALFORMED = {
    "no boundary": ("multipart/form-data", b"--x--"),
    "not multipart": ("text/plain", b"hello"),
    "no name": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nhello\r\n--x--\r\n"),
    "two files": (
        "multipart/form-data; boundary=x",
        2 * b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello\r\n' + b"--x--\r\n",
    ),
    "broken off": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello',
    ),
    "garbage": ("multipart/form-data; boundary=x", b"hello"),
}


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("path", PATHS)
def test_malformed(shared: Plain, case: str, path: str) -> None:
    kind, body = MALFORMED[case]
    answer = shared.client.post(path, content=body, headers={"Content-Type": kind, **shared.guarded})
    assert answer.status_code == 400
    assert "Biểu mẫu gửi lên bị hỏng" in answer.text
    assert not list(shared.uploads.glob("*"))
    assert not shared.desk.orders


def test_no_file_chosen(plain: Plain) -> None:
    fields = plain.form(title="Ghi âm", content="audio")
    answer = plain.client.post(PATHS[0], data=fields, files={"file": ("", b"")})
    assert answer.status_code == 422
    assert "Hãy chọn một tệp âm thanh" in answer.text
    assert 'value="Ghi âm"' in answer.text
    notice = plain.client.post(PATHS[0], data=fields, files={"file": ("", b"")}, headers=HTMX)
    assert 'data-field="file"' in notice.text
    api = plain.client.post(PATHS[1], data={"title": "x"}, files={"file": ("", b"")}, headers=plain.guarded)
    assert (api.status_code, api.json()["code"]) == (422, "no-file")


def test_an_unknown_field_of_the_api_is_named(plain: Plain) -> None:
    answer = plain.client.post(PATHS[1], data={"titel": "x"}, files={"file": ("a.wav", b"RIFF")}, headers=plain.guarded)
    assert answer.status_code == 422
    assert {found["field"] for found in answer.json()["errors"]} == {"title", "titel"}
    assert not list(plain.uploads.iterdir())


def test_leftovers_of_a_crash_go_at_the_start(plain: Plain) -> None:
    plain.uploads.mkdir(exist_ok=True)
    (plain.uploads / "half.incoming").write_bytes(b"half")
    (plain.uploads / "other").write_bytes(b"kept")
    upload.clear_leftovers(plain.uploads)
    assert [path.name for path in plain.uploads.iterdir()] == ["other"]
