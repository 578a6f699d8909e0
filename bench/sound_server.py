"""A PulseAudio of our own with a null sink, for the length of a bench, where PulseAudio is installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from tests.rig.pulse import Pulse


@contextmanager
def sound_server(folder: Path) -> Iterator[Pulse | None]:
    """None where there is no PulseAudio."""
    if not (which("pulseaudio") and which("paplay")):
        yield None
        return
    home = folder / "pulse"
    home.mkdir()
    pulse = Pulse(home)
    pulse.start()
    try:
        yield pulse
    finally:
        pulse.stop()
