"""Files that are made to hurt: a huge picture, many fast channels, and listings that point to a file or an address."""

import os
import socket
import struct
from array import array
from pathlib import Path

import pytest

from tests.audio import sounds
from tests.audio.conftest import Bench
from tests.audio.fresh import prepared
from tests.audio.inspected import write_channels


def test_a_picture_of_fifty_megabytes(tmp_path: Path) -> None:
    """An MP3 with a cover of 50 MB is the sound that it has, in no more memory than without."""
    sound = sounds.write(tmp_path / "sound", [sounds.tone(2.0)], sounds.RATE, "mp3").read_bytes()
    picture = b"\x00image/png\x00\x03\x00" + b"\x89PNG\r\n\x1a\n" + bytes(50_000_000)
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\x00\x00" + picture
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    upload = tmp_path / "upload.mp3"
    upload.write_bytes(b"ID3\x03\x00\x00" + size + frame + sound)
    spent = prepared(upload, tmp_path)
    assert spent.refusal == ""
    assert spent.peak_kib < 512 * 1024


def test_eight_channels_at_192_khz_take_no_more_memory(tmp_path: Path) -> None:
    one = sounds.tone(0.25, 440, 0.2, 192_000)
    pcm = array("h", (value for value in array("h", one) for _ in range(8))).tobytes()
    upload = write_channels(tmp_path / "upload", [pcm] * 8, "wav", 8, 192_000)
    spent = prepared(upload, tmp_path)
    assert spent.refusal == ""
    assert spent.peak_kib < 100 * 1024


@pytest.mark.parametrize(
    "listing",
    ["#EXTM3U\n#EXTINF:5,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile '{}'\n", "[playlist]\nFile1={}\n"],
)
def test_nothing_is_opened_but_the_bytes_that_were_given(bench: Bench, tmp_path: Path, listing: str) -> None:
    """Nobody knocks at a socket that listens, and the other file is not read."""
    secret = sounds.write(tmp_path / "secret.wav", [sounds.tone(1.0)], sounds.RATE, "wav")
    long_ago = 1_000_000_000
    os.utime(secret, (long_ago, secret.stat().st_mtime))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        for target in (str(secret), f"http://127.0.0.1:{server.getsockname()[1]}/a.mp3"):
            upload = tmp_path / "upload.mp3"
            upload.write_text(listing.format(target))
            assert bench.refusal(upload).code in ("not-audio", "unsupported-format")
        with pytest.raises(TimeoutError):
            server.accept()
    assert secret.stat().st_atime == long_ago
