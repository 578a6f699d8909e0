"""How a text is read: by whom, how fast, how high, and by two voices that take turns."""

import pytest

from audio.sources import VoiceChoice
from audio.speech.utterances import utterances

TEXT = "Kính thưa bà con nhân dân. Chiều nay có mưa to."


@pytest.mark.parametrize(("rate", "pitch"), [(69, 100), (141, 100), (100, 74), (100, 131)])
def test_a_manner_beyond_the_limits_is_no_choice(rate: int, pitch: int) -> None:
    with pytest.raises(ValueError, match=r"a (rate|pitch) of"):
        VoiceChoice(rate=rate, pitch=pitch)


def test_pauses_follow_the_punctuation() -> None:
    parts = utterances("Ai đến? Xin mời! Gồm: một; hai… Hết.\nĐoạn mới")
    pauses = {part.text[-1]: part.pause_ms for part in parts[:-1]}
    assert pauses[";"] < pauses[":"] < pauses["!"] < pauses["?"] < pauses["…"] < pauses["."]
    assert parts[-1].pause_ms == 0
