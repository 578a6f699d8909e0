"""The controller as a real process, on free ports, ended by its own id."""

import os
import subprocess
import sys
from pathlib import Path

from tests.rig.broker import CONTROLLER_PASSWORD, wait_until
from tests.rig.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


class Program:
    """`python -m controller serve` over `data`; with `broker_port` at an external broker, else with its own."""

    def __init__(self, data: Path, broker_port: int = 0) -> None:
        self.data, self.port = data, free_port()
        self.broker_port = broker_port or free_port()
        self._external = bool(broker_port)
        self._log = data.with_name("controller.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._read = 0

    def start(self) -> None:
        """Return when it says that it is ready."""
        command = [sys.executable, "-m", "controller", "serve", "--data", str(self.data), "--port", str(self.port)]
        if self._external:
            command += ["--broker-url", f"mqtt://127.0.0.1:{self.broker_port}"]
        else:
            command += ["--broker-port", str(self.broker_port)]
        environment = os.environ | {"LOAXA_BROKER_PASSWORD": CONTROLLER_PASSWORD}
        self._read = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        wait_until(lambda: "LoaXã ready: http" in self.said or not self.running, "the controller is ready", 90)
        assert self.running, self.said

    @property
    def said(self) -> str:
        """What it printed since its last start."""
        return self._log.read_bytes()[self._read :].decode()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def end(self) -> int:
        """SIGTERM; returns the exit code, and fails when it takes five seconds."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(5)

    def close(self) -> None:
        if self.running:
            self.kill()
