"""The words of the tus 1.0 protocol (tus.io) on the wire: what a client's headers say, and what ours answer. Pure."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from controller.desk.refusal import Refusal
from controller.incoming import Incoming
from controller.language import n_

VERSION = "1.0.0"
KIND = "application/offset+octet-stream"
EXTENSIONS = "creation,termination,checksum,expiration"
ALGORITHMS = ("sha256", "sha1")
"""sha1 because the protocol wants every server to know it; it guards against accidents, not against anybody."""
MISMATCH = 460
"""The protocol's own status for bytes that are not those of their checksum."""
MOST_CHECKED = 4 * 1024 * 1024
"""Bytes with a checksum wait in memory until it is proved right: so many at once."""
LONGEST_NAME = 200

DISK_FULL = n_(
    "Máy chủ đã hết chỗ lưu trữ nên chưa nhận tiếp được tệp. Phần đã gửi vẫn được giữ. "
    "Hãy báo cán bộ kỹ thuật giải phóng ổ đĩa rồi gửi tiếp."
)


def check_version(headers: Mapping[str, str]) -> None:
    """Refusal 412 for another version of the protocol."""
    if headers.get("tus-resumable") != VERSION:
        raise Refusal("tus-version", n_("Trình duyệt gửi tệp theo cách máy chủ không biết."), status=412)


def read_length(headers: Mapping[str, str], limit: int) -> int:
    """Upload-Length in bytes: said, more than nothing and not more than `limit`."""
    length = _number(headers.get("upload-length", ""))
    if length is None:
        raise _bad("upload-length")
    if length == 0:
        raise Refusal("empty-file", n_("Tệp tải lên không có dữ liệu. Hãy chọn lại tệp âm thanh."), field="file")
    if length > limit:
        told = n_("Tệp gửi lên quá lớn. Hãy chọn tệp âm thanh không quá %(limit)s MB.")
        raise Refusal("too-large", told, status=413, field="file", params={"limit": limit // (1024 * 1024)})
    return length


def read_offset(headers: Mapping[str, str]) -> int:
    """Upload-Offset of bytes of the right kind."""
    if headers.get("content-type") != KIND:
        raise Refusal("unsupported-media-type", n_("Kiểu dữ liệu gửi lên không được hỗ trợ."), status=415)
    offset = _number(headers.get("upload-offset", ""))
    if offset is None:
        raise _bad("upload-offset")
    return offset


def read_filename(headers: Mapping[str, str]) -> str:
    """The name from Upload-Metadata (`key base64, …`), shortened; "" when none is given."""
    for pair in headers.get("upload-metadata", "").split(","):
        key, _sep, value = pair.strip().partition(" ")
        if key == "filename":
            return _decoded(value).decode("utf-8", "replace")[:LONGEST_NAME]
    return ""


def read_checksum(headers: Mapping[str, str]) -> tuple[str, bytes] | None:
    """The algorithm and the digest of Upload-Checksum; None when none is given. Refusal 400 for one unknown."""
    given = headers.get("upload-checksum", "")
    if not given:
        return None
    algorithm, _sep, value = given.partition(" ")
    if algorithm not in ALGORITHMS:
        raise _bad("upload-checksum")
    return algorithm, _decoded(value)


def check_bytes(checksum: tuple[str, bytes], data: bytes) -> None:
    """Refusal 460 when `data` came otherwise than it was sent."""
    algorithm, digest = checksum
    if not hmac.compare_digest(hashlib.new(algorithm, data, usedforsecurity=False).digest(), digest):
        raise Refusal("checksum", n_("Dữ liệu bị sai trên đường truyền. Phần này được gửi lại."), status=MISMATCH)


def gone() -> Refusal:
    told = n_("Tệp đang tải dở này không còn trên máy chủ. Hãy tải lại từ đầu.")
    return Refusal("upload-gone", told, status=404)


def elsewhere() -> Refusal:
    """The upload stands at another place than the sender thinks."""
    return Refusal("offset", n_("Máy chủ đang giữ tệp ở đoạn khác. Tệp được gửi tiếp từ đoạn đó."), status=409)


def too_much() -> Refusal:
    return Refusal("too-much", n_("Tệp gửi lên dài hơn đã báo trước. Hãy tải lại từ đầu."), status=413)


def disk_full() -> Refusal:
    return Refusal("disk-full", DISK_FULL, status=507)


def head_of(upload: Incoming) -> dict[str, str]:
    """The answer's headers about one upload."""
    return {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.length),
        "Upload-Expires": format_datetime(datetime.fromtimestamp(upload.expires // 1000, UTC), usegmt=True),
        "Upload-Metadata": f"filename {base64.b64encode(upload.filename.encode()).decode()}",
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("base64") from error


def _bad(what: str) -> Refusal:
    told = n_("Yêu cầu tải lên chưa đúng (%(what)s). Hãy tải lại trang rồi làm lại.")
    return Refusal("bad-upload", told, status=400, params={"what": what})
