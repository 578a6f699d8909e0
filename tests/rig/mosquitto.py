"""A real mosquitto on a free loopback port that can vanish and come back; everyone may do everything on it."""

import socket
import subprocess
import time
from pathlib import Path

from tests.rig.ports import LOOPBACK, free_port


def accepts(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), 0.5).close()
    except OSError:
        return False
    return True


class Mosquitto:
    """Started by `start`, ended by `stop`; keeps its port, and no memory, over a restart."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} {LOOPBACK}\nallow_anonymous true\npersistence false\n"
            "max_queued_messages 100000\nset_tcp_nodelay true\n"
        )
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(["mosquitto", "-c", str(self._config)], stdout=log, stderr=log)
        until = time.monotonic() + 10
        while not accepts(self.port):
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError(f"mosquitto did not start: {self._log.read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None
