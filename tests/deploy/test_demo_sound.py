"""`make demo SOUND=1` on a machine without a sound card says so."""

import pytest

from deploy.demo.sound import missing_card
from deploy.demo.up import sound_words


def test_sound_that_cannot_be_made_is_no_card() -> None:
    """PortAudio even aborts when ALSA finds nothing to read; that must not take the demonstration with it."""
    assert missing_card({"ALSA_CONFIG_PATH": "/dev/null", "PULSE_SERVER": "unix:/dev/null"}) in (
        "there is no sound card, or nobody may use it",
        "the PortAudio library is missing (Debian: libportaudio2)",
        "the sound system cannot be asked",
    )


@pytest.mark.parametrize(
    ("sound", "silent", "words"),
    [(False, "", ""), (True, "", "Cụm loa A is heard"), (True, "there is no card", "there is no card; all nine")],
)
def test_what_is_said(sound: bool, silent: str, words: str) -> None:
    said = sound_words(sound, silent, "Cụm loa A")
    assert words in said
    assert bool(said) is sound
