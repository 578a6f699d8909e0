"""A user-space PulseAudio with a null sink, and what came out of it as parec captures it."""

import os
import subprocess
import time
from pathlib import Path

RATE = 48_000
SINK = "loaxa_test"


class Pulse:
    """Runs as any user, root too; no D-Bus, no configuration of the machine is touched."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "pulse.sock"
        self._server: subprocess.Popen[bytes] | None = None
        self._capture: subprocess.Popen[bytes] | None = None
        self.captured = folder / "captured.raw"

    @property
    def env(self) -> dict[str, str]:
        """What a program needs to find this server."""
        home = str(self._folder)
        return {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_RUNTIME_PATH": home,
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "XDG_RUNTIME_DIR": home,
            "HOME": home,
            "ALSA_CONFIG_PATH": str(self._alsa()),
        }

    def start(self) -> None:
        words = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        words += ["--disable-shm=yes", "--high-priority=no", "--realtime=no"]
        words += ["-L", f"module-null-sink sink_name={SINK} rate={RATE} channels=1 format=s16le norewinds=1"]
        words += ["-L", f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"]
        with (self._folder / "pulse.log").open("ab") as log:
            self._server = subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, **self.env})
        until = time.monotonic() + 10
        while not self._socket.exists():
            if time.monotonic() > until or self._server.poll() is not None:
                raise AssertionError(f"pulseaudio did not start: {(self._folder / 'pulse.log').read_text()}")
            time.sleep(0.02)

    def capture(self) -> None:
        """Begin to record what the sink puts out."""
        words = ["parec", "-d", f"{SINK}.monitor", f"--rate={RATE}", "--channels=1", "--format=s16le", "--raw"]
        words += ["--latency-msec=20"]
        with self.captured.open("wb") as out:
            self._capture = subprocess.Popen(words, stdout=out, env={**os.environ, **self.env})

    def kill(self) -> None:
        """The sound server dies."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(10)
            self._server = None
        self._socket.unlink(missing_ok=True)

    def stop(self) -> None:
        if self._capture is not None:
            self._capture.kill()
            self._capture.wait(10)
        self.kill()

    def _alsa(self) -> Path:
        """ALSA's default device is the sound server."""
        path = self._folder / "asound.conf"
        if not path.exists():
            path.write_text("</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n")
        return path
