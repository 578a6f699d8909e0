"""A real PostgreSQL server on a free loopback port, with a fresh cluster in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.rig.ports import LOOPBACK, free_port

_INSTALLED = Path("/usr/lib/postgresql")


def _programs() -> Path:
    """The folder of the newest installed server's programs."""
    found = sorted(_INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise AssertionError("PostgreSQL is not installed (Debian package postgresql)")
    return found[-1].parent


def _as_user(command: list[str], folder: Path) -> None:
    """Run as `postgres` when we are root, for the server refuses to run as root."""
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=50)
    if done.returncode != 0:
        log = folder / "log"
        raise AssertionError(f"{command[-1]}: {done.stderr}{log.read_text() if log.exists() else ''}")


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server; gives its SQLAlchemy URL. Durability is off: it is thrown away."""
    folder, programs, port = Path(tempfile.mkdtemp(prefix="loaxa-pg-")), _programs(), free_port()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = str(folder / "data")
    options = f"-p {port} -c listen_addresses={LOOPBACK} -c unix_socket_directories={folder} -c fsync=off"
    control = [str(programs / "pg_ctl"), "-D", data, "-w"]
    try:
        _as_user([str(programs / "initdb"), "-D", data, "-U", "loaxa", "-A", "trust", "-E", "UTF8", "-N"], folder)
        _as_user([*control, "-l", str(folder / "log"), "-o", options, "start"], folder)
        try:
            yield f"postgresql://loaxa@{LOOPBACK}:{port}/postgres"
        finally:
            _as_user([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
