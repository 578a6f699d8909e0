"""Uploads by the tus protocol: they go on from where the file stands, and nobody sends more than they may."""

import base64
import hashlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from controller import incoming
from controller.incoming import KEPT_MS, MOST_EACH, IncomingFiles
from controller.rights import Role
from controller.web import tus
from schedules.units import BulletinId, UtcMs
from tests.controller.web.conftest import MAX_UPLOAD, Site, Visitor

SOUND = bytes(range(256)) * 4000
KIND = {"Content-Type": tus.KIND}
VERSION = {"Tus-Resumable": "1.0.0"}


def begin(visitor: httpx.Client, length: object = len(SOUND), name: str = "loa phường.mp3") -> httpx.Response:
    told = {"Upload-Length": str(length), "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
    return visitor.post("/api/v1/uploads", headers={**VERSION, **told})


def send(visitor: httpx.Client, where: str, at: int, data: bytes, **more: str) -> httpx.Response:
    return visitor.patch(where, content=data, headers={**VERSION, **KIND, "Upload-Offset": str(at), **more})


def stands(visitor: httpx.Client, where: str) -> int:
    return int(visitor.head(where, headers=VERSION).headers["Upload-Offset"])


def sum_of(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


@pytest.fixture
def sender(shared_site: Site) -> Iterator[Visitor]:
    """Whose uploads are gone after each test."""
    yield shared_site.client
    for each in shared_site.services.incoming.of("admin"):
        shared_site.services.incoming.remove(each)


def kept(site: Site, bulletin: str) -> bytes:
    """The recording that the bulletin is made of."""
    with site.world.store.read() as unit:
        (recording,) = unit.parts.of(BulletinId(bulletin)).recordings
    return site.world.room.recordings.path(recording).read_bytes()


def test_a_file_in_pieces_becomes_a_bulletin(shared_site: Site, sender: Visitor) -> None:
    made = begin(sender)
    assert made.status_code == 201
    where = made.headers["Location"]
    for at in range(0, len(SOUND), 300_000):
        piece = SOUND[at : at + 300_000]
        answer = send(sender, where, at, piece, **({"Upload-Checksum": sum_of(piece)} if at else {}))
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(at + len(piece)))
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.headers["Upload-Expires"].endswith("GMT")
    fields = {"title": "Ghi âm", "content": "audio", "upload": where.rpartition("/")[2], "csrf_token": sender.csrf}
    form = sender.post("/ban-tin/moi", data=fields, files={"file": ("", b"")})
    assert form.status_code == 303
    assert kept(shared_site, form.headers["location"].rpartition("/")[2]) == SOUND
    assert sender.head(where, headers=VERSION).status_code == 404
    assert list(shared_site.uploads.iterdir()) == []


def test_the_api_takes_it_too_and_only_when_it_is_whole(shared_site: Site, sender: Visitor) -> None:
    where = begin(sender).headers["Location"]
    send(sender, where, 0, SOUND[:1000])

    def hand_in(upload: str) -> httpx.Response:
        return sender.post("/api/v1/bulletins/audio", files={"title": (None, "Ghi âm"), "upload": (None, upload)})

    early = hand_in(where.rpartition("/")[2])
    assert (early.status_code, early.json()["code"]) == (422, "upload-unfinished")
    assert stands(sender, where) == 1000, "nothing is lost by asking too early"
    send(sender, where, 1000, SOUND[1000:])
    made = hand_in(where.rpartition("/")[2]).json()
    assert made["filename"] == "loa phường.mp3"
    assert kept(shared_site, made["id"]) == SOUND
    assert hand_in("up-000000000000").json()["code"] == "upload-gone"
    assert hand_in("../../controller").json()["code"] == "upload-gone"


def test_a_broken_connection_costs_only_what_was_on_the_way(shared_site: Site, sender: Visitor) -> None:
    where = begin(sender).headers["Location"]
    cookie = "; ".join(f"{name}={value}" for name, value in sender.cookies.items())
    head = (
        f"PATCH {where} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nX-CSRF-Token: {sender.csrf}\r\n"
        f"Tus-Resumable: 1.0.0\r\nContent-Type: {tus.KIND}\r\nUpload-Offset: 0\r\nContent-Length: {len(SOUND)}\r\n\r\n"
    )
    address = urlsplit(shared_site.base)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode() + SOUND[:400_000])
        assert until(lambda: stands(sender, where) == 400_000)
    assert send(sender, where, 400_000, SOUND[400_000:]).status_code == 204
    assert next(shared_site.uploads.glob("*.part")).read_bytes() == SOUND


def test_a_wrong_offset_and_a_wrong_sum_change_nothing(shared_site: Site, sender: Visitor) -> None:
    where = begin(sender).headers["Location"]
    assert send(sender, where, 0, SOUND[:500], **{"Upload-Checksum": sum_of(SOUND[:500], "sha1")}).status_code == 204
    elsewhere = send(sender, where, 0, SOUND[:500])
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "offset")
    spoilt = send(sender, where, 500, SOUND[500:900], **{"Upload-Checksum": sum_of(SOUND[501:901])})
    assert (spoilt.status_code, spoilt.json()["code"]) == (460, "checksum")
    assert spoilt.headers["Tus-Resumable"] == "1.0.0"
    for unknown in ("md5 AAAA", "sha256 ???", "sha256"):
        assert send(sender, where, 500, b"x", **{"Upload-Checksum": unknown}).status_code in (400, 460)
    assert send(sender, where, 500, SOUND[:10], **{"Content-Type": "audio/mpeg"}).status_code == 415
    assert stands(sender, where) == 500
    assert next(shared_site.uploads.glob("*.part")).read_bytes() == SOUND[:500]


def test_never_more_than_was_announced_or_allowed(shared_site: Site, sender: Visitor) -> None:
    where = begin(sender, 1000).headers["Location"]
    for checksum in ({}, {"Upload-Checksum": sum_of(SOUND)}):
        assert send(sender, where, 0, SOUND, **checksum).status_code == 413
    assert next(shared_site.uploads.glob("*.part")).stat().st_size <= 1000
    much = begin(sender, MAX_UPLOAD + 1)
    assert (much.status_code, much.json()["code"]) == (413, "too-large")
    assert begin(sender, 0).json()["code"] == "empty-file"
    for length in ("", "-5", "1e6", "+7", "9" * 20):
        assert begin(sender, length).status_code == 400
    token = {"X-CSRF-Token": sender.csrf}
    with httpx.Client(base_url=shared_site.base, cookies=sender.cookies, headers=token, timeout=20) as other:
        assert other.post("/api/v1/uploads", headers={"Upload-Length": "5"}).headers["Tus-Version"] == "1.0.0"
    told = sender.options("/api/v1/uploads").headers
    assert told["Tus-Max-Size"] == str(MAX_UPLOAD)
    assert set(told["Tus-Extension"].split(",")) == {"creation", "termination", "checksum", "expiration"}


def test_no_byte_is_kept_for_who_may_not(shared_site: Site, sender: Visitor) -> None:
    where = begin(sender).headers["Location"]
    before = sorted(shared_site.uploads.iterdir())
    with httpx.Client(base_url=shared_site.base, timeout=20) as nobody:
        assert begin(nobody).status_code == 401
        assert send(nobody, where, 0, SOUND).status_code == 401
    with httpx.Client(base_url=shared_site.base, cookies=sender.cookies, timeout=20) as elsewhere:
        assert begin(elsewhere).json()["code"] == "csrf"
        assert send(elsewhere, where, 0, SOUND).json()["code"] == "csrf"
        assert elsewhere.delete(where, headers=VERSION).json()["code"] == "csrf"
    assert sorted(shared_site.uploads.iterdir()) == before
    assert stands(sender, where) == 0


def test_an_upload_is_its_senders_alone(shared_site: Site) -> None:
    site = shared_site
    one, other = site.as_(Role.EDITOR, name="mot"), site.as_(Role.EDITOR, name="hai")
    where = begin(one, 5).headers["Location"]
    assert send(one, where, 0, b"12345").status_code == 204
    assert other.head(where, headers=VERSION).status_code == 404
    assert send(other, where, 0, b"12345").status_code == 404
    assert other.delete(where, headers=VERSION).status_code == 404
    taken = {"title": (None, "Của tôi"), "upload": (None, where.rpartition("/")[2])}
    assert other.post("/api/v1/bulletins/audio", files=taken).json()["code"] == "upload-gone"
    assert begin(site.as_(Role.VIEWER)).status_code == 403
    assert one.delete(where, headers=VERSION).status_code == 204
    assert one.head(where, headers=VERSION).status_code == 404
    assert list(site.uploads.iterdir()) == []


def test_a_full_disk_is_said_in_words(shared_site: Site, sender: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    where = begin(sender).headers["Location"]
    path = next(shared_site.uploads.glob("*.part"))
    path.unlink()
    path.symlink_to("/dev/full")
    monkeypatch.setattr(incoming, "_stamp", lambda *_: None)
    monkeypatch.setattr(incoming, "KEPT_MS", 10**12)
    full = send(sender, where, 0, SOUND[:1000])
    assert (full.status_code, full.json()["code"]) == (507, "disk-full")
    assert "hết chỗ" in full.json()["detail"]
    monkeypatch.setattr(incoming, "SPARE_BYTES", 2**62)
    assert begin(sender).json()["code"] == "disk-full"


def test_what_nobody_goes_on_with_expires_and_the_oldest_gives_way(tmp_path: Path) -> None:
    files, now = IncomingFiles(tmp_path), UtcMs(1_790_000_000_000)
    made = [files.begin("a", 10, f"{n}.mp3", UtcMs(now + n)) for n in range(MOST_EACH + 1)]
    assert [each.filename for each in files.of("a")] == [f"{n}.mp3" for n in range(1, MOST_EACH + 1)]
    other = files.begin("b", 10, "b.mp3", now)
    later = UtcMs(now + KEPT_MS - 10)
    assert files.append(made[1], 0, b"12345", later) == 5
    (tmp_path / "up-0123456789ab.json").write_text("{")
    (tmp_path / "up-0123456789ac.part").write_text("half")
    files.clear(UtcMs(now + KEPT_MS + 1_000))
    assert [(each.filename, each.offset) for each in files.of("a")] == [("1.mp3", 5)]
    assert files.find(other.id, "b") is None
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{made[1].id}.json", f"{made[1].id}.part"]


def until(condition: Callable[[], bool]) -> bool:
    """Asking the server again is the waiting."""
    return any(condition() for _ in range(2_000))
