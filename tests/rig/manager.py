"""What a service manager hears from a program: the datagrams at its NOTIFY_SOCKET."""

import secrets
import socket
import threading
import time


class Manager:
    """Listens on an abstract socket, as systemd may; keeps everything with the instant at which it came."""

    def __init__(self) -> None:
        name = f"loaxa-{secrets.token_hex(8)}"
        self.address = f"@{name}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{name}")
        self._socket.settimeout(0.1)
        self._heard: list[tuple[float, str]] = []
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def env(self, watchdog_s: float) -> dict[str, str]:
        return {"NOTIFY_SOCKET": self.address, "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}

    @property
    def fields(self) -> list[str]:
        return [field for _, field in tuple(self._heard)]

    def silent_for(self, field: str) -> float:
        """Seconds since `field` was heard last."""
        return time.monotonic() - max((at for at, told in tuple(self._heard) if told == field), default=0.0)

    def close(self) -> None:
        self._closed.set()
        self._thread.join(2)
        self._socket.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                data = self._socket.recv(65_536)
            except TimeoutError:
                continue
            self._heard += [(time.monotonic(), field) for field in data.decode().split("\n")]
