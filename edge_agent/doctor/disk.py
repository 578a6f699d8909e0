"""The disk of the data folder: room, and whether what is written there stays. Writes one file and removes it."""

import errno
import os
from pathlib import Path

from edge_agent.clock import Clock
from edge_agent.database import DiskTrouble
from edge_agent.doctor.findings import Finding, Part, bad, doubt, well
from edge_agent.glance import Glance, glance
from edge_agent.store import folder_free_mib
from edge_agent.words import Sentence

_PROBE = ".doctor"
_PROBE_BYTES = 1 << 20
_SLOW_S = 2.0
_LITTLE_MIB = 300
_TOO_LITTLE_MIB = 20


def check(folder: Path, clock: Clock) -> list[Finding]:
    """Raises nothing: whatever the disk answers is a finding."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        seconds = _write(folder / _PROBE, clock)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return [bad(Part.DISK, "full", _FULL, _MAKE_ROOM, folder=folder)]
        return [bad(Part.DISK, "not_writable", _NOT_WRITABLE, _MEND_DISK, folder=folder, why=error.strerror)]
    speed = {"ms": round(seconds * 1000)}
    if seconds > _SLOW_S:
        written = doubt(Part.DISK, "slow", _SLOW, _REPLACE, **speed)
    else:
        written = well(Part.DISK, "writable", _WRITABLE, folder=folder, **speed)
    return [written, _room(folder), *_database(folder)]


def _write(probe: Path, clock: Clock) -> float:
    """Seconds until a MiB is really on the disk, under its final name."""
    begun = clock.monotonic_s()
    partial = probe.with_suffix(".part")
    try:
        with partial.open("wb", buffering=0) as file:
            if file.write(os.urandom(_PROBE_BYTES)) != _PROBE_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
        partial.rename(probe)
        return clock.monotonic_s() - begun
    finally:
        for left in (partial, probe):
            left.unlink(missing_ok=True)


def _room(folder: Path) -> Finding:
    free = folder_free_mib(folder)
    if free < _TOO_LITTLE_MIB:
        return bad(Part.DISK, "full", _ROOM, _MAKE_ROOM, mib=free)
    if free < _LITTLE_MIB:
        return doubt(Part.DISK, "little_room", _ROOM, _MAKE_ROOM, mib=free)
    return well(Part.DISK, "room", _ROOM, mib=free)


def _database(folder: Path) -> list[Finding]:
    try:
        held = glance(folder)
    except DiskTrouble as trouble:
        return [bad(Part.DISK, "database", _DAMAGED, _KEEP_ASIDE, why=trouble)]
    return [] if held is None else [_waiting(held)]


def _waiting(held: Glance) -> Finding:
    return well(Part.DISK, "database", _INTACT, waiting=held.records_waiting)


_NOT_WRITABLE = Sentence("Không ghi được vào {folder}: {why}.", "{folder} cannot be written: {why}.")
_MEND_DISK = Sentence(
    "Xem thư mục có thuộc về người dùng loaxa-agent không (ls -ld {folder}). Nếu hệ thống báo chỉ đọc (read-only), "
    "thẻ nhớ có thể đã hỏng: xem `dmesg`, khởi động lại, thay thẻ.",
    "See whether the folder belongs to the user loaxa-agent (ls -ld {folder}). If the system says read-only, the card "
    "may be worn out: see `dmesg`, restart, replace the card.",
)
_WRITABLE = Sentence("Ghi được vào {folder} (1 MiB: {ms} ms).", "{folder} can be written (1 MiB: {ms} ms).")
_SLOW = Sentence("Ghi rất chậm: 1 MiB mất {ms} ms.", "Writing is very slow: {ms} ms for 1 MiB.")
_REPLACE = Sentence(
    "Thẻ nhớ sắp hỏng hoặc quá chậm: thay bằng thẻ loại bền (high endurance, A1/A2).",
    "The card is wearing out or too slow: replace it by a durable one (high endurance, A1/A2).",
)
_ROOM = Sentence("Còn trống {mib} MiB.", "{mib} MiB are free.")
_FULL = Sentence("{folder} không còn chỗ trống.", "There is no room left in {folder}.")
_MAKE_ROOM = Sentence(
    "Giải phóng chỗ trống: `sudo journalctl --vacuum-size=50M`, `sudo apt-get clean`, hoặc dùng thẻ lớn hơn.",
    "Make room: `sudo journalctl --vacuum-size=50M`, `sudo apt-get clean`, or use a larger card.",
)
_INTACT = Sentence(
    "Cơ sở dữ liệu nguyên vẹn; {waiting} bản ghi phát chờ gửi về trung tâm.",
    "The database is intact; {waiting} playback records wait to be confirmed.",
)
_DAMAGED = Sentence("Cơ sở dữ liệu không đọc được: {why}.", "The database cannot be read: {why}.")
_KEEP_ASIDE = Sentence(
    "Khởi động chương trình: cơ sở dữ liệu hỏng được cất sang bên và lập lại từ đầu. Nếu lặp lại, thay thẻ nhớ.",
    "Start the agent: it keeps a damaged database aside and begins anew. If this happens again, replace the card.",
)
