"""Asks whether this machine has a sound card to play on: `python -m deploy.demo.sound` ends with 0, or says why not."""

import os
import subprocess
import sys
from collections.abc import Mapping

SECONDS = 20.0
NO_CARD = "there is no sound card, or nobody may use it"


def missing_card(env: Mapping[str, str] | None = None) -> str:
    """Why nothing can be heard here; "" when there is a card.

    Asked in a program of its own: PortAudio keeps what it has opened and lets ALSA print as it likes.
    """
    try:
        asked = subprocess.run(
            (sys.executable, "-m", "deploy.demo.sound"),
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"the sound system did not answer within {SECONDS:g} s"
    return "" if asked.returncode == 0 else asked.stdout.strip() or "the sound system cannot be asked"


def main() -> int:
    try:
        import sounddevice
    except OSError:
        print("the PortAudio library is missing (Debian: libportaudio2)")
        return 1
    except Exception:  # PortAudio's own error, whose class comes with the module that could not be imported
        print(NO_CARD)
        return 1
    try:
        sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError):
        print(NO_CARD)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
