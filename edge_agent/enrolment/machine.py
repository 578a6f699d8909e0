"""What a box can say of its hardware, for people who have several before them."""

import socket
from pathlib import Path

_SERIALS = (Path("/proc/device-tree/serial-number"), Path("/sys/class/dmi/id/product_serial"))
_MOST = 64


def hostname() -> str:
    return _plain(socket.gethostname())


def serial(files: tuple[Path, ...] = _SERIALS) -> str:
    """The board's serial number, "" when it has none or keeps it from us."""
    for path in files:
        try:
            found = _plain(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
        if found:
            return found
    return ""


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:_MOST]
