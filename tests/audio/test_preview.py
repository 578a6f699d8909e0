"""Hearing one paragraph before anything is saved."""

from pathlib import Path

import pytest

from audio.preview import PreviewFailed, preview
from audio.sources import Manner
from audio.speech.specs import ServiceSpec
from audio.speech.voices import Listed, Voices
from tests.audio import sounds


def test_a_paragraph_becomes_sound_about_as_loud_as_the_clip_will_be(tmp_path: Path) -> None:
    made = preview("Kính thưa bà con nhân dân. Chiều nay có mưa to.", "vi-south", Manner(), Voices(), tmp_path)
    assert made.whole
    assert made.fallbacks == ()
    (tmp_path / "heard.ogg").write_bytes(made.sound)
    assert sounds.measured(tmp_path / "heard.ogg").lufs == pytest.approx(-16, abs=2)
    assert [path.name for path in tmp_path.iterdir()] == ["heard.ogg"]


def test_of_a_long_paragraph_the_beginning_is_heard(tmp_path: Path) -> None:
    made = preview("Câu này không ngắn cũng không dài. " * 60, "vi", Manner(rate=140), Voices(), tmp_path)
    assert not made.whole
    (tmp_path / "heard.ogg").write_bytes(made.sound)
    assert 20 < len(sounds.decoded(tmp_path / "heard.ogg")) / 96_000 < 120


def test_a_voice_that_fails_is_replaced_and_told(tmp_path: Path) -> None:
    nobody = ServiceSpec("http://127.0.0.1:9/", body="{text}", attempt_seconds=1, tries=1)
    made = preview("Xin chào.", "service:x", Manner(), Voices([Listed("service:x", "x", "vi", nobody)]), tmp_path)
    assert [(each.voice, each.code) for each in made.fallbacks] == [("service:x", "service-unreachable")]
    assert made.sound.startswith(b"OggS")


def test_nothing_to_say_makes_no_sound(tmp_path: Path) -> None:
    with pytest.raises(PreviewFailed):
        preview("…", "vi", Manner(), Voices(), tmp_path)
