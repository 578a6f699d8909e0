"""What a microphone heard against what was put out: heard, unheard, or not to be told."""

import random
from array import array

import pytest

from audio.envelope import STEP_MS, Envelope, compare

DICE = random.Random(4)
SPEECH = [DICE.choice([200, 900, 4_000, 7_000]) for _ in range(200) for _ in range(3)]


def noise(level: int, length: int) -> list[int]:
    dice = random.Random(9)
    return [abs(round(level * (1 + dice.uniform(-0.5, 0.5)))) for _ in range(length)]


def through_the_air(loss: float, late: int, background: int) -> list[int]:
    return [
        round((a * a * loss * loss + b * b) ** 0.5)
        for a, b in zip([0] * late + SPEECH, noise(background, len(SPEECH) + late), strict=True)
    ]


@pytest.mark.parametrize("late", [0, 3, 18])
def test_heard_and_by_how_much_quieter(late: int) -> None:
    found = compare(SPEECH, through_the_air(0.1, late, 40), 0)
    assert found.word == "heard"
    assert found.cdb == pytest.approx(-2_000, abs=60)


def test_heard_when_the_microphone_began_later_or_earlier() -> None:
    heard = through_the_air(0.2, 2, 20)
    assert compare(SPEECH, heard[30:], 30).word == "heard"
    assert compare(SPEECH, noise(20, 25) + heard, -25).word == "heard"


def test_a_street_without_the_horn_is_unheard() -> None:
    assert compare(SPEECH, noise(900, len(SPEECH)), 0).word == "unheard"
    assert compare(SPEECH, [2] * len(SPEECH), 0).word == "unheard"
    other = SPEECH[::-1]
    assert compare(SPEECH, other, 0).word != "heard"


def test_what_cannot_be_told() -> None:
    assert compare(SPEECH[:30], SPEECH[:30], 0).word == "unclear"
    assert compare(SPEECH, [], 0).word == "unclear"
    assert compare([3_000] * 400, noise(900, 400), 0).word == "unclear"


def test_the_envelope_of_a_sound() -> None:
    envelope = Envelope()
    half = array("h", [8_000, -8_000] * 12_000).tobytes()
    for at in range(0, len(half), 1_000):
        envelope.add(half[at : at + 1_000])
    envelope.add(bytes(len(half)))
    assert len(envelope.values) == 1_000 // STEP_MS
    assert all(abs(value - 8_000) < 20 for value in envelope.values[:10])
    assert set(envelope.values[10:]) == {0}
