"""snapcast as Debian has it: a server that streams Opus, and clients that play it in step."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from bench.sounds import Samples, pcm_of
from deploy.demo.ports import LOOPBACK, free_port
from deploy.demo.processes import Program

IS = "snapcast's client, streaming Opus from its server"


def is_here() -> bool:
    return bool(which("snapserver") and which("snapclient"))


@contextmanager
def server(folder: Path, sound: Samples) -> Iterator[int]:
    """Streams `sound` again and again, on one core of nobody's: its own use is not measured. Gives its port."""
    port, fifo = free_port(), folder / "snapfifo"
    os.mkfifo(fifo)
    (folder / "snapserver.conf").write_text("")
    words = (
        "snapserver", "-c", str(folder / "snapserver.conf"), f"--server.datadir={folder}",
        "--http.enabled=false", "--tcp.enabled=false",
        f"--stream.bind_to_address={LOOPBACK}", f"--stream.port={port}",
        f"--stream.source=pipe://{fifo}?name=bench&sampleformat=48000:16:2&codec=opus&mode=read",
    )  # fmt: skip
    program = Program("snapserver", words, folder / "snapserver.log")
    program.start()
    stop = threading.Event()
    feeder = threading.Thread(target=_feed, args=(fifo, sound, stop), daemon=True)
    feeder.start()
    try:
        yield port
    finally:
        stop.set()
        program.stop()
        feeder.join(5)


@contextmanager
def client(folder: Path, port: int, name: str, env: Mapping[str, str]) -> Iterator[int]:
    """One player on the sound server that `env` names. Gives its process id."""
    words = ("snapclient", "-h", LOOPBACK, "-p", str(port), "--hostID", name, "--player", "pulse")
    program = Program(name, words, folder / f"{name}.log", env)
    program.start()
    try:
        yield program.pid
    finally:
        program.stop()


def _feed(fifo: Path, sound: Samples, stop: threading.Event) -> None:
    """Both channels the same; the server takes it at the pace of time."""
    mono = memoryview(pcm_of(sound)).cast("h")
    stereo = bytes(memoryview(b"".join(mono[n : n + 1].tobytes() * 2 for n in range(len(mono)))))
    try:
        with fifo.open("wb", buffering=0) as pipe:
            while not stop.is_set():
                for at in range(0, len(stereo), 4_096):
                    pipe.write(stereo[at : at + 4_096])
                    if stop.is_set():
                        return
    except BrokenPipeError:
        return
