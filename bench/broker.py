"""A real mosquitto on a free port of the loopback interface, for the length of a bench."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from deploy.demo.ports import LOOPBACK, free_port, is_free
from deploy.demo.processes import Program, wait_until

_SETTINGS = """\
listener {port} {host}
allow_anonymous true
persistence false
set_tcp_nodelay true
max_queued_messages 100000
max_connections -1
log_type error
"""


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """Yield the port. Nobody is asked for a password: accounts and rules are not what is measured here."""
    port = free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(_SETTINGS.format(port=port, host=LOOPBACK), encoding="ascii")
    binary = which("mosquitto") or which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        raise FileNotFoundError("mosquitto is not installed (Debian package: mosquitto)")
    program = Program("mosquitto", (binary, "-c", str(settings)), folder / "mosquitto.log")
    program.start()
    try:
        wait_until(lambda: not is_free(port), 5.0, "mosquitto to listen")
        yield port
    finally:
        program.stop()
