"""A real edge agent as a process: its config file, its start, its sudden and its orderly end."""

import os
import subprocess
import sys
from pathlib import Path

from tests.rig.ports import LOOPBACK
from tests.rig.site import Signer


def write_config(
    folder: Path, site: Signer, port: int, sink: str = "wav", device: str = "", *, battery: bool | None = True
) -> Path:
    """The files that `speaker add` gives a technician; `battery` true: its clock is believed from the start."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = folder / "agent.key"
    seed.write_text(site.box.seed_hex)
    seed.chmod(0o600)
    (folder / "password").write_text("secret")
    config = folder / "agent.toml"
    config.write_text(
        f"""
site = "{site.site}"
speaker = "{site.speaker}"
data = "data"
[broker]
host = "{LOOPBACK}"
port = {port}
username = "{site.speaker}"
password_file = "password"
tls = false
ca_file = ""
[keys]
root_public = "{site.root.public_hex}"
seed_file = "agent.key"
[sound]
sink = "{sink}"
device = "{device}"
recordings = "recordings"
[clock]
{"" if battery is None else f"battery = {str(battery).lower()}"}
"""
    )
    return config


class Box:
    """`log` collects what the agent wrote over all its lives."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.folder = config.parent
        self.log = self.folder / "agent.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings"

    def start(
        self, env: dict[str, str] | None = None, prefix: tuple[str, ...] = (), options: tuple[str, ...] = ()
    ) -> None:
        words = [*prefix, sys.executable, "-m", "edge_agent", "run", "--config", str(self.config), *options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, **(env or {})})

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill9(self) -> None:
        """A power cut, as far as a process can have one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def terminate(self, limit: float = 10) -> int:
        """SIGTERM; returns the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self.wait(limit)

    def wait(self, limit: float) -> int:
        assert self._process is not None
        code = self._process.wait(limit)
        self._process = None
        return code
