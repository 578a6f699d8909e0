"""How a text is read: by whom, how fast, how high, and by two voices that take turns."""

import numpy as np
import pytest

from audio.sources import PITCHES, RATES, Manner, VoiceChoice
from audio.speech.utterances import utterances
from tests.audio.conftest import Bench

TEXT = "Kính thưa bà con nhân dân. Chiều nay có mưa to."


def hertz(pcm: bytes, rate: int) -> float:
    """The median fundamental frequency of the voiced parts, by autocorrelation."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    found = []
    for start in range(0, len(samples) - rate // 20, rate // 40):
        window = samples[start : start + rate // 20]
        window = window - window.mean()
        if np.abs(window).max() < 1_500:
            continue
        alike = np.correlate(window, window, "full")[len(window) - 1 :]
        low, high = rate // 300, rate // 60
        lag = low + int(np.argmax(alike[low:high]))
        if alike[lag] > 0.4 * alike[0]:
            found.append(rate / lag)
    return float(np.median(found))


@pytest.mark.parametrize("name", ["vi", "vi-central", "vi-south"])
def test_slow_is_longer_and_high_is_higher_in_every_region(name: str) -> None:
    from audio.speech.voices import VOICES

    def said(manner: Manner) -> tuple[float, float]:
        voice = VOICES[name](manner)
        pcm = voice.say(TEXT)
        return len(pcm) / 2 / voice.rate, hertz(pcm, voice.rate)

    lengths = [said(Manner(rate=rate))[0] for rate in RATES.values()]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 1.25 * lengths[2]
    low, normal, high = (said(Manner(pitch=pitch))[1] for pitch in PITCHES.values())
    assert low < 0.95 * normal
    assert high > 1.08 * normal


@pytest.mark.parametrize(("rate", "pitch"), [(69, 100), (141, 100), (100, 74), (100, 131)])
def test_a_manner_beyond_the_limits_is_no_choice(rate: int, pitch: int) -> None:
    with pytest.raises(ValueError, match=r"a (rate|pitch) of"):
        VoiceChoice(rate=rate, pitch=pitch)


def test_two_voices_take_turns_by_paragraph(bench: Bench) -> None:
    """The second voice's paragraphs are as that voice alone reads them, and the first one's as the first alone."""
    text = "Đoạn một của bản tin.\nĐoạn hai của bản tin.\nĐoạn ba của bản tin."
    clips = [
        bench.text(text, choice)
        for choice in (VoiceChoice("vi"), VoiceChoice("vi-south"), VoiceChoice("vi", "vi-south"))
    ]
    north, south, both = (made.duration_ms for made in clips)
    assert len({made.clip for made in clips}) == 3
    assert min(north, south) < both < max(north, south)
    turns = [part.paragraph for part in utterances(text)]
    assert turns == [0, 1, 2]


def test_an_unknown_voice_is_refused_in_words(bench: Bench) -> None:
    for choice in (VoiceChoice("vi-west"), VoiceChoice("vi", "vi-west")):
        with pytest.raises(Exception, match="unknown-voice"):
            bench.text(TEXT, choice)


def test_pauses_follow_the_punctuation() -> None:
    parts = utterances("Ai đến? Xin mời! Gồm: một; hai… Hết.\nĐoạn mới")
    pauses = {part.text[-1]: part.pause_ms for part in parts[:-1]}
    assert pauses[";"] < pauses[":"] < pauses["!"] < pauses["?"] < pauses["…"] < pauses["."]
    assert parts[-1].pause_ms == 0
