"""A PulseAudio of our own with a null sink, for the length of a bench, where PulseAudio is installed."""

from collections.abc import Iterator, Mapping
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


def as_installed(folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """`env` for an agent as docs/install.md sets a box up: its program compiled, and no plugin of ALSA's asked in vain.

    A box has its own card as the default; here the sound server takes its place.
    """
    config = folder / "asound.conf"
    config.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    return {**env, "PYTHONDONTWRITEBYTECODE": "", "ALSA_CONFIG_PATH": str(config)}
